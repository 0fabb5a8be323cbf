/**
 * The prober's own uplink is cut, in a network namespace, for longer than it takes to call both servers down. Proves that no
 * record moves, also when failoverd is killed and started again meanwhile, that the alarm `prober_blind` says why, and that
 * failover works as soon as the cable is back.
 * `npm run faults` does it for 10 minutes, and with half of all packets lost.
 */
import { spawnSync } from 'node:child_process';
import t from 'tap';
import { playNetwork } from './long/network.ts';

const probe = `fo-try-${process.pid}`;
const isPermitted = spawnSync('ip', ['netns', 'add', probe]).status === 0;
if (isPermitted) spawnSync('ip', ['netns', 'delete', probe]);
const skip = isPermitted ? false : 'network namespaces are not permitted here';

t.test('an uplink that is cut moves no record', { skip }, async (t) => {
  const { kept, seen } = await playNetwork('cut', 30);
  t.ok(kept, seen);
});
