/** The part of network.ts that runs in the prober's namespace. Arguments: the other namespace, `cut` or `loss`, seconds. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readHistory } from '../../../src/history/queries.ts';
import { type Backend, startBackend } from '../../helpers/backend.ts';
import { digUntil, serve, status } from '../../helpers/serve.ts';
import { NAME, until } from '../stage.ts';
import { ip } from './network.ts';
import type { Outcome } from './scenario.ts';

const [outside = '', what = 'cut', seconds = '10'] = process.argv.slice(2);
const PORT = 8080;
const [PRIMARY, BACKUP] = ['10.98.0.2', '10.98.0.3'];

const CONFIG = `
listen: ["127.0.0.1:0"]
workers: 1
admin: {listen: "127.0.0.1:0"}
prober: {witnesses: ["10.98.0.4:${PORT}", "10.98.0.5:${PORT}"]}
zones:
  ${NAME}:
    nameservers: {ns1.${NAME}: 127.0.0.1, ns2.${NAME}: 127.0.0.1}
    records:
      "@": {primary: ${PRIMARY}, backup: ${BACKUP}, failback: manual, check: "http://${NAME}:${PORT}/"}
`;

const FAULTS: Readonly<Record<string, { begin(): void; end(): void }>> = {
  cut: {
    begin: () => ip('-n', outside, 'link', 'set', 'up1', 'down'),
    end: () => ip('-n', outside, 'link', 'set', 'up1', 'up'),
  },
  loss: { begin: () => drop('-A'), end: () => drop('-D') },
};

/** Half of what comes in. */
function drop(how: '-A' | '-D'): void {
  const rule = ['-i', 'up0', '-m', 'statistic', '--mode', 'random', '--probability', '0.5', '-j', 'DROP'];
  const { status: code, stderr } = spawnSync('iptables', [how, 'INPUT', ...rule], { encoding: 'utf8' });
  if (code !== 0) throw new Error(`iptables: ${stderr}`);
}

async function play(directory: string, primary: Backend): Promise<Outcome> {
  let served = await serve(directory, CONFIG);
  await digUntil(served.dnsPort, NAME, PRIMARY);
  await until('all verdicts', async () =>
    (await status(served)).records.every(({ targets }) => targets.every((target) => target.status === 'up')),
  );
  const fault = FAULTS[what];
  if (!fault) throw new Error(`there is no fault ${what}`);
  fault.begin();
  const begunEpochMs = Date.now();
  const untilMs = performance.now() + Number(seconds) * 1_000;
  let blindMs = 0;
  let isRestarted = what !== 'cut';
  let blindAgain = false;
  let alarmAfterMs: number | null = null;
  while (performance.now() < untilMs) {
    const isBlind = (await status(served)).alarms.some(({ name }) => name === 'prober_blind');
    if (isBlind) blindMs += 500;
    if (isBlind && isRestarted) blindAgain = true;
    if (!isRestarted && performance.now() > untilMs - Number(seconds) * 500) {
      await served.stop('SIGKILL'); // a start in the middle of it is as blind
      served = await serve(directory, CONFIG);
      isRestarted = true;
    }
    if (isBlind) alarmAfterMs ??= Number(seconds) * 1_000 - (untilMs - performance.now());
    await sleep(500);
  }
  fault.end();
  await sleep(12_000); // whatever follows from it would have followed
  const wrong = rowsOf(directory, begunEpochMs).slice(1);
  await primary.kill();
  const failoverMs = wrong.at(-1)?.includes('to backup') ? Number.NaN : await digUntil(served.dnsPort, NAME, BACKUP);
  await served.stop();
  const alarm =
    alarmAfterMs === null
      ? 'no alarm'
      : `prober_blind after ${(alarmAfterMs / 1000).toFixed(1)} s, for ${Math.round(blindMs / 1000)} s in all`;
  const name = what === 'cut' ? 'uplink cut, with a kill -9 and a start in the middle,' : 'half of all packets lost';
  return {
    kept: wrong.length === 0 && (what !== 'cut' || (alarmAfterMs !== null && blindAgain)),
    seen: `${name} for ${seconds} s: ${wrong.length} transitions${wrong.length > 0 ? ` (${wrong.join(', ')})` : ''}; ${alarm}; a failover afterwards took ${(failoverMs / 1000).toFixed(1)} s`,
  };
}

/** The oldest first, with the time since the fault began. */
function rowsOf(directory: string, begunEpochMs: number): readonly string[] {
  const read = readHistory(path.join(directory, 'failoverd.db'), (reader) => reader.transitions({ limit: 1_000 }));
  if (!read.ok) throw new Error(read.reason);
  const seconds = (at: string): string => ((Date.parse(at) - begunEpochMs) / 1000).toFixed(1);
  return read.value
    .map(({ at, cause, toTarget, reason }) => `${cause} to ${toTarget} after ${seconds(at)} s: ${reason}`)
    .reverse();
}

const within = ['ip', 'netns', 'exec', outside];
const hosts = [PRIMARY, BACKUP, '10.98.0.4', '10.98.0.5'];
const servers = await Promise.all(hosts.map((host) => startBackend(host, PORT, within)));
const directory = mkdtempSync(path.join(os.tmpdir(), 'failoverd-network-'));
try {
  const [primary] = servers;
  if (!primary) throw new Error('there is no server');
  process.stdout.write(`${JSON.stringify(await play(directory, primary))}\n`);
} finally {
  await Promise.all(servers.map((server) => server.kill()));
  rmSync(directory, { recursive: true, force: true });
}
