import t from 'tap';
import type { OwnerName } from '../../src/core/name.ts';
import { createEventFeed } from '../../src/runtime/event-feed.ts';
import { createEvents, type Event, type EventData, type EventKind } from '../../src/runtime/events.ts';
import { recordStatus } from '../../src/runtime/status-report.ts';
import { createTestEngine, PASS, REFUSED, record, ZONE, zone } from '../helpers/engine.ts';

const BY = { reason: 'new disk', actor: 'alice' };

/** An engine whose listeners are a feed. */
function feeding() {
  const seen: Event[] = [];
  const events = createEvents({ epochMs: () => 0 });
  events.subscribe((event) => seen.push(event));
  const test = createTestEngine(undefined, (clock) =>
    createEventFeed({ clock, events, describe: (track) => recordStatus(track, test.engine.context) }),
  );
  /** What was told of this kind since the last time. */
  const take = <Kind extends EventKind>(kind: Kind): readonly EventData[Kind][] =>
    seen.splice(0).flatMap((event) => (event.kind === kind ? [event.data as EventData[Kind]] : []));
  return { ...test, take, seen };
}

async function running() {
  const test = feeding();
  await test.apply(zone(record()));
  test.probe('192.0.2.10', PASS);
  test.probe('198.51.100.20', PASS);
  await test.engine.publisher.settled();
  test.clock.advance(2000);
  return test;
}

t.test('a transition is told as the API lists it, without its evidence', async (t) => {
  const test = await running();
  const [start] = test.take('transition');
  t.equal(start?.record, 'app.example.com');
  t.match(start, { cause: 'start', toTarget: 'primary', at: '2026-01-01T00:00:00.000Z' });
  t.notHas(start, 'evidence');
  test.probe('192.0.2.10', REFUSED, 3);
  await test.engine.publisher.settled();
  t.match(test.take('transition'), [
    {
      cause: 'failover',
      fromTarget: 'primary',
      toTarget: 'backup',
      detectedMs: 0,
      firstFailAt: '2026-01-01T00:00:02.000Z',
    },
  ]);
});

t.test('a record is told once for several changes, as status shows it', async (t) => {
  const test = await running();
  test.take('record');
  test.probe('192.0.2.10', REFUSED, 3);
  test.probe('192.0.2.10', PASS, 3);
  test.clock.advance(49);
  t.same(test.take('record'), []);
  test.clock.advance(1);
  t.match(test.take('record'), [
    { record: 'app.example.com', activeTarget: 'backup', targets: [{ status: 'up' }, {}] },
  ]);
});

t.test('a probe that changes no verdict changes no record', async (t) => {
  const test = await running();
  test.take('record');
  test.probe('192.0.2.10', PASS, 5);
  test.probe('192.0.2.10', REFUSED, 2);
  test.clock.advance(2000);
  t.same(test.take('record'), []);
});

t.test('thousands of records are told in turns', async (t) => {
  const test = feeding();
  const names = Array.from({ length: 600 }, (_, index) => `r${index}.${ZONE}` as OwnerName);
  await test.apply(zone(...names.map((name) => record({ name }))));
  test.probe('192.0.2.10', PASS);
  await test.engine.publisher.settled();
  const turns = [1, 2, 3, 4].map(() => {
    test.clock.advance(50);
    return test.take('record').length;
  });
  t.same(turns, [250, 250, 100, 0]);
});

t.test('an override is told when it is ordered and when it ends', async (t) => {
  const test = await running();
  test.take('override');
  test.engine.orders.switchTo(ZONE, { ...BY, target: 'backup', forMs: 60_000, force: false });
  t.match(test.take('override'), [
    { record: 'app.example.com', family: '', override: { target: 'backup', actor: 'alice' } },
  ]);
  test.engine.orders.drain(ZONE, 'primary', BY);
  t.same(test.take('override'), [], 'a drain is none');
  test.clock.advance(60_000);
  t.match(test.take('override'), [{ override: null }]);
});

t.test('probes are told once a second', async (t) => {
  const test = await running();
  test.take('probes');
  test.probe('192.0.2.10', PASS, 2);
  test.clock.advance(999);
  t.same(test.take('probes'), []);
  test.probe('198.51.100.20', REFUSED);
  test.clock.advance(1);
  t.same(test.take('probes').flat(), [
    ['192.0.2.10 tcp 80', Date.UTC(2026, 0, 1, 0, 0, 2), 'pass', 1],
    ['192.0.2.10 tcp 80', Date.UTC(2026, 0, 1, 0, 0, 2), 'pass', 1],
    ['198.51.100.20 tcp 80', Date.UTC(2026, 0, 1, 0, 0, 2) + 999, 'fail', 1],
  ]);
});

t.test('what the prober sees of its own network is told', async (t) => {
  const test = await running();
  test.take('prober');
  test.sight('blind', 'clear');
  t.same(test.take('prober'), [{ sight: 'blind' }]);
});
