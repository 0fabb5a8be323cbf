import t from 'tap';
import type { Delivered, HttpMessage, Message } from '../../src/notify/message.ts';
import { createOutbox, type Outbox } from '../../src/notify/outbox.ts';
import { createAlarms } from '../../src/runtime/alarms.ts';
import type { OutboxItem, RestoredOutbox, SinkSpec } from '../../src/runtime/outbox.ts';
import type { CommitEntry } from '../../src/runtime/ports.ts';
import { record, ZONE } from '../helpers/engine.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';
import { memoryLog, RECORD_STATE, transition } from '../history/helpers.ts';
import { SOURCE, sinkOf } from './samples.ts';

const OK: Delivered = { ok: true };
const DOWN: Delivered = { ok: false, reason: 'connection refused', isRejected: false, retryAfterMs: null };
const MINUTE_MS = 60_000;

/** An outbox between a fake clock, a database that only remembers, and a receiver that does what the test says. */
function world({ sinks = [sinkOf()], restored }: { sinks?: readonly SinkSpec[]; restored?: RestoredOutbox } = {}) {
  const clock = createFakeClock();
  const log = memoryLog();
  const alarms = createAlarms(clock, log);
  const commits: CommitEntry[] = [];
  const sent: Message[] = [];
  const receiver = { answer: async (_message: Message): Promise<Delivered> => OK };
  const disk = { confirm: Promise.resolve('committed' as 'committed' | 'queued') };
  let ids = 0;
  const outbox: Outbox = createOutbox(
    {
      clock,
      log,
      alarms,
      history: {
        commit(entry) {
          commits.push(entry);
          return disk.confirm;
        },
      },
      deliver(message) {
        sent.push(message);
        return receiver.answer(message);
      },
      random: () => 0.5,
      createId: () => String(++ids),
      source: SOURCE,
    },
    restored,
  );
  const configure = (to: readonly SinkSpec[]): void =>
    outbox.configure({ notify: to, zones: [{ records: [record()] }] });
  configure(sinks);
  return {
    ...{ clock, log, alarms, commits, sent, receiver, disk, outbox, configure },
    /** Lets time pass in steps, so that what waits for promises comes along. */
    async pass(ms: number, stepMs = 1_000) {
      await settled();
      for (let passed = 0; passed < ms; passed += stepMs) {
        for (const byMs of [Math.min(stepMs, ms - passed), 0, 0]) {
          clock.advance(byMs);
          await settled();
        }
      }
    },
    async transit(serial: number, over: Parameters<typeof transition>[1] = {}) {
      const given = transition(serial, { record: ZONE, atEpochMs: clock.epochMs(), ...over });
      await outbox.commit({ transition: given, state: RECORD_STATE });
      await settled();
    },
    /** The outbox as it would be after a kill -9 now. */
    stored(): RestoredOutbox {
      const items = new Map<string, OutboxItem>();
      const all: OutboxItem[] = [];
      for (const change of commits.flatMap((entry) => entry.outbox ?? [])) {
        if (change.kind === 'add') items.set(change.item.id + change.item.sink, change.item);
        else items.delete(change.id + change.sink);
        if (change.kind === 'add') all.push(change.item);
      }
      const ofAlarms = all.filter(({ event }) => event === 'alarm');
      return {
        pending: [...items.values()],
        alarms: [...new Map(ofAlarms.map((item) => [item.subject, item])).values()],
      };
    },
  };
}

async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** The serials that were told, those in digests too, in order. */
function serials(messages: readonly Message[]): number[] {
  return messages.flatMap((message) => eventsOf(message).flatMap(({ data }) => data.serial ?? []));
}

interface Event {
  readonly type: string;
  readonly data: { readonly id: string; readonly serial?: number; readonly name?: string; readonly record?: string };
}

function eventsOf(message: Message): readonly Event[] {
  const body = JSON.parse((message as HttpMessage).body);
  return body.type === 'digest' ? body.data.events : [body];
}

const typesOf = (messages: readonly Message[]): string[] => messages.flatMap(eventsOf).map(({ type }) => type);

t.test('commit() writes what is to be told in the same entry as the transition, and tells it afterwards', async (t) => {
  const { outbox, commits, sent, disk, pass, clock } = world();
  let confirm = (_: 'committed'): void => {};
  disk.confirm = new Promise((resolve) => {
    confirm = resolve;
  });
  const committed = outbox.commit({
    transition: transition(1, { record: ZONE, atEpochMs: clock.epochMs() }),
    state: RECORD_STATE,
  });
  t.equal(commits.length, 1);
  t.match(commits[0], { transition: { serial: 1 }, outbox: [{ kind: 'add', item: { id: 'msg_1', sink: 'hook' } }] });
  await pass(1_000);
  t.same(sent, [], 'not before it is committed, or takes long');
  confirm('committed');
  t.equal(await committed, 'committed');
  await pass(1_000);
  t.same(serials(sent), [1]);
  t.match(commits[1], { transition: null, outbox: [{ kind: 'settle', id: 'msg_1', how: 'delivered', attempts: 1 }] });
});

t.test('a transition is told although the database is degraded', async (t) => {
  const { disk, transit, sent, pass } = world();
  disk.confirm = Promise.resolve('queued');
  await transit(1);
  await pass(1_000);
  t.same(serials(sent), [1]);
});

t.test('only the sinks that want an event get it', async (t) => {
  const sinks = [sinkOf({ id: 'a', on: ['failback'] }), sinkOf({ id: 'b', on: ['failover', 'all_down'] })];
  const { transit, commits, pass, alarms, sent } = world({ sinks });
  await transit(1, { cause: 'failover' });
  await transit(2, { cause: 'failback' });
  await transit(3, { cause: 'recovered' });
  await transit(4, { cause: 'override' });
  alarms.raise({ name: 'x', subject: 'y' }, 'z');
  await pass(1_000);
  const told = commits.flatMap(({ outbox = [] }) =>
    outbox.flatMap((each) => (each.kind === 'add' ? each.item.sink : [])),
  );
  t.same(told, ['b', 'a', 'b']);
  t.equal(sent.length, 3);
});

for (const [what, answer] of [
  ['answers 500', async (): Promise<Delivered> => ({ ...DOWN, reason: 'it answered 500' })],
  ['is gone', async (): Promise<Delivered> => DOWN],
  ['rejects', async (): Promise<Delivered> => ({ ...DOWN, reason: 'it answered 404', isRejected: true })],
] as const) {
  t.test(`a sink that ${what} for an hour gets every transition at least once, in order, with its id`, async (t) => {
    const { transit, pass, sent, receiver, alarms } = world();
    receiver.answer = answer;
    for (let serial = 1; serial <= 40; serial++) {
      await transit(serial, serial % 2 === 0 ? { cause: 'failback', toTarget: 'primary' } : {});
      await pass(90_000, 10_000);
    }
    t.match(alarms.list(), [
      { name: 'notify_failing', subject: 'hook', message: /hook takes no notifications: .*; \d+ wait/ },
    ]);
    t.ok(sent.length < 60, `${sent.length} attempts in an hour`);
    const before = sent.length;
    receiver.answer = async () => OK;
    await pass(6 * MINUTE_MS, 1_000);
    t.same(
      serials(sent.slice(before)),
      Array.from({ length: 40 }, (_, i) => i + 1),
    );
    t.same(alarms.list(), []);
    t.equal(eventsOf(sent[0] as Message)[0]?.data.id, eventsOf(sent[before] as Message)[0]?.data.id);
  });
}

t.test(
  'kill -9 in the outage: what was not delivered is told after the restart, with its id, and what was is not',
  async (t) => {
    const first = world();
    await first.transit(1);
    await first.pass(1_000);
    first.receiver.answer = async () => DOWN;
    await first.transit(2);
    await first.transit(3, { cause: 'failback', toTarget: 'primary' });
    await first.pass(5_000);
    const second = world({ restored: first.stored() });
    await second.pass(1_000);
    await second.transit(4);
    await second.pass(1_000);
    t.same(serials(second.sent), [2, 3, 4]);
    t.equal(eventsOf(second.sent[0] as Message)[0]?.data.id, 'msg_2');
    t.same(second.stored().pending, []);
  },
);

t.test('a sink that hangs holds up no other, and has one delivery under way', async (t) => {
  const { transit, pass, sent, receiver } = world({
    sinks: [sinkOf({ id: 'a', url: 'http://a/' }), sinkOf({ id: 'b', url: 'http://b/' })],
  });
  receiver.answer = ({ url }) => (url === 'http://a/' ? new Promise(() => {}) : Promise.resolve(OK));
  for (const serial of [1, 2, 3]) {
    await transit(serial);
    await pass(10_000);
  }
  t.same(serials(sent.filter(({ url }) => url === 'http://a/')), [1]);
  t.same(serials(sent.filter(({ url }) => url === 'http://b/')), [1, 2, 3]);
});

t.test('a flood is folded: 1,000 records that fail over at once make few messages, which name them all', async (t) => {
  const { transit, pass, sent, receiver, clock } = world();
  receiver.answer = () => new Promise((resolve) => clock.setTimer(50, () => resolve(OK)));
  for (let serial = 1; serial <= 1_000; serial++)
    await transit(serial, { record: `r${serial}.example.com.` as typeof ZONE });
  await pass(5_000, 10);
  t.ok(sent.length <= 7, `${sent.length} messages`);
  t.same(serials(sent).length, 1_000);
});

t.test('a flood is two messages for people: the first transition, and all others', async (t) => {
  const { transit, pass, sent, receiver, clock } = world({ sinks: [sinkOf({ format: 'slack' })] });
  receiver.answer = () => new Promise((resolve) => clock.setTimer(50, () => resolve(OK)));
  await transit(1);
  clock.advance(0);
  for (let serial = 2; serial <= 1_000; serial++)
    await transit(serial, { record: `r${serial}.example.com.` as typeof ZONE });
  await pass(5_000, 10);
  const texts = sent.map((message) => JSON.parse((message as HttpMessage).body).text as string);
  t.match(texts, [/app\.example\.com: failover to backup/, /failoverd: 999 transitions of 999 records/]);
  t.equal(texts.length, 2);
});

t.test('alarms are told when they are raised and when they are resolved', async (t) => {
  const { alarms, pass, sent } = world();
  const key = { name: 'prober_blind', subject: 'prober' };
  alarms.raise(key, 'blind');
  await pass(1_000);
  alarms.raise(key, 'still blind');
  alarms.resolve(key);
  await pass(1_000);
  t.same(typesOf(sent), ['alarm.raised', 'alarm.resolved']);
});

t.test('an alarm that stands over a restart is told once, and its end also when that came meanwhile', async (t) => {
  const first = world();
  first.alarms.raise({ name: 'prober_blind', subject: 'prober' }, 'blind');
  first.alarms.raise({ name: 'backup_down', subject: 'app.example.com' }, 'down');
  await first.pass(1_000);
  const second = world({ restored: first.stored() });
  second.alarms.raise({ name: 'backup_down', subject: 'app.example.com' }, 'down');
  await second.pass(59_000);
  t.same(typesOf(second.sent), []);
  await second.pass(2_000);
  t.match(second.sent.flatMap(eventsOf), [{ type: 'alarm.resolved', data: { name: 'prober_blind' } }]);
  second.alarms.resolve({ name: 'backup_down', subject: 'app.example.com' });
  await second.pass(1_000);
  t.match(second.sent.flatMap(eventsOf)[1], { type: 'alarm.resolved', data: { name: 'backup_down' } });
});

t.test('a sink is not told that it takes no notifications; the others are', async (t) => {
  const sinks = [sinkOf({ id: 'a', url: 'http://a/' }), sinkOf({ id: 'b', url: 'http://b/' })];
  const { transit, pass, sent, receiver } = world({ sinks });
  receiver.answer = async ({ url }) => (url === 'http://a/' ? DOWN : OK);
  await transit(1);
  await pass(3 * MINUTE_MS);
  receiver.answer = async () => OK;
  await pass(5 * MINUTE_MS);
  t.same(typesOf(sent.filter(({ url }) => url === 'http://b/')), [
    'transition.failover',
    'alarm.raised',
    'alarm.resolved',
  ]);
  t.same([...new Set(typesOf(sent.filter(({ url }) => url === 'http://a/')))], ['transition.failover']);
});

t.test('what is older than max_age is given up, in the log and in the outbox, and before a restart too', async (t) => {
  const { transit, pass, receiver, log, stored, outbox } = world({ sinks: [sinkOf({ maxAgeMs: 10 * MINUTE_MS })] });
  receiver.answer = async () => DOWN;
  await transit(1);
  await pass(11 * MINUTE_MS, 10_000);
  t.same(stored().pending, []);
  t.match(log.lines.at(-1), {
    level: 'error',
    message: 'hook: gave up 1 notifications that could not be delivered within 600 s',
  });
  t.match(outbox.status(), [{ sink: 'hook', waiting: 0, expired: 1 }]);
});

t.test('a reload keeps what waits for a sink that stays, and for one that comes back', async (t) => {
  const a = sinkOf({ id: 'a', url: 'http://a/' });
  const { transit, pass, sent, receiver, configure } = world({ sinks: [a] });
  receiver.answer = async () => DOWN;
  await transit(1);
  await pass(1_000);
  configure([]);
  const before = sent.length;
  await pass(MINUTE_MS);
  t.equal(sent.length, before, 'nothing goes to a sink that is gone');
  receiver.answer = async () => OK;
  configure([{ ...a, url: 'http://a2/' }]);
  await pass(MINUTE_MS);
  t.match(sent.at(-1), { url: 'http://a2/' });
  t.same(serials(sent.slice(before)), [1]);
});

t.test('a reload tries again at once, and a sink that comes back at once takes what came meanwhile', async (t) => {
  const { transit, pass, sent, receiver, configure, clock } = world();
  receiver.answer = async () => DOWN;
  await transit(1);
  await pass(10 * MINUTE_MS, 10_000);
  receiver.answer = async () => OK;
  const before = sent.length;
  configure([sinkOf({ url: 'http://new/' })]);
  await pass(100, 50);
  t.match(sent.slice(before), [{ url: 'http://new/' }]);
  await transit(2);
  configure([]);
  clock.advance(0);
  configure([sinkOf()]);
  await pass(100, 50);
  t.same(serials(sent.slice(before)), [1, 2]);
});

t.test('a sink that left the config in the middle of a delivery raises no alarm', async (t) => {
  const { transit, pass, receiver, configure, alarms, clock } = world();
  receiver.answer = () => new Promise((resolve) => clock.setTimer(90_000, () => resolve(DOWN)));
  await transit(1);
  await pass(100_000, 10_000);
  configure([]);
  await pass(10 * MINUTE_MS, 10_000);
  t.same(alarms.list(), []);
});

t.test('test() asks every sink at once, beside what waits', async (t) => {
  const sinks = [sinkOf({ id: 'a', url: 'http://a/' }), sinkOf({ id: 'b', url: 'http://b/' })];
  const { outbox, receiver, sent, commits } = world({ sinks });
  receiver.answer = async ({ url }) => (url === 'http://a/' ? DOWN : OK);
  t.match(await outbox.test('ann'), [
    { sink: 'a', format: 'webhook', delivered: false, reason: 'connection refused' },
    { sink: 'b', format: 'webhook', delivered: true, reason: null },
  ]);
  t.same(typesOf(sent), ['test', 'test']);
  t.same(commits, []);
});

t.test('status() says since when a sink fails and why, until it takes something again', async (t) => {
  const { transit, pass, receiver, outbox, clock } = world();
  t.match(outbox.status(), [{ waiting: 0, lastDeliveredAt: null, failing: null }]);
  await transit(1);
  await pass(1_000);
  const deliveredAt = outbox.status()[0]?.lastDeliveredAt ?? '';
  t.match(deliveredAt, /^\d{4}-.*Z$/);
  receiver.answer = async () => DOWN;
  await transit(2);
  await pass(1_000);
  const since = new Date(clock.epochMs()).toISOString();
  await pass(20_000);
  receiver.answer = async () => ({ ...DOWN, reason: 'it answered 500' });
  await pass(MINUTE_MS);
  t.match(outbox.status(), [
    { waiting: 1, lastDeliveredAt: deliveredAt, failing: { since, reason: 'it answered 500' } },
  ]);
  receiver.answer = async () => OK;
  await pass(5 * MINUTE_MS);
  t.match(outbox.status(), [{ waiting: 0, delivered: 2, failing: null }]);
});

t.test('a test that is delivered ends the wait of what waits for the sink, and its alarm', async (t) => {
  const { transit, pass, receiver, outbox, alarms, sent } = world();
  receiver.answer = async () => DOWN;
  await transit(1);
  await pass(10 * MINUTE_MS, 10_000);
  t.match(alarms.list(), [{ name: 'notify_failing' }]);
  await outbox.test('ann');
  t.match(outbox.status(), [{ waiting: 1, failing: { reason: DOWN.reason } }], 'it was not taken');
  receiver.answer = async () => OK;
  await outbox.test('ann');
  t.match(outbox.status(), [{ waiting: 1, failing: null, lastDeliveredAt: String }]);
  t.same(alarms.list(), []);
  const before = sent.length;
  await pass(1_000);
  t.same(serials(sent.slice(before)), [1]);
  t.match(outbox.status(), [{ waiting: 0, delivered: 1 }]);
});

t.test('stop() leaves the rest for the next start', async (t) => {
  const { transit, pass, outbox, sent, stored, clock } = world();
  outbox.stop();
  await transit(1);
  await pass(MINUTE_MS);
  t.same(sent, []);
  t.equal(stored().pending.length, 1);
  t.equal(clock.pendingTimers(), 0);
});
