import t from 'tap';
import { createEvents, type Event, type Events } from '../../src/runtime/events.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';

function tell(events: Events, count: number): void {
  for (let i = 0; i < count; i++) events.emit('prober', { sight: i % 2 === 0 ? 'blind' : 'clear' });
}

const ids = (events: readonly Event[] | null): unknown => events?.map(({ id }) => id?.split('-')[1]) ?? null;

t.test('emit() tells everybody who has subscribed, in order, until they leave', async (t) => {
  const events = createEvents(createFakeClock());
  const seen: string[] = [];
  const leave = events.subscribe(({ id }) => seen.push(`a ${id}`));
  tell(events, 1);
  events.subscribe(({ id }) => seen.push(`b ${id}`));
  tell(events, 1);
  leave();
  tell(events, 1);
  const start = Date.UTC(2026, 0, 1);
  t.same(seen, [`a ${start}-1`, `a ${start}-2`, `b ${start}-2`, `b ${start}-3`]);
});

t.test('since() gives what came after an id, or null when something is lost', async (t) => {
  const events = createEvents(createFakeClock());
  const first = events.lastId();
  t.same(events.since(first), []);
  tell(events, 3);
  const third = events.lastId();
  t.same(ids(events.since(first)), ['1', '2', '3']);
  t.same(ids(events.since(third)), []);
  tell(events, 1500);
  t.equal((events.since(third) ?? []).length, 1500);
  tell(events, 10_000);
  t.equal(events.since(third), null, 'too long ago');
});

t.test('since() gives null for an id of another run, of the future, or that is none', async (t) => {
  const clock = createFakeClock();
  const events = createEvents(clock);
  tell(events, 1);
  clock.advance(1000);
  const restarted = createEvents(clock);
  tell(restarted, 5);
  for (const id of [events.lastId(), `${restarted.lastId()}0`, '', '7', 'x-y', `${restarted.lastId()}x`]) {
    t.equal(restarted.since(id), null, id);
  }
});

t.test('probes are told, and not kept', async (t) => {
  const events = createEvents(createFakeClock());
  const seen: Event[] = [];
  events.subscribe((event) => seen.push(event));
  tell(events, 1);
  const before = events.lastId();
  for (let i = 0; i < 5000; i++) events.emit('probes', [['192.0.2.10 tcp 80', 0, 'pass', 1]]);
  t.equal(seen.length, 5001);
  t.equal(seen.at(-1)?.id, null);
  t.equal(events.lastId(), before);
  t.same(events.since(before), []);
});
