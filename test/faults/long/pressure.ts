/**
 * As many queries as are answered, then four fifths of that for half a minute, while the answer flips once a second and the control
 * plane stalls for 2 s, twice. Proves that no query is lost. dnsperf asks, which waits for answers like the resolvers that it stands
 * for; the project's own generator, which never waits, does where it is not installed.
 */
import { execFile, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { dnsperf, type LoadResult } from '../../../bench/clients.ts';
import { type Stage, setStage, type Target } from '../stage.ts';
import { STALL } from './process.ts';
import type { Outcome, Scenario } from './scenario.ts';

const SECONDS = 30;
const MAXIMUM_SECONDS = 8;
const SHARE = 0.8;
const FLIP_EVERY_MS = 1_000;
const STALLS_AFTER_MS = [8_000, 18_000];

type Ask = (queriesPerSecond: number, seconds: number) => Promise<LoadResult>;

export const pressure: Scenario = {
  name: 'pressure',
  proves: 'four fifths of the maximum, a transition a second, the control plane stalled for 2 s: no query lost',
  async run() {
    const stage = await setStage({ env: STALL });
    const outcomes = [await press(stage, "the project's own generator", stage.load)];
    if (spawnSync('dnsperf', ['-h']).error === undefined)
      outcomes.push(await press(stage, 'dnsperf', asDnsperf(stage)));
    await stage.close();
    return outcomes;
  },
};

async function press(stage: Stage, who: string, ask: Ask): Promise<Outcome> {
  const most = await ask(0, MAXIMUM_SECONDS);
  const maximum = most.answered / most.seconds;
  const before = stage.rows().length;
  const end = new AbortController();
  const flipping = flip(stage, end.signal);
  const stalling = Promise.all(STALLS_AFTER_MS.map((ms) => stallAfter(stage, ms)));
  const { sent, lost, seconds } = await ask(Math.round(SHARE * maximum), SECONDS);
  end.abort();
  await Promise.all([flipping, stalling]);
  await sleep(500);
  const transitions = stage.rows().length - before;
  return {
    kept: lost === 0,
    seen: `${who}: ${Math.round(maximum)} queries a second at most; then ${Math.round(sent / seconds)} a second with ${transitions} transitions and ${STALLS_AFTER_MS.length} stalls of 2 s: ${sent} queries, ${lost} lost`,
  };
}

async function flip(stage: Stage, end: AbortSignal): Promise<void> {
  for (let n = 0; !end.aborted; n++) {
    const target: Target = n % 2 === 0 ? 'backup' : 'primary';
    await Promise.all([stage.switchTo(target), sleep(FLIP_EVERY_MS)]);
  }
}

async function stallAfter(stage: Stage, ms: number): Promise<void> {
  await sleep(ms);
  const from = stage.served().lines.length;
  stage.served().process.kill('SIGUSR2');
  await stage.served().line(/"stall":"ends"/, from);
}

function asDnsperf({ dnsPort, queryFile }: Stage): Ask {
  return async (rate, seconds) => {
    const load = { queries: queryFile, seconds, warmupSeconds: 0, sockets: 8, window: 200, rate };
    const [file = '', ...args] = dnsperf.command(load, dnsPort, seconds);
    return dnsperf.parse((await promisify(execFile)(file, args)).stdout);
  };
}
