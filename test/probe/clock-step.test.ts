import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';

t.jobs = 3;

const SOURCE = new URL('../../src/probe/heartbeat.ts', import.meta.url);
const HELPERS = new URL('./helpers.ts', import.meta.url);

/**
 * Beats with the real node-cron, on a wall clock that is set at the worst moment: behind the second beat, 10 ms before the next,
 * in a turn of the event loop that outlasts it. Ends at the third beat after that.
 */
const SCRIPT = `
  const RealDate = Date;
  let offsetMs = 0;
  globalThis.Date = class extends RealDate {
    constructor(...args) {
      if (args.length === 0) super(RealDate.now() + offsetMs);
      else super(...args);
    }
    static now() {
      return RealDate.now() + offsetMs;
    }
  };
  const { Heartbeat } = await import('${SOURCE}');
  const { silentLog, systemClock } = await import('${HELPERS}');
  const step = () => {
    offsetMs = Number(process.argv[1]);
    const stepped = performance.now();
    while (performance.now() < stepped + 20);
  };
  let beats = 0;
  const heartbeat = new Heartbeat(systemClock, silentLog);
  heartbeat.start(() => {
    beats += 1;
    if (beats === 2) setTimeout(step, 990 - (Date.now() % 1000));
    if (beats === 5) heartbeat.stop();
  });
`;

// Without the watch it is silent for an hour; with one task for all seconds it works through each of them.
for (const [name, stepMs] of [
  ['an hour back', -3_600_000],
  ['a day ahead', 86_400_000],
  ['from 1970 to now, as where nothing keeps the time', 56 * 31_557_600_000],
] as const) {
  t.test(`Heartbeat with node-cron goes on when the wall clock is set ${name}`, async (t) => {
    const args = ['--input-type=module', '--eval', SCRIPT, '--', String(stepMs)];
    // It ends by itself, or not at all.
    await promisify(execFile)(process.execPath, args, { timeout: 120_000, killSignal: 'SIGKILL' });
    t.pass('three more beats');
  });
}
