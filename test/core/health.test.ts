import t from 'tap';
import { type Health, type HealthStep, healthOf, step, UNKNOWN } from '../../src/core/health.ts';
import type { Outcome } from '../../src/core/outcome.ts';

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  P: { outcome: 'pass' },
  F: { outcome: 'fail', reason: 'refused', phase: 'connect', detail: '' },
  I: { outcome: 'inconclusive', reason: 'EMFILE', detail: '' },
};
const POLICY = { fall: 3, rise: 2 };

/** Counts a string of outcomes: `P` pass, `F` fail, `I` inconclusive. */
function steps(health: Health, outcomes: string, policy = POLICY): HealthStep {
  let last: HealthStep = { health, changed: false, suspect: false };
  for (const letter of outcomes) last = step(last.health, OUTCOMES[letter] as Outcome, policy);
  return last;
}

/** `up, 1 fails, suspect`: the verdict and how far the counting towards another one has come. */
function inWords({ health, changed, suspect }: HealthStep): string {
  const progress = health.status === 'down' ? `${health.passes} passes` : `${health.fails} fails`;
  return [health.status, progress, ...(changed ? ['changed'] : []), ...(suspect ? ['suspect'] : [])].join(', ');
}

t.test('step(): every row of the table', async (t) => {
  const rows: [from: Health, outcomes: string, to: string][] = [
    [UNKNOWN, 'P', 'up, 0 fails, changed'],
    [UNKNOWN, 'F', 'unknown, 1 fails, suspect'],
    [UNKNOWN, 'FF', 'unknown, 2 fails, suspect'],
    [UNKNOWN, 'FFF', 'down, 0 passes, changed'],
    [UNKNOWN, 'I', 'unknown, 0 fails'],
    [UNKNOWN, 'FP', 'up, 0 fails, changed'],
    [healthOf('up'), 'P', 'up, 0 fails'],
    [healthOf('up'), 'F', 'up, 1 fails, suspect'],
    [healthOf('up'), 'FF', 'up, 2 fails, suspect'],
    [healthOf('up'), 'FFP', 'up, 0 fails'],
    [healthOf('up'), 'FFF', 'down, 0 passes, changed'],
    [healthOf('up'), 'I', 'up, 0 fails'],
    [healthOf('down'), 'P', 'down, 1 passes'],
    [healthOf('down'), 'PP', 'up, 0 fails, changed'],
    [healthOf('down'), 'F', 'down, 0 passes'],
    [healthOf('down'), 'PF', 'down, 0 passes'],
    [healthOf('down'), 'I', 'down, 0 passes'],
  ];
  for (const [from, outcomes, to] of rows) t.equal(inWords(steps(from, outcomes)), to, `${from.status} ${outcomes}`);
});

t.test('step() takes an inconclusive probe for none at all', async (t) => {
  t.equal(inWords(steps(healthOf('up'), 'FIF')), 'up, 2 fails, suspect');
  t.equal(inWords(steps(healthOf('up'), 'FFI')), 'up, 2 fails, suspect', 'the confirmation goes on');
  t.equal(inWords(steps(healthOf('up'), 'FFIF')), 'down, 0 passes, changed');
  t.equal(inWords(steps(healthOf('down'), 'PI')), 'down, 1 passes');
  t.equal(steps(healthOf('up'), 'F').health.recent, steps(healthOf('up'), 'FI').health.recent, 'nor is it remembered');
});

t.test('step() with fall 1 and rise 1 goes by each probe', async (t) => {
  const policy = { fall: 1, rise: 1 };
  t.equal(inWords(steps(UNKNOWN, 'F', policy)), 'down, 0 passes, changed');
  t.equal(inWords(steps(healthOf('up'), 'F', policy)), 'down, 0 passes, changed');
  t.equal(inWords(steps(healthOf('up'), 'FP', policy)), 'up, 0 fails, changed');
});

t.test('step() says when an endpoint begins to flap, and confirms its fails until they can be trusted', async (t) => {
  const flapping = steps(healthOf('up'), 'FPF');
  t.match(flapping, { changed: true, suspect: true, health: { status: 'up', flapping: true } }, 'while it is up');

  const down = steps(flapping.health, 'FF');
  t.match(down, { changed: true, suspect: true, health: { status: 'down', flapping: true } }, 'confirmed beyond down');
  t.match(steps(down.health, 'P'), { suspect: false }, 'not after a pass');
  t.match(steps(down.health, 'F'.repeat(12)), { suspect: true, health: { flapping: true } }, '15 fails');
  t.match(
    steps(down.health, 'F'.repeat(13)),
    { changed: true, suspect: false, health: { status: 'down', flapping: false } },
    '16 fails are an outage',
  );

  t.match(steps(healthOf('up'), 'FPFFFPPP'), { changed: false, health: { status: 'up', flapping: true } });
  const calm = steps(flapping.health, 'P'.repeat(30));
  t.match(calm, { changed: true, health: { status: 'up', flapping: false } }, 'its fails are forgotten in the end');
});

t.test('healthOf() gives a verdict without a past', async (t) => {
  t.strictSame(healthOf('up'), { status: 'up', fails: 0, recent: 0, flapping: false });
  t.strictSame(healthOf('down'), { status: 'down', passes: 0, recent: 0, flapping: false });
  t.strictSame(healthOf('unknown'), UNKNOWN);
});
