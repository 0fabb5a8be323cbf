import t from 'tap';
import type { OwnerName } from '../../src/core/name.ts';
import { createTestEngine, NOTHING_RESTORED, PASS, REFUSED, record, target, ZONE, zone } from '../helpers/engine.ts';

const PRIMARY = '192.0.2.10';
const BACKUP = '198.51.100.20';

/** An engine whose record serves the primary, both targets up. */
async function onPrimary() {
  const test = createTestEngine();
  await test.apply(zone(record()));
  test.probe(PRIMARY, PASS);
  test.probe(BACKUP, PASS);
  await test.engine.publisher.settled();
  test.events.length = 0;
  return test;
}

t.test('engine starts on the primary once its first probe passed, and withholds the zone until then', async (t) => {
  const { apply, probe, events, engine, transitions } = createTestEngine();
  await apply(zone(record()));
  t.same(events, [['deliver']], 'nothing is served yet');
  probe(BACKUP, PASS);
  await engine.publisher.settled();
  t.equal(transitions.length, 0, 'a backup that answers first does not win');
  probe(PRIMARY, PASS);
  await engine.publisher.settled();
  t.same(events.slice(1), [
    ['commit', 'start'],
    ['deliver', PRIMARY],
  ]);
  t.match(transitions, [{ cause: 'start', toTarget: 'primary', reason: 'primary answered its first probe' }]);
});

t.test('engine starts on the backup when only the backup passes its first probe', async (t) => {
  const { apply, probe, engine, transitions } = createTestEngine();
  await apply(zone(record()));
  t.equal(probe(PRIMARY, REFUSED), 'confirm');
  probe(BACKUP, PASS);
  await engine.publisher.settled();
  t.match(transitions, [{ cause: 'start', toTarget: 'backup' }]);
});

t.test('engine starts on the primary after 3 s without a probe round', async (t) => {
  const { apply, clock, engine, transitions } = createTestEngine();
  await apply(zone(record()));
  clock.advance(2999);
  await engine.publisher.settled();
  t.equal(transitions.length, 0);
  clock.advance(1);
  await engine.publisher.settled();
  t.match(transitions, [{ cause: 'start', toTarget: 'primary', reason: /primary by default/ }]);
});

t.test('engine fails over when the primary is confirmed down, with the evidence', async (t) => {
  const { probe, events, transitions, clock, engine, alarms } = await onPrimary();
  clock.advance(5000);
  t.equal(probe(PRIMARY, REFUSED), 'confirm');
  clock.advance(1000);
  t.equal(probe(PRIMARY, REFUSED), 'confirm');
  clock.advance(1000);
  t.equal(probe(PRIMARY, REFUSED), 'interval');
  await engine.publisher.settled();
  t.same(events, [
    ['commit', 'failover'],
    ['publish', BACKUP],
  ]);
  const failover = transitions.at(-1);
  t.match(failover, {
    cause: 'failover',
    fromTarget: 'primary',
    toTarget: 'backup',
    fromAddresses: [PRIMARY],
    toAddresses: [BACKUP],
    reason: `primary ${PRIMARY}: refused ×3`,
    actor: 'prober',
    detectedMs: 2000,
    firstFailAtEpochMs: clock.epochMs() - 2000,
    evidence: { targets: { primary: 'down', backup: 'up' } },
  });
  t.equal(failover?.evidence.probes.filter(({ outcome }) => outcome.outcome === 'fail').length, 3);
  t.match(alarms.list(), [{ name: 'primary_down', subject: 'app.example.com primary' }]);
});

t.test('engine fails back after failback.after without a fail, not before', async (t) => {
  const { probe, transitions, clock, engine, alarms } = await onPrimary();
  probe(PRIMARY, REFUSED, 3);
  probe(PRIMARY, PASS, 3);
  clock.advance(59_999);
  await engine.publisher.settled();
  t.equal(transitions.at(-1)?.cause, 'failover');
  clock.advance(1);
  await engine.publisher.settled();
  t.match(transitions.at(-1), { cause: 'failback', reason: 'primary up for 60 s without a fail' });
  t.same(alarms.list(), []);
});

t.test('engine starts the wait for a failback anew at each fail', async (t) => {
  const { probe, transitions, clock, engine } = await onPrimary();
  probe(PRIMARY, REFUSED, 3);
  probe(PRIMARY, PASS, 3);
  clock.advance(50_000);
  probe(PRIMARY, REFUSED);
  probe(PRIMARY, PASS);
  clock.advance(59_999);
  await engine.publisher.settled();
  t.equal(transitions.at(-1)?.cause, 'failover');
  clock.advance(1);
  await engine.publisher.settled();
  t.equal(transitions.at(-1)?.cause, 'failback');
});

t.test('engine keeps the answer when all targets are down, and says so in a row and an alarm', async (t) => {
  const { probe, transitions, engine, alarms } = await onPrimary();
  probe(BACKUP, REFUSED, 3);
  probe(PRIMARY, REFUSED, 3);
  await engine.publisher.settled();
  t.match(transitions.at(-1), { cause: 'all_down', toTarget: 'primary', toAddresses: [PRIMARY] });
  t.ok(alarms.list().some(({ name }) => name === 'all_down'));
  probe(BACKUP, PASS, 3);
  await engine.publisher.settled();
  t.match(transitions.at(-1), { cause: 'recovered', toTarget: 'backup', toAddresses: [BACKUP] });
});

t.test('engine publishes only after the commit has settled, in order, with rising serials', async (t) => {
  const { probe, events, transitions, engine, disk } = await onPrimary();
  const gate = Promise.withResolvers<'queued'>();
  disk.confirm = gate.promise;
  probe(PRIMARY, REFUSED, 3);
  disk.confirm = Promise.resolve('committed');
  probe(BACKUP, REFUSED, 3);
  await new Promise(setImmediate);
  t.same(events, [
    ['commit', 'failover'],
    ['commit', 'all_down'],
  ]);
  gate.resolve('queued');
  await engine.publisher.settled();
  t.same(events.slice(2), [
    ['publish', BACKUP],
    ['publish', BACKUP],
  ]);
  const serials = transitions.map(({ serial }) => serial);
  t.same(serials, [...new Set(serials)].sort(), 'strictly increasing');
});

t.test('engine serves a restored state at once and keeps it while the active target has no verdict', async (t) => {
  const before = await onPrimary();
  before.probe(PRIMARY, REFUSED, 3);
  await before.engine.publisher.settled();
  const stored = before.commits.at(-1);
  if (!stored?.transition || !stored.state) return t.fail('no commit');
  const restored = {
    ...NOTHING_RESTORED,
    records: new Map([[ZONE, [{ ...stored.state, lastTransition: stored.transition }]]]),
    serials: new Map([[ZONE, 1_900_000_000]]),
    zones: new Map(),
  };
  const { apply, events, engine, probe, transitions, clock, schedules } = createTestEngine(restored);
  await apply(zone(record()));
  t.same(events, [['deliver', BACKUP]], 'no probe was needed');
  t.same(schedules, [{ addresses: [PRIMARY, BACKUP], isDelivered: true }], 'and none was begun before');
  t.same(engine.publisher.serials(), [{ zone: ZONE, serial: 1_900_000_001 }]);
  t.equal(engine.tracks()[0]?.last?.reason, `primary ${PRIMARY}: refused ×3`);
  probe(PRIMARY, PASS);
  probe(BACKUP, PASS);
  clock.advance(60_000);
  await engine.publisher.settled();
  t.match(transitions, [{ cause: 'failback', toTarget: 'primary' }]);
});

t.test('engine has every primary probed before the first backup', async (t) => {
  const { apply, schedules } = createTestEngine();
  const www = record({
    name: `www.${ZONE}` as OwnerName,
    targets: [target('primary', '192.0.2.11'), target('backup', BACKUP)],
  });
  await apply(zone(record(), www));
  t.same(schedules[0]?.addresses, [PRIMARY, '192.0.2.11', BACKUP]);
});

t.test('engine has the prober begin at once where a record waits for its first round', async (t) => {
  const { apply, schedules, disk } = createTestEngine();
  const written = Promise.withResolvers<'committed'>();
  disk.confirm = written.promise;
  const applied = apply(zone(record()));
  while (schedules.length === 0) await new Promise(setImmediate);
  t.same(schedules, [{ addresses: [PRIMARY, BACKUP], isDelivered: false }]);
  written.resolve('committed');
  await applied;
});

t.test(
  'engine drops reports of endpoints that a reload removed, and keeps the health of those that stay',
  async (t) => {
    const { apply, probe, transitions, engine, events } = await onPrimary();
    await apply(zone(record({ targets: [target('primary', PRIMARY), target('backup', '198.51.100.21')] })));
    t.same(events, [['deliver', PRIMARY]], 'the answer stays, without a transition');
    t.equal(probe(BACKUP, REFUSED, 3), 'interval');
    probe('198.51.100.21', PASS);
    probe(PRIMARY, REFUSED, 3);
    await engine.publisher.settled();
    t.match(transitions.at(-1), { cause: 'failover', toAddresses: ['198.51.100.21'] });
  },
);

t.test('engine commits the transition that a reload causes before the zone is replaced', async (t) => {
  const { apply, events, transitions } = await onPrimary();
  await apply(zone(record({ targets: [target('primary', '192.0.2.99'), target('backup', BACKUP)] })));
  t.match(events, [['commit', 'config'], ['deliver']]);
  t.notMatch(transitions.at(-1)?.toAddresses, [PRIMARY], 'an address that the config has no more is not answered');
});

t.test('engine decides A and AAAA apart with families: independent', async (t) => {
  const { apply, probe, engine, events } = createTestEngine();
  const targets = [target('primary', PRIMARY, '2001:db8::10'), target('backup', BACKUP, '2001:db8::20')];
  await apply(zone(record({ families: 'independent', targets })));
  for (const address of [PRIMARY, BACKUP, '2001:db8::10', '2001:db8::20']) probe(address, PASS);
  probe('2001:db8::10', REFUSED, 3);
  await engine.publisher.settled();
  t.same(events.at(-1), ['publish', '2001:db8::20'], 'only the AAAA RRset changes');
  t.same(
    engine.tracks().map(({ family, state }) => [family, state?.activeTarget]),
    [
      ['4', 'primary'],
      ['6', 'backup'],
    ],
  );
});

t.test('engine makes no transition when the wall clock steps by an hour', async (t) => {
  const { probe, transitions, clock, engine } = await onPrimary();
  probe(PRIMARY, REFUSED, 3);
  probe(PRIMARY, PASS, 3);
  await engine.publisher.settled();
  const count = transitions.length;
  for (const stepMs of [3_600_000, -7_200_000]) {
    clock.stepWall(stepMs);
    probe(PRIMARY, PASS);
    clock.advance(1000);
  }
  await engine.publisher.settled();
  t.equal(transitions.length, count);
});

t.test('engine leaves no timer behind when it stops', async (t) => {
  const { probe, clock, engine } = await onPrimary();
  probe(PRIMARY, REFUSED, 3);
  probe(PRIMARY, PASS, 3);
  t.ok(clock.pendingTimers() > 0);
  await engine.stop();
  t.equal(clock.pendingTimers(), 0);
});

t.test('engine holds every answer while the prober is blind, and needs the full fall again afterwards', async (t) => {
  const { probe, sight, transitions, engine, alarms } = await onPrimary();
  const before = transitions.length;
  probe(PRIMARY, REFUSED);
  sight('checking', 'clear');
  probe(PRIMARY, REFUSED, 2);
  sight('blind', 'checking');
  probe(BACKUP, REFUSED, 3);
  t.match(alarms.list(), [{ name: 'prober_blind' }]);
  sight('clear', 'blind');
  await engine.publisher.settled();
  t.equal(transitions.length, before, 'what failed while it was blind proves nothing');
  t.notOk(alarms.list().some(({ name }) => name === 'prober_blind'));
  probe(PRIMARY, REFUSED, 2);
  await engine.publisher.settled();
  t.equal(transitions.length, before);
  probe(PRIMARY, REFUSED);
  await engine.publisher.settled();
  t.match(transitions.at(-1), { cause: 'failover', toTarget: 'backup', reason: `primary ${PRIMARY}: refused ×3` });
});

t.test('engine acts on what it counted while the witnesses were asked, once they confirm its sight', async (t) => {
  const { probe, sight, transitions, engine } = await onPrimary();
  const before = transitions.length;
  probe(PRIMARY, REFUSED);
  sight('checking', 'clear');
  probe(PRIMARY, REFUSED, 2);
  await engine.publisher.settled();
  t.equal(transitions.length, before);
  sight('clear', 'checking');
  await engine.publisher.settled();
  t.match(transitions.at(-1), { cause: 'failover', toTarget: 'backup' });
});

t.test('engine publishes the state of a record as _failover TXT with status_txt: true', async (t) => {
  const { apply, probe, engine, contents, changes } = createTestEngine();
  await apply({ ...zone(record()), statusTxt: true });
  probe(PRIMARY, PASS);
  probe(BACKUP, PASS);
  await engine.publisher.settled();
  const served = contents.at(-1)?.rrsets.find(({ owner }) => owner === `_failover.${ZONE}`);
  t.match(served?.rdatas, [{ type: 'TXT', strings: [/^active=primary since=2026-\S+Z serial=\d+$/] }]);
  probe(PRIMARY, REFUSED, 3);
  await engine.publisher.settled();
  const change = changes.at(-1)?.changes.find(({ owner }) => owner === `_failover.${ZONE}`);
  t.match(change?.rrset?.rdatas, [{ strings: [new RegExp(`^active=backup .* serial=${changes.at(-1)?.serial}$`)] }]);
});
