import t from 'tap';
import type { CheckSpec } from '../../src/core/check.ts';
import { type Health, healthOf, step } from '../../src/core/health.ts';
import { JITTER, predict } from '../../src/core/predict.ts';
import type { RecordSpec } from '../../src/core/record.ts';
import { name } from '../helpers/names.ts';

type Timing = Pick<CheckSpec, 'intervalMs' | 'timeoutMs' | 'confirmMs' | 'fall'>;

function record(ttlSeconds: number, ...timings: readonly Timing[]): RecordSpec {
  return {
    name: name('app.example.com'),
    zone: name('app.example.com'),
    ttlSeconds,
    targets: timings.map((timing, i) => ({
      name: `target${i}`,
      endpoints: [{ id: `${i}`, address: `192.0.2.${i}`, family: 4, check: checkOf(timing) }],
      minHealthy: 1,
    })),
    families: 'together',
    allDown: 'keep',
    failback: { mode: 'auto', afterMs: 60_000 },
  };
}

function checkOf(timing: Timing): CheckSpec {
  const tcp = { kind: 'tcp', port: 80, greeting: null, maxBodyBytes: 0 } as const;
  return { ...tcp, rise: 3, sourceAddress: null, sentinel: false, ...timing };
}

const DEFAULTS = { intervalMs: 5000, timeoutMs: 2000, confirmMs: 1000, fall: 3 };
const FAST = { intervalMs: 1000, timeoutMs: 500, confirmMs: 200, fall: 3 };

t.test('predict() adds up interval, jitter, confirmations, timeouts and TTL', async (t) => {
  t.strictSame(predict(record(10, DEFAULTS)), { crashMs: 7250, hangMs: 11_250, clientMs: 21_350 });
  t.strictSame(predict(record(5, FAST)), { crashMs: 1450, hangMs: 2550, clientMs: 7650 });
  t.strictSame(predict(record(5, FAST, DEFAULTS)), predict(record(5, DEFAULTS, FAST)), 'the slowest endpoint counts');
  t.equal(predict(record(5, { ...FAST, fall: 1 })).crashMs, 1050, 'fall 1 confirms nothing');
});

/**
 * Plays the schedule of one endpoint that fails for good right after it has passed a probe.
 * @param late how late the next ordinary probe is, as a part of the interval.
 * @returns how long it took until it was down.
 */
function measureMs({ intervalMs, confirmMs, fall }: Timing, failsAfterMs: number, late: number): number {
  let health: Health = healthOf('up');
  let startMs = intervalMs * (1 + late);
  for (;;) {
    const endMs = startMs + failsAfterMs;
    const { health: next } = step(
      health,
      { outcome: 'fail', reason: 'timeout', phase: 'connect', detail: '' },
      { fall, rise: 3 },
    );
    if (next.status === 'down') return endMs;
    health = next;
    startMs = Math.max(startMs + confirmMs, endMs);
  }
}

t.test('predict() is what is measured in the worst case', async (t) => {
  const timings = [DEFAULTS, FAST, { ...DEFAULTS, fall: 1 }, { ...DEFAULTS, confirmMs: 3000, fall: 5 }];
  for (const timing of timings) {
    const { crashMs, hangMs } = predict(record(10, timing));
    t.equal(measureMs(timing, 0, JITTER), crashMs, 'a crash');
    t.equal(measureMs(timing, timing.timeoutMs, JITTER), hangMs, 'a hang');
    t.ok(measureMs(timing, timing.timeoutMs, 0) < hangMs, 'less without jitter');
  }
});
