/**
 * The history thread ends, or does not answer.
 * Proves that it is started again and goes on where it was, that the alarm rises within 5 s while it is silent, and that
 * an operation is not written twice when its confirmation was lost.
 */
import { once } from 'node:events';
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import t, { type Test } from 'tap';
import { createCommitLog } from '../../src/history/commit-log.ts';
import { createCondition } from '../../src/history/condition.ts';
import { createHistory } from '../../src/history/history.ts';
import { createPresent } from '../../src/history/knowledge.ts';
import { createProbeBuffer } from '../../src/history/probe-buffer.ts';
import { createPump } from '../../src/history/pump.ts';
import { readHistory } from '../../src/history/queries.ts';
import type { Clock } from '../../src/runtime/ports.ts';
import { clock, commitAll, commitEntry, memoryLog, until } from '../history/helpers.ts';

/** Every worker thread that this process starts, the newest last. */
const workers: Worker[] = [];
process.on('worker', (worker) => workers.push(worker));
const historyThread = (): Worker | undefined =>
  workers.filter(({ threadName }) => threadName === 'failoverd history').at(-1);

async function start(t: Test) {
  const file = path.join(t.testdir(), 'failoverd.db');
  const history = createHistory({ path: file, clock, log: memoryLog() });
  t.teardown(() => history.close());
  await history.restore();
  const serials = (): unknown => {
    const read = readHistory(file, (reader) => reader.transitions({ limit: 1_000 }).map(({ serial }) => serial));
    return read.ok ? [...read.value].reverse() : read.reason;
  };
  return { history, serials };
}

t.test('a thread that was ended is started again, and the next commit is written', async (t) => {
  const { history, serials } = await start(t);
  await commitAll(history, 1);
  await historyThread()?.terminate();
  void history.commit(commitEntry(2));
  await until(() => history.stats().queuedCommits === 0, 'written');
  t.same(serials(), [1, 2]);
  t.equal(history.stats().threadRestarts, 1);
  t.match(history.status(), { status: 'ok' });
});

t.test(
  'a thread that ends in the middle of its work, again and again, loses nothing and writes nothing twice',
  async (t) => {
    const { history, serials } = await start(t);
    for (let serial = 1; serial <= 30; serial++) {
      void history.commit(commitEntry(serial));
      if (serial % 6 === 0) {
        await until(() => historyThread() !== undefined, 'started again');
        const thread = historyThread();
        if (serial % 12 === 0) await once(thread as Worker, 'message'); // some die with a confirmation on its way
        await thread?.terminate();
      }
    }
    await until(() => history.stats().queuedCommits === 0, 'written');
    t.same(
      serials(),
      Array.from({ length: 30 }, (_, index) => index + 1),
    );
    t.ok(history.stats().threadRestarts >= 4, `${history.stats().threadRestarts} restarts`);
  },
);

/** Time that stands until the test moves it. */
function manualClock(): Clock & { advance(ms: number): void } {
  let nowMs = 0;
  const timers = new Set<{ dueMs: number; callback: () => void }>();
  return {
    nowMs: () => nowMs,
    epochMs: () => nowMs,
    setTimer(delayMs, callback) {
      const timer = { dueMs: nowMs + delayMs, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      nowMs += ms;
      for (const timer of [...timers].filter(({ dueMs }) => dueMs <= nowMs)) {
        timers.delete(timer);
        timer.callback();
      }
    },
  };
}

t.test('a thread that does not answer: degraded after 3 s', async (t) => {
  const time = manualClock();
  const commits = createCommitLog();
  const condition = createCondition(time, () => commits.waitingCount);
  const silent = { ask: () => new Promise<never>(() => {}), restarts: 0, close: async () => {} };
  const deps = { thread: silent, commits, condition, clock: time, log: memoryLog() };
  const ignore = () => {};
  const pump = createPump({
    ...deps,
    probes: createProbeBuffer(),
    present: createPresent(),
    onConfirmed: ignore,
    onTouched: ignore,
  });
  commits.append(commitEntry(1));
  pump.wake();
  time.advance(2_000);
  t.same(condition.status(), { status: 'ok' }, 'not yet');
  time.advance(1_000);
  t.same(condition.status(), {
    status: 'degraded',
    reason: 'the database has not answered for 2 s',
    sinceEpochMs: 2_000,
    queued: 1,
  });
});
