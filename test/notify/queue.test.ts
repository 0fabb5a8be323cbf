import fc from 'fast-check';
import t from 'tap';
import { createQueue, type Folding, type Queue, type Waiting } from '../../src/notify/queue.ts';
import { FAILOVER, itemOf } from './samples.ts';

const MIDDLE = (): number => 0.5;
const ANY: Folding = { mostInOne: 200, isFoldable: () => true };
const DOWN = { isRejected: false, retryAfterMs: null };
const REJECTED = { isRejected: true, retryAfterMs: null };
const DAY_MS = 86_400_000;

let order = 0;
function waiting(id: string, subject = id, bornMs = 0): Waiting {
  order += 1;
  return { item: itemOf(id, { subject }), notification: { ...FAILOVER, id }, order, bornMs, attempts: 0 };
}

function queueOf(...all: readonly Waiting[]): Queue {
  const queue = createQueue(MIDDLE);
  for (const each of all) queue.add(each);
  return queue;
}

const ids = (batch: readonly Waiting[]): string[] => batch.map(({ item }) => item.id);

t.test('take() gives one after the other, and many together when more than five wait', async (t) => {
  const few = queueOf(...['a', 'b', 'c', 'd', 'e'].map((id) => waiting(id)));
  t.same(ids(few.take(0, ANY)), ['a']);
  const many = queueOf(...['a', 'b', 'c', 'd', 'e', 'f'].map((id) => waiting(id)));
  t.same(ids(many.take(0, ANY)), ['a', 'b', 'c', 'd', 'e', 'f']);
  t.same(ids(many.take(0, ANY)), ids(many.take(0, ANY)), 'what is not settled stays');
});

t.test('take() puts so many into one message at most, oldest first, whatever they are about', async (t) => {
  const all = Array.from({ length: 450 }, (_, i) => waiting(`m${i}`, `record${i % 7}`));
  const queue = queueOf(...all);
  const first = queue.take(0, ANY);
  t.equal(first.length, 200);
  t.same(
    first.map((each) => each.order),
    [...first.map((each) => each.order)].sort((a, b) => a - b),
  );
  queue.delivered(first);
  t.equal(queue.size, 250);
});

t.test('take() tells alone what cannot be folded, and nothing about the same subject before it', async (t) => {
  const queue = queueOf(waiting('a1', 'a'), waiting('a2', 'a'), ...['b', 'c', 'd', 'e', 'f'].map((id) => waiting(id)));
  const all = { ...ANY, isFoldable: ({ item }: Waiting) => item.id !== 'a1' };
  t.same(ids(queue.take(0, all)), ['a1']);
  queue.delivered(queue.take(0, all));
  t.same(ids(queue.take(0, all)), ['a2', 'b', 'c', 'd', 'e', 'f']);
});

t.test('failed() pauses 1 s, 2 s, 4 s, … up to 5 min; delivered() ends that', async (t) => {
  const queue = queueOf(waiting('a'), waiting('b'));
  const pauses: number[] = [];
  let nowMs = 0;
  for (let attempt = 0; attempt < 12; attempt++) {
    const batch = queue.take(nowMs, ANY);
    t.same(ids(batch), ['a'], 'the order is kept');
    queue.failed(batch, DOWN, nowMs);
    const nextMs = queue.nextMs(DAY_MS) ?? 0;
    t.same(queue.take(nextMs - 1, ANY), []);
    pauses.push(Math.round((nextMs - nowMs) / 1000));
    nowMs = nextMs;
  }
  t.same(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
  queue.delivered(queue.take(nowMs, ANY));
  t.same(ids(queue.take(nowMs, ANY)), ['b']);
});

t.test('failed() waits as long as the receiver asks for, an hour at most', async (t) => {
  const queue = queueOf(waiting('a'));
  queue.failed(queue.take(0, ANY), { isRejected: false, retryAfterMs: 90_000 }, 0);
  t.equal(queue.nextMs(DAY_MS), 90_000);
  queue.failed(queue.take(90_000, ANY), { isRejected: false, retryAfterMs: DAY_MS }, 90_000);
  t.equal(queue.nextMs(2 * DAY_MS), 3_690_000);
});

t.test('what is rejected holds up only what is about the same', async (t) => {
  const queue = queueOf(waiting('a1', 'a'), waiting('a2', 'a'), waiting('b'), waiting('c'));
  queue.failed(queue.take(0, ANY), REJECTED, 0);
  const told: string[] = [];
  for (let nowMs = 0; nowMs < 900; nowMs += 100) {
    const batch = queue.take(nowMs, ANY);
    told.push(...ids(batch));
    queue.delivered(batch);
  }
  t.same(told, ['b', 'c']);
  t.same(ids(queue.take(1_000, ANY)), ['a1']);
});

t.test('a digest that is rejected is halved until the one is found that is at fault', async (t) => {
  const queue = queueOf(...Array.from({ length: 64 }, (_, i) => waiting(`m${i}`)));
  const told = new Set<string>();
  let attempts = 0;
  for (let nowMs = 0; queue.size > 1 && attempts < 500; nowMs += 6_000) {
    const batch = queue.take(nowMs, ANY);
    if (batch.length === 0) continue;
    attempts += 1;
    if (ids(batch).includes('m13')) queue.failed(batch, REJECTED, nowMs);
    else {
      queue.delivered(batch);
      for (const id of ids(batch)) told.add(id);
    }
  }
  t.equal(told.size, 63);
  t.notOk(told.has('m13'));
  t.ok(attempts < 150, `${attempts} attempts`);
});

t.test('ten messages may follow each other; then there is one every 6 s, with all that came meanwhile', async (t) => {
  const queue = createQueue(MIDDLE);
  const sizes: number[] = [];
  for (let nowMs = 0; nowMs <= 60_000; nowMs += 100) {
    queue.add(waiting(`m${nowMs}`));
    const batch = queue.take(nowMs, ANY);
    if (batch.length === 0) continue;
    sizes.push(batch.length);
    queue.delivered(batch);
  }
  t.same(sizes.slice(0, 10), Array(10).fill(1));
  t.same([...new Set(sizes.slice(11))], [60], 'all that came in 6 s');
  t.ok(sizes.length <= 21, `${sizes.length} messages for 601`);
});

t.test('expire() takes out what is too old, and the oldest where more than 20,000 wait', async (t) => {
  const queue = queueOf(waiting('old', 'a', -1), waiting('new', 'a', 5));
  t.equal(queue.nextMs(10), 0, 'that can be told now');
  queue.failed(queue.take(0, ANY), DOWN, 0);
  t.equal(queue.nextMs(10), 9, 'the first one is too old then');
  t.same(ids(queue.expire(0)), ['old']);
  t.equal(queue.size, 1);
  for (let i = 0; i < 20_002; i++) queue.add(waiting(`m${i}`, `s${i % 100}`, 5));
  t.same(ids(queue.expire(0)), ['new', 'm0', 'm1']);
});

t.test('whatever fails, all is told, and what is about one thing in order (property)', async () => {
  const step = fc.record({
    subject: fc.constantFrom('a', 'b', 'c'),
    adds: fc.integer({ min: 0, max: 9 }),
    result: fc.constantFrom('ok', 'down', 'rejected'),
    passMs: fc.integer({ min: 0, max: 20_000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const queue = createQueue(Math.random);
      const added: Waiting[] = [];
      const told: Waiting[] = [];
      let nowMs = 0;
      const attempt = (result: 'ok' | 'down' | 'rejected'): void => {
        const batch = queue.take(nowMs, ANY);
        if (result === 'ok') {
          told.push(...batch);
          queue.delivered(batch);
        } else if (batch.length > 0) queue.failed(batch, result === 'down' ? DOWN : REJECTED, nowMs);
      };
      for (const { subject, adds, result, passMs } of steps) {
        for (let i = 0; i < adds; i++) {
          const each = waiting(`m${order}`, subject, nowMs);
          added.push(each);
          queue.add(each);
        }
        attempt(result);
        nowMs += passMs;
      }
      for (let i = 0; queue.size > 0 && i < 1_000; i++, nowMs += 10_000) attempt('ok');
      const ofSubject = (all: readonly Waiting[], subject: string): string =>
        ids(all.filter(({ item }) => item.subject === subject)).join();
      return ['a', 'b', 'c'].every((subject) => ofSubject(told, subject) === ofSubject(added, subject));
    }),
  );
});
