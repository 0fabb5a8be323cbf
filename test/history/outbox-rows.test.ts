import path from 'node:path';
import t from 'tap';
import { openForWriting } from '../../src/history/database.ts';
import { pruneOutbox } from '../../src/history/outbox-rows.ts';
import { restoreFrom } from '../../src/history/restore.ts';
import { createWriter } from '../../src/history/writer.ts';
import type { OutboxChange, OutboxItem } from '../../src/runtime/outbox.ts';
import { commitEntry } from './helpers.ts';

const AT = Date.UTC(2026, 6, 31, 12);
const DAY_MS = 86_400_000;

function itemOf(id: string, over: Partial<OutboxItem> = {}): OutboxItem {
  return { id, sink: 'hook', atEpochMs: AT, event: 'failover', subject: 'app.example.com', body: '{}', ...over };
}

const add = (item: OutboxItem): OutboxChange => ({ kind: 'add', item });
const settle = (id: string, sink = 'hook', how: 'delivered' | 'expired' = 'delivered'): OutboxChange => {
  return { kind: 'settle', id, sink, how, attempts: 2, atEpochMs: AT };
};

function database(directory: string) {
  const opened = openForWriting(path.join(directory, 'failoverd.db'));
  if (opened.kind !== 'open') throw new Error(opened.reason);
  return { db: opened.db, writer: createWriter(opened.db) };
}

t.test(
  'what is to be told is written with its transition, once for each sink, and restored until it is settled',
  async (t) => {
    const { db, writer } = database(t.testdir());
    const items = ['a', 'b'].map((sink) => itemOf('msg_1', { sink }));
    writer.commit('run', [{ ...commitEntry(1), outbox: items.map(add), seq: 1 }], null, AT);
    t.same(restoreFrom(db).state.outbox?.pending, items);
    writer.commit('run', [{ transition: null, state: null, outbox: [settle('msg_1', 'a')], seq: 2 }], null, AT);
    t.same(restoreFrom(db).state.outbox?.pending, items.slice(1));
    t.match(db.prepare("SELECT * FROM notifications WHERE sink = 'a'").get(), {
      status: 'delivered',
      attempts: 2,
      settled_at: '2026-07-31T12:00:00.000Z',
    });
  },
);

t.test('a commit that comes twice, after the database had lost it, tells nothing twice', async (t) => {
  const { db, writer } = database(t.testdir());
  const outbox = [add(itemOf('msg_1')), settle('msg_1')];
  for (const run of ['one', 'another'])
    writer.commit(run, [{ transition: null, state: null, outbox, seq: 1 }], null, AT);
  t.same(db.prepare('SELECT message, status FROM notifications').all(), [{ message: 'msg_1', status: 'delivered' }]);
});

t.test('the last that each sink was told of each alarm is restored, whether it is settled or not', async (t) => {
  const { db, writer } = database(t.testdir());
  const alarm = (id: string, subject: string, sink = 'hook') => itemOf(id, { event: 'alarm', subject, sink });
  const items = [
    alarm('msg_1', 'alarm x'),
    alarm('msg_2', 'alarm x'),
    alarm('msg_3', 'alarm y'),
    alarm('msg_2', 'alarm x', 'b'),
  ];
  const outbox = [...items.map(add), ...items.map(({ id, sink }) => settle(id, sink)), add(itemOf('msg_4'))];
  writer.commit('run', [{ transition: null, state: null, outbox, seq: 1 }], null, AT);
  const ids = (all: readonly OutboxItem[] = []): string[] => all.map(({ id, sink }) => `${id} ${sink}`);
  t.same(ids(restoreFrom(db).state.outbox?.alarms), ['msg_2 hook', 'msg_3 hook', 'msg_2 b']);
  pruneOutbox(db, AT + 31 * DAY_MS, 100);
  t.same(ids(restoreFrom(db).state.outbox?.alarms), ['msg_2 hook', 'msg_3 hook', 'msg_2 b'], 'and kept');
});

t.test('pruneOutbox() deletes what was settled 30 days ago, and never what waits', async (t) => {
  const { db, writer } = database(t.testdir());
  const outbox = [
    ...['msg_1', 'msg_2', 'msg_3'].map((id) => add(itemOf(id))),
    settle('msg_1'),
    settle('msg_2', 'hook', 'expired'),
  ];
  writer.commit('run', [{ transition: null, state: null, outbox, seq: 1 }], null, AT);
  const left = (): unknown[] => db.prepare('SELECT message FROM notifications ORDER BY id').pluck().all();
  pruneOutbox(db, AT + 29 * DAY_MS, 100);
  t.equal(left().length, 3);
  pruneOutbox(db, AT + 31 * DAY_MS, 1);
  t.equal(left().length, 2, 'a batch');
  pruneOutbox(db, AT + 31 * DAY_MS, 100);
  t.same(left(), ['msg_3']);
});

t.test('a row that makes no sense is skipped and told', async (t) => {
  const { db, writer } = database(t.testdir());
  writer.commit(
    'run',
    [{ transition: null, state: null, outbox: [add(itemOf('msg_1')), add(itemOf('msg_2'))], seq: 1 }],
    null,
    AT,
  );
  db.exec("UPDATE notifications SET at = 'yesterday' WHERE message = 'msg_1'");
  const { state, problems } = restoreFrom(db);
  t.same(state.outbox?.pending, [itemOf('msg_2')]);
  t.same(problems, ['notifications: at is not a time: "yesterday"']);
});
