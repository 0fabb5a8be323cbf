import fc from 'fast-check';
import t from 'tap';
import { createCommitLog } from '../../src/history/commit-log.ts';
import { commitEntry } from './helpers.ts';

const seqs = (entries: readonly { seq: number }[]): number[] => entries.map(({ seq }) => seq);

t.test('waiting() gives the oldest unconfirmed commits, in their order', async (t) => {
  const log = createCommitLog();
  for (let n = 1; n <= 5; n++) log.append(commitEntry(n));
  log.confirm(2);
  t.same(seqs(log.waiting(2)), [3, 4]);
  t.same([log.waitingCount, log.confirmed], [3, 2]);
});

t.test('confirm() with less than before makes those wait again that a database has lost', async (t) => {
  const log = createCommitLog();
  for (let n = 1; n <= 5; n++) log.append(commitEntry(n));
  log.confirm(5);
  log.confirm(1);
  t.same(seqs(log.waiting(10)), [2, 3, 4, 5]);
});

t.test('confirmed commits are kept for that, 500 at least and 1,000 at most', async (t) => {
  const log = createCommitLog();
  for (let n = 1; n <= 5_000; n++) {
    log.append(commitEntry(n));
    log.confirm(n);
  }
  log.confirm(0);
  t.ok(log.waitingCount >= 500 && log.waitingCount <= 1_000, String(log.waitingCount));
  t.equal(log.waiting(10_000).at(-1)?.seq, 5_000);
});

t.test('no commit is dropped before it is confirmed, and none waits after that (property)', async () => {
  const append = fc.constant('append' as const);
  const actions = fc.array(fc.oneof({ weight: 3, arbitrary: append }, fc.double({ min: 0, max: 1, noNaN: true })), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(actions, (list) => {
      const log = createCommitLog();
      let last = 0;
      let confirmed = 0;
      for (const action of list) {
        if (action === 'append') last = log.append(commitEntry(1)).seq;
        else confirmed += Math.floor(action * (last - confirmed));
        log.confirm(confirmed);
        const expected = Array.from({ length: last - confirmed }, (_, index) => confirmed + 1 + index);
        if (JSON.stringify(seqs(log.waiting(1_000))) !== JSON.stringify(expected)) return false;
      }
      return log.waitingCount === last - confirmed;
    }),
  );
});
