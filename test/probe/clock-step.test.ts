import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';

t.jobs = 2;

const SOURCE = new URL('../../src/probe/heartbeat.ts', import.meta.url);
const HELPERS = new URL('./helpers.ts', import.meta.url);

/** Beats with the real node-cron, on a wall clock that is set after 1.5 s. Prints when it beat, and the longest stall. */
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
  const beats = [];
  const heartbeat = new Heartbeat(systemClock, silentLog);
  const startedAtMs = performance.now();
  heartbeat.start(() => beats.push(performance.now() - startedAtMs));
  const steppedBy = Number(process.argv[1]);
  setTimeout(() => (offsetMs = steppedBy), 1500);
  setTimeout(() => {
    heartbeat.stop();
    console.log(JSON.stringify(beats));
  }, 6000);
`;

for (const [name, stepMs] of [
  ['an hour back', -3_600_000],
  ['a day ahead', 86_400_000],
] as const) {
  t.test(`Heartbeat with node-cron goes on when the wall clock is set ${name}`, async (t) => {
    const args = ['--input-type=module', '--eval', SCRIPT, '--', String(stepMs)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const beats: number[] = JSON.parse(stdout);
    const pauses = beats.slice(1).map((beatMs, index) => beatMs - (beats[index] ?? 0));
    t.ok(beats.length >= 4, `${beats.length} beats`);
    t.ok(Math.max(...pauses) < 3000, `pauses of ${pauses.map(Math.round)} ms`);
  });
}
