import t from 'tap';
import { createTestEngine, PASS, REFUSED, record, ZONE, zone } from '../helpers/engine.ts';

const PRIMARY = '192.0.2.10';
const BACKUP = '198.51.100.20';
const ORDER = { actor: 'alice', reason: 'kernel update' };

async function onPrimary(over: Parameters<typeof record>[0] = {}) {
  const test = createTestEngine();
  await test.apply(zone(record(over)));
  test.probe(PRIMARY, PASS);
  test.probe(BACKUP, PASS);
  await test.engine.publisher.settled();
  return test;
}

t.test('switchTo() answers with the target, and release() lets the prober decide again at once', async (t) => {
  const { engine, transitions, clock } = await onPrimary();
  clock.advance(60_000);
  t.same(engine.orders.switchTo(ZONE, { ...ORDER, target: 'backup', forMs: null, force: false }), { ok: true });
  await engine.publisher.settled();
  t.match(transitions.at(-1), { cause: 'override', toTarget: 'backup', toAddresses: [BACKUP], ...ORDER });
  t.same(engine.orders.release(ZONE, { actor: 'bob', reason: 'done' }), { ok: true });
  await engine.publisher.settled();
  t.match(transitions.at(-1), { cause: 'release', toTarget: 'primary', actor: 'bob', reason: 'done' });
});

t.test('switchTo() ends by itself after its time, on the monotonic clock', async (t) => {
  const { engine, transitions, clock } = await onPrimary();
  engine.orders.switchTo(ZONE, { ...ORDER, target: 'backup', forMs: 60_000, force: false });
  clock.stepWall(3_600_000);
  clock.advance(59_999);
  await engine.publisher.settled();
  t.equal(transitions.at(-1)?.cause, 'override');
  clock.advance(1);
  await engine.publisher.settled();
  t.match(transitions.at(-1), {
    cause: 'release',
    toTarget: 'primary',
    actor: 'prober',
    reason: 'the override has expired',
  });
});

t.test('switchTo() refuses a target that is down, unless forced, and one that does not exist', async (t) => {
  const { engine, transitions, probe } = await onPrimary();
  probe(BACKUP, REFUSED, 3);
  const before = transitions.length;
  const order = { ...ORDER, target: 'backup', forMs: null };
  t.same(engine.orders.switchTo(ZONE, { ...order, force: false }), {
    ok: false,
    problem: 'backup is down; force the switch if you must',
  });
  t.same(engine.orders.switchTo(ZONE, { ...order, target: 'bakcup', force: true }), {
    ok: false,
    problem: 'there is no target "bakcup"; the record has primary, backup',
  });
  await engine.publisher.settled();
  t.equal(transitions.length, before);
  t.same(engine.orders.switchTo(ZONE, { ...order, force: true }), { ok: true });
  await engine.publisher.settled();
  t.match(transitions.at(-1), { cause: 'override', toAddresses: [BACKUP] });
});

t.test(
  'drain() leaves the target at once and keeps it out; undrain() lets it return after failback.after',
  async (t) => {
    const { engine, transitions, clock } = await onPrimary();
    engine.orders.drain(ZONE, 'primary', ORDER);
    await engine.publisher.settled();
    t.match(transitions.at(-1), { cause: 'config', toTarget: 'backup', ...ORDER });
    clock.advance(600_000);
    await engine.publisher.settled();
    t.equal(transitions.at(-1)?.toTarget, 'backup');
    engine.orders.undrain(ZONE, 'primary', ORDER);
    await engine.publisher.settled();
    t.match(transitions.at(-1), { cause: 'failback', toTarget: 'primary' }, 'it was up all the time');
  },
);

t.test('an order without a transition is kept for a restart', async (t) => {
  const { engine, commits } = await onPrimary();
  engine.orders.drain(ZONE, 'backup', ORDER);
  t.match(commits.at(-1), { transition: null, state: { record: ZONE, state: { drained: ['backup'] } } });
});

t.test('failback() returns in spite of failback: manual, and only to a better target that is up', async (t) => {
  const { engine, transitions, probe, clock } = await onPrimary({ failback: { mode: 'manual', afterMs: 60_000 } });
  t.match(engine.orders.failback(ZONE, ORDER), { ok: false, problem: 'no target that is better than primary is up' });
  probe(PRIMARY, REFUSED, 3);
  t.match(engine.orders.failback(ZONE, ORDER), { ok: false, problem: 'no target that is better than backup is up' });
  probe(PRIMARY, PASS, 3);
  clock.advance(3_600_000);
  await engine.publisher.settled();
  t.equal(transitions.at(-1)?.cause, 'failover', 'not by itself');
  t.same(engine.orders.failback(ZONE, ORDER), { ok: true });
  await engine.publisher.settled();
  t.match(transitions.at(-1), { cause: 'failback', toTarget: 'primary', ...ORDER });
});

t.test('preview says what an order would do and leaves everything as it is', async (t) => {
  const { engine, transitions, probe } = await onPrimary();
  const { preview } = engine.orders;
  const before = engine.orders.generation(ZONE);
  const order = { ...ORDER, target: 'backup', forMs: null, force: false };
  t.same(preview.switchTo(ZONE, order), {
    ok: true,
    preview: {
      from: { target: 'primary', addresses: [PRIMARY] },
      wouldAnswer: { target: 'backup', addresses: [BACKUP] },
      warnings: [],
    },
  });
  t.match(preview.drain(ZONE, 'primary', ORDER), { preview: { wouldAnswer: { target: 'backup' } } });
  t.match(preview.drain(ZONE, 'backup', ORDER), { preview: { wouldAnswer: { target: 'primary' } } });
  t.match(preview.release(ZONE, ORDER), { ok: false, problem: 'there is no override to release' });
  probe(BACKUP, REFUSED, 3);
  t.match(preview.switchTo(ZONE, order), { ok: false, problem: /backup is down/ });
  t.match(preview.switchTo(ZONE, { ...order, force: true }), { preview: { warnings: ['backup is down'] } });
  await engine.publisher.settled();
  t.equal(engine.orders.generation(ZONE), before, 'nothing has changed');
  t.equal(transitions.length, 1);
});

t.test(
  'the generation of a record rises with every order, drain, transition and config, and never comes again',
  async (t) => {
    const { engine, apply, probe } = await onPrimary();
    const seen = [engine.orders.generation(ZONE) ?? 0];
    const look = () => seen.push(engine.orders.generation(ZONE) ?? 0);
    engine.orders.drain(ZONE, 'backup', ORDER);
    look();
    engine.orders.undrain(ZONE, 'backup', ORDER);
    look();
    probe(PRIMARY, REFUSED, 3);
    look();
    await apply(zone(record()));
    look();
    t.same(
      seen,
      [...new Set(seen)].sort((a, b) => a - b),
      seen.join(' '),
    );
    t.ok(
      (seen[0] ?? 0) > Date.UTC(2025, 0, 1),
      'it starts at the time of day: what a client saw before a restart is stale',
    );
    t.equal(engine.orders.generation(`other.${ZONE}` as typeof ZONE), null);
  },
);
