/**
 * Plays `replace-scenes.ts` in a network of its own, where Linux is told to hand a connection that is on its way to a closing
 * listener over to the listener beside it (`tcp_migrate_req`): without that it resets some, whatever the listener does. Where
 * no network can be made the scenes are played here, and what became of such connections is not judged.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import t from 'tap';

const SCENES = path.join(import.meta.dirname, 'replace-scenes.ts');
const PREPARE = 'ip link set lo up && sysctl -qw net.ipv4.tcp_migrate_req=1';

const inOwnNetwork = (...command: readonly string[]): string[] => [
  ...['--net', 'sh', '-c', `${PREPARE} && exec "$@"`, 'sh'],
  ...command,
];

if (spawnSync('unshare', inOwnNetwork('true')).status === 0) {
  const env = { ...process.env, TAP: '1', TAP_TIMEOUT: '300' };
  t.spawn('unshare', inOwnNetwork(process.execPath, SCENES), { env }, 'in a network of its own');
} else {
  await import('./replace-scenes.ts');
}
