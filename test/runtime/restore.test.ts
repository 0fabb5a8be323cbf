/**
 * What a restart brings back, through a real database: an engine decides, the history writes what it commits, another process's
 * worth of history reads it, and a second engine goes on where the first one ended.
 */
import path from 'node:path';
import t, { type Test } from 'tap';
import { createHistory } from '../../src/history/history.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import type { RestoredState } from '../../src/runtime/ports.ts';
import { createTestEngine, endpoint, PASS, REFUSED, record, ZONE, zone } from '../helpers/engine.ts';

const PRIMARY = '192.0.2.10';
const BACKUP = '198.51.100.20';
const silent = { debug() {}, info() {}, warn() {}, error() {} };

type TestEngine = ReturnType<typeof createTestEngine>;

function open(file: string) {
  return createHistory({ path: file, clock: systemClock, log: silent });
}

/** An engine whose both targets are up, on its primary. */
async function started(): Promise<TestEngine> {
  const engine = createTestEngine();
  await engine.apply(zone(record()));
  engine.probe(PRIMARY, PASS);
  engine.probe(BACKUP, PASS);
  return engine;
}

/** Writes what the engine has committed, and reads it as the next start does. */
async function restart(t: Test, { engine, commits, clock }: TestEngine): Promise<TestEngine> {
  await engine.stop();
  const file = path.join(t.testdir(), 'failoverd.db');
  const first = open(file);
  await first.restore();
  for (const entry of commits) await first.commit(entry);
  for (const { id } of [endpoint(PRIMARY), endpoint(BACKUP)]) {
    const { health, sinceEpochMs } = engine.context.endpoints.get(id) ?? {};
    if (health && health.status !== 'unknown' && sinceEpochMs != null)
      first.recordHealth(id, { status: health.status, sinceEpochMs });
  }
  await first.close();
  const second = open(file);
  const restored: RestoredState = await second.restore();
  await second.close();
  const next = createTestEngine(restored);
  next.clock.advance(clock.epochMs() - next.clock.epochMs());
  await next.apply(zone(record()));
  return next;
}

const state = ({ engine }: TestEngine) => engine.tracks()[0]?.state;
const answered = ({ events }: TestEngine) => events.find(([kind]) => kind === 'deliver')?.slice(1);

t.test('a restart on the backup delivers the backup before any probe, with a serial that has grown', async (t) => {
  const before = await started();
  before.probe(PRIMARY, REFUSED, 3);
  const after = await restart(t, before);
  t.same(answered(after), [BACKUP]);
  t.match(state(after), { activeTarget: 'backup', sinceEpochMs: state(before)?.sinceEpochMs });
  const [serial] = after.engine.publisher.serials();
  t.ok((serial?.serial ?? 0) > (before.engine.publisher.serials()[0]?.serial ?? Number.POSITIVE_INFINITY));
  t.same(after.transitions, [], 'it is no transition');
});

t.test('a restart keeps health with its age, and needs the full fall again before it flips anything', async (t) => {
  const after = await restart(t, await started());
  const health = () => after.engine.context.endpoints.get(endpoint(PRIMARY).id);
  t.equal(health()?.health.status, 'up');
  t.equal(health()?.sinceEpochMs, Date.UTC(2026, 0, 1));
  after.probe(PRIMARY, REFUSED, 2);
  t.equal(state(after)?.activeTarget, 'primary');
  after.probe(PRIMARY, REFUSED);
  t.equal(state(after)?.activeTarget, 'backup');
});

t.test('a restart keeps an override with what is left of it, and its expiry is a release', async (t) => {
  const before = await started();
  before.engine.orders.switchTo(ZONE, {
    actor: 'alice',
    reason: 'update',
    target: 'backup',
    forMs: 120_000,
    force: false,
  });
  before.clock.advance(20_000);
  const after = await restart(t, before);
  t.same(answered(after), [BACKUP]);
  t.match(state(after)?.override, { target: 'backup', actor: 'alice', reason: 'update' });
  after.probe(PRIMARY, PASS);
  after.clock.advance(99_999);
  t.equal(state(after)?.activeTarget, 'backup');
  after.clock.advance(1);
  await after.engine.publisher.settled();
  t.match(after.transitions.at(-1), { cause: 'release', toTarget: 'primary' });
});

t.test('a restart keeps a drain', async (t) => {
  const before = await started();
  before.engine.orders.drain(ZONE, 'primary', { actor: 'alice', reason: 'disk' });
  const after = await restart(t, before);
  t.same(answered(after), [BACKUP]);
  t.same(state(after)?.drained, ['primary']);
  after.probe(PRIMARY, PASS, 3);
  after.clock.advance(3_600_000);
  t.equal(state(after)?.activeTarget, 'backup', 'it does not go back to a drained target');
});

t.test('a restart keeps the failback backoff', async (t) => {
  const before = await started();
  for (let round = 0; round < 2; round++) {
    before.probe(PRIMARY, REFUSED, 3);
    before.probe(PRIMARY, PASS, 3);
    before.clock.advance(60_000 * 2 ** round);
  }
  before.probe(PRIMARY, REFUSED, 3);
  t.equal(state(before)?.failbackPenalty, 2);
  const after = await restart(t, before);
  t.equal(state(after)?.failbackPenalty, 2);
  after.probe(PRIMARY, PASS, 3);
  after.clock.advance(239_999);
  t.equal(state(after)?.activeTarget, 'backup', '60 s, doubled twice');
  after.clock.advance(1);
  t.equal(state(after)?.activeTarget, 'primary');
});
