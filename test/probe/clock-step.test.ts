import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';

t.jobs = 2;

const SOURCE = new URL('../../src/probe/heartbeat.ts', import.meta.url);
const HELPERS = new URL('./helpers.ts', import.meta.url);

/** Beats with the real node-cron, on a wall clock that is set at the second beat. Ends at the third beat after that. */
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
  let beats = 0;
  const heartbeat = new Heartbeat(systemClock, silentLog);
  heartbeat.start(() => {
    beats += 1;
    if (beats === 2) offsetMs = Number(process.argv[1]);
    if (beats === 5) heartbeat.stop();
  });
`;

// Without the watch it is silent for an hour, or works through 31,536,000 seconds.
for (const [name, stepMs] of [
  ['an hour back', -3_600_000],
  ['a year ahead', 31_536_000_000],
] as const) {
  t.test(`Heartbeat with node-cron goes on when the wall clock is set ${name}`, async (t) => {
    const args = ['--input-type=module', '--eval', SCRIPT, '--', String(stepMs)];
    await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
    t.pass('three more beats');
  });
}
