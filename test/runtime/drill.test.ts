import t from 'tap';
import type { RestoredState } from '../../src/runtime/ports.ts';
import { createTestEngine, NOTHING_RESTORED, PASS, REFUSED, record, target, ZONE, zone } from '../helpers/engine.ts';

const PRIMARY = '192.0.2.10';
const BACKUP = '198.51.100.20';
const DRILL = { actor: 'alice', reason: 'quarterly drill', forMs: 120_000 };

async function onPrimary(over: Parameters<typeof record>[0] = {}, restored?: RestoredState) {
  const test = createTestEngine(restored);
  await test.apply(zone(record(over)));
  test.probe(PRIMARY, PASS);
  test.probe(BACKUP, PASS);
  await test.engine.publisher.settled();
  const last = async () => {
    await test.engine.publisher.settled();
    return test.transitions.at(-1);
  };
  return { ...test, last, drill: () => test.engine.orders.drill(ZONE, DRILL) };
}

t.test('drill() answers with the backup, tagged, and returns by itself at its time', async (t) => {
  const { clock, drill, last, commits, alarms } = await onPrimary();
  t.same(drill(), { ok: true });
  t.match(await last(), {
    ...{ cause: 'override', toTarget: 'backup', isDrill: true, actor: 'alice', reason: 'quarterly drill' },
    evidence: { row: 1 },
  });
  t.match(commits.at(-1)?.state?.state.override, { isDrill: true, target: 'backup' }, 'kept for a restart');
  clock.stepWall(3_600_000);
  clock.advance(119_999);
  t.match(await last(), { cause: 'override' });
  clock.advance(1);
  t.match(await last(), {
    ...{ cause: 'release', toTarget: 'primary', isDrill: true, actor: 'prober', reason: 'the drill is over' },
    evidence: { row: 10 },
  });
  t.equal(commits.at(-1)?.state?.state.override, null);
  t.same(alarms.list(), []);
});

t.test('a drill returns in spite of failback: manual, and though the primary has not been up for long', async (t) => {
  const { clock, drill, last } = await onPrimary({ failback: { mode: 'manual', afterMs: 3_600_000 } });
  drill();
  clock.advance(120_000);
  t.match(await last(), { cause: 'release', toTarget: 'primary' });
});

t.test('a drill ends early when the backup fails', async (t) => {
  const { probe, drill, last } = await onPrimary();
  drill();
  probe(BACKUP, REFUSED, 2);
  t.match(await last(), { cause: 'override' }, 'not confirmed yet');
  probe(BACKUP, REFUSED);
  t.match(await last(), {
    ...{ cause: 'release', toTarget: 'primary', isDrill: true },
    reason: 'the drill is over early: backup 198.51.100.20: refused ×3',
  });
});

t.test('a drill whose primary fails meanwhile ends on the backup', async (t) => {
  const { clock, probe, drill, last, engine } = await onPrimary();
  drill();
  probe(PRIMARY, REFUSED, 3);
  clock.advance(120_000);
  t.match(await last(), { cause: 'override', toTarget: 'backup' }, 'nothing else to answer');
  t.equal(engine.tracks()[0]?.state?.override, null);
});

t.test('release() ends a drill at once, another switch takes its place', async (t) => {
  const { drill, last, engine } = await onPrimary({ failback: { mode: 'manual', afterMs: 60_000 } });
  drill();
  engine.orders.release(ZONE, { actor: 'bob', reason: 'enough' });
  t.match(await last(), { cause: 'release', toTarget: 'primary', isDrill: true, actor: 'bob', reason: 'enough' });
  drill();
  engine.orders.switchTo(ZONE, { actor: 'bob', reason: 'x', target: 'primary', forMs: null, force: false });
  t.match(await last(), { cause: 'override', toTarget: 'primary', isDrill: false }, 'that is no drill');
});

t.test('nothing flips while the prober is blind: a drill neither begins nor ends then', async (t) => {
  const { clock, probe, sight, drill, last } = await onPrimary();
  drill();
  sight('blind', 'clear');
  probe(BACKUP, REFUSED, 3);
  clock.advance(300_000);
  t.match(await last(), { cause: 'override', toTarget: 'backup' });
  sight('clear', 'blind');
  clock.advance(1000);
  t.match(await last(), { cause: 'release', toTarget: 'primary', reason: 'the drill is over' });
});

t.test('drill() is refused where it would prove nothing, or do harm', async (t) => {
  const problemOf = async (prepare: (test: Awaited<ReturnType<typeof onPrimary>>) => void) => {
    const test = await onPrimary();
    prepare(test);
    await test.last();
    const before = test.transitions.length;
    const result = test.drill();
    await test.last();
    t.equal(test.transitions.length, before, 'nothing has changed');
    return result.ok ? null : result.problem;
  };
  const switched = { actor: 'bob', reason: 'x', target: 'backup', forMs: null, force: false };
  t.equal(await problemOf(({ probe }) => probe(BACKUP, REFUSED, 3)), 'no backup is ready: backup is down');
  t.equal(
    await problemOf(({ engine }) => engine.orders.drain(ZONE, 'backup', DRILL)),
    'no backup is ready: backup is drained',
  );
  t.equal(
    await problemOf(({ engine }) => engine.orders.switchTo(ZONE, switched)),
    'an override to backup stands; release it first',
  );
  t.equal(
    await problemOf(({ sight }) => sight('blind', 'clear')),
    'the prober is blind: it cannot tell whether a backup is up',
  );
  t.equal(await problemOf((test) => test.drill()), 'an override to backup stands; release it first');
  t.equal(await problemOf(({ probe }) => probe(PRIMARY, REFUSED, 3)), 'it answers with backup: a drill leaves primary');
  t.equal(
    await problemOf(({ probe }) => {
      probe(PRIMARY, REFUSED, 3);
      probe(BACKUP, REFUSED, 3);
    }),
    'no target is up',
  );
});

t.test('drill() takes the first backup that is ready', async (t) => {
  const targets = [target('primary', PRIMARY), target('backup', '198.51.100.9'), target('backup2', BACKUP)];
  const { probe, drill, last } = await onPrimary({ targets });
  probe('198.51.100.9', REFUSED, 3);
  drill();
  t.match(await last(), { toTarget: 'backup2', toAddresses: [BACKUP] });
});

t.test('a drill that ran out while failoverd was down is over at the start', async (t) => {
  const setAtEpochMs = Date.UTC(2025, 11, 31);
  const override = {
    ...{ target: 'backup', reason: 'drill', actor: 'alice', isDrill: true },
    ...{ setAtEpochMs, expiresAtEpochMs: setAtEpochMs + 120_000 },
  };
  const stored = {
    record: ZONE,
    family: '' as const,
    state: {
      ...{ activeTarget: 'backup', addresses: [BACKUP], allDown: false, sinceEpochMs: setAtEpochMs, override },
      ...{ drained: [], failbackPenalty: 0, lastFailback: null },
    },
    lastTransition: null,
  };
  const up = { status: 'up' as const, sinceEpochMs: setAtEpochMs, probedAtEpochMs: setAtEpochMs };
  const restored: RestoredState = {
    ...NOTHING_RESTORED,
    records: new Map([[ZONE, [stored]]]),
    endpoints: new Map([PRIMARY, BACKUP].map((address) => [`${address} tcp 80`, up])),
  };
  const { transitions } = await onPrimary({ failback: { mode: 'manual', afterMs: 60_000 } }, restored);
  t.match(transitions[0], { cause: 'release', toTarget: 'primary', isDrill: true, reason: 'the drill is over' });
});
