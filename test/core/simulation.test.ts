/** The promises of detection and decision in time: the simulator's fake clock and scheduler around the very functions that run. */
import fc from 'fast-check';
import t from 'tap';
import { DEFAULTS, Failoverd, type Policy, type Row, recordOf } from '../../bench/simulator/failoverd.ts';
import { FLAPPING, PARTITION } from '../../bench/simulator/patterns.ts';
import { createRandom } from '../../bench/simulator/random.ts';
import type { Condition, Scenario, Subject } from '../../bench/simulator/world.ts';
import { predict } from '../../src/core/predict.ts';

const HOUR_MS = 3_600_000;
const OK: Condition = { kind: 'ok' };
const HALF_LOST: Condition = { kind: 'losing', share: 0.5 };

function scenario(durationMs: number, condition: (subject: Subject, atMs: number) => Condition): Scenario {
  return { durationMs, condition, faults: [] };
}

function play(policy: Policy, played: Scenario, seed: string): readonly Row[] {
  return new Failoverd(policy, played, createRandom(seed)).play();
}

/** A transition is a change of the active target. */
function isTransition({ before, change }: Row): boolean {
  return change.target !== before.activeTarget;
}

t.test('half of the primary’s probes lost for an hour: at most 2 rows in the history', async (t) => {
  const lossy = scenario(HOUR_MS, (subject) => (subject === 'primary' ? HALF_LOST : OK));
  const rows = Array.from({ length: 200 }, (_, i) => play(DEFAULTS, lossy, `primary ${i}`).length);
  t.equal(Math.max(...rows), 1, 'one failover, and it stays on the backup');
});

t.test(
  'half of all probes lost for an hour: half a transition on average, more than 2 in 1 of 100 hours',
  async (t) => {
    const lossy = scenario(HOUR_MS, () => HALF_LOST);
    const hours = Array.from({ length: 300 }, (_, i) => play(DEFAULTS, lossy, `all ${i}`).filter(isTransition).length);
    const mean = hours.reduce((a, b) => a + b) / hours.length;
    t.ok(mean < 0.8, `${mean} transitions an hour`);
    t.ok(
      hours.filter((count) => count > 2).length <= 6,
      `${hours.filter((count) => count > 2).length} of 300 had more`,
    );
  },
);

const anyPolicy: fc.Arbitrary<Policy> = fc
  .record({
    intervalMs: fc.integer({ min: 1000, max: 30_000 }),
    timeoutShare: fc.double({ min: 0.05, max: 0.99, noNaN: true }),
    confirmMs: fc.integer({ min: 100, max: 5000 }),
    fall: fc.integer({ min: 1, max: 6 }),
    rise: fc.integer({ min: 1, max: 6 }),
    witnesses: fc.boolean(),
  })
  .map(({ intervalMs, timeoutShare, ...rest }) => ({
    ...rest,
    intervalMs,
    timeoutMs: Math.max(50, intervalMs * timeoutShare),
    failback: DEFAULTS.failback,
  }));

t.test(
  'a primary that fails for good is left within the predicted bound, whatever the policy and the phase',
  async () => {
    fc.assert(
      fc.property(
        anyPolicy,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        fc.nat(),
        (policy, phase, hangs, seed) => {
          const failsAtMs = 3 * policy.intervalMs + phase * 60_000;
          const failed: Condition = { kind: hangs ? 'unreachable' : 'refusing' };
          const { crashMs, hangMs } = predict(recordOf(policy));
          // A refusal takes a round trip of 20 ms, in which the next probe may be due.
          const boundMs = hangs ? hangMs : crashMs + 20 * policy.fall;
          const dies = scenario(failsAtMs + boundMs + 1, (subject, atMs) =>
            subject === 'primary' && atMs >= failsAtMs ? failed : OK,
          );
          const [first, ...more] = play(policy, dies, `${seed}`);
          if (first?.change.target !== 'backup' || more.length > 0) throw new Error(`not within ${boundMs} ms`);
        },
      ),
      { numRuns: 3000 },
    );
  },
);

t.test(
  'a primary that fails for good while half of all probes get lost is left, too: 16 fails are enough',
  async (t) => {
    const policy = DEFAULTS;
    const boundMs = policy.intervalMs * 1.05 + 16 * policy.timeoutMs;
    for (let i = 0; i < 100; i++) {
      const diesAtMs = 600_000 + i * 97;
      const dies = scenario(diesAtMs + boundMs + 1, (subject, atMs) => {
        if (atMs < diesAtMs) return HALF_LOST;
        return subject === 'primary' ? { kind: 'unreachable' } : OK;
      });
      const last = play(policy, dies, `dies ${i}`).findLast(isTransition);
      t.equal(last?.change.target, 'backup', `run ${i}`);
    }
  },
);

t.test('a prober that is cut off changes nothing with witnesses', async (t) => {
  for (let i = 0; i < 50; i++) {
    const cutOff = PARTITION.scenario(createRandom(`partition ${i}`));
    t.strictSame(play({ ...DEFAULTS, witnesses: true }, cutOff, `sees ${i}`), [], `run ${i}`);
  }
  const cutOff = PARTITION.scenario(createRandom('partition'));
  t.not(play(DEFAULTS, cutOff, 'trusts').length, 0, 'without them it does');
});

t.test('a primary that flaps with any period from 1 s to 10 min costs at most 8 transitions an hour', async (t) => {
  for (const { name, scenario } of FLAPPING) {
    const hours = Array.from({ length: 10 }, (_, i) =>
      play(DEFAULTS, scenario(createRandom(`flaps ${i}`)), `${i}`).filter(isTransition),
    );
    const most = Math.max(...hours.map((transitions) => transitions.length));
    t.ok(most <= 8, `${name}: ${most}`);
  }
});
