/**
 * Another process holds the database's lock.
 * Proves that a commit waits 100 ms at most, that the history counts as degraded within 5 s, and that all is written,
 * in order and once, when the lock is gone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import t, { type Test } from 'tap';
import { createHistory } from '../../src/history/history.ts';
import { readHistory } from '../../src/history/queries.ts';
import type { HistoryStatus } from '../../src/runtime/ports.ts';
import { clock, commitAll, commitEntry, memoryLog, PROBE, RECORD, until } from '../history/helpers.ts';

async function lock(t: Test, file: string): Promise<{ release(): Promise<void> }> {
  const program = path.join(import.meta.dirname, 'lock-holder.ts');
  const holder: ChildProcess = spawn(process.execPath, [program, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => holder.kill('SIGKILL'));
  await once(holder.stdout ?? holder, 'data');
  return {
    async release() {
      holder.stdin?.end();
      await once(holder, 'exit');
    },
  };
}

const serials = (file: string): unknown => {
  const read = readHistory(file, (reader) => reader.transitions({ limit: 1_000 }).map(({ serial }) => serial));
  return read.ok ? [...read.value].reverse() : read.reason;
};

t.test(
  'locked: commits are queued after 100 ms, the alarm rises, and all is written when the lock is gone',
  async (t) => {
    const file = path.join(t.testdir(), 'failoverd.db');
    const history = createHistory({ path: file, clock, log: memoryLog() });
    const statuses: HistoryStatus[] = [];
    history.onStatus((status) => statuses.push(status));
    await history.restore();
    await commitAll(history, 1);

    const holder = await lock(t, file);
    const start = performance.now();
    t.equal(await history.commit(commitEntry(2)), 'queued');
    const waitedMs = performance.now() - start;
    t.ok(waitedMs >= 99 && waitedMs < 5_000, `queued after ${waitedMs} ms`);
    for (let serial = 3; serial <= 200; serial++) void history.commit(commitEntry(serial));
    await until(() => history.status().status === 'degraded', 'degraded');
    t.ok(performance.now() - start < 5_000, 'the alarm is up within 5 s');
    t.match(history.status(), { reason: `${file}: it is locked by another process (SQLITE_BUSY)`, queued: 199 });
    t.same(serials(file), [1], 'readers are not disturbed, and nothing is written');

    await holder.release();
    await until(() => history.status().status === 'ok', 'ok again');
    await until(() => history.stats().queuedCommits === 0, 'all written');
    t.same(
      serials(file),
      Array.from({ length: 200 }, (_, index) => index + 1),
    );
    t.same(
      statuses.map(({ status }) => status),
      ['degraded', 'ok'],
    );
    await history.close();
  },
);

t.test('locked: probes wait too, and the alarm rises without a transition', async (t) => {
  const file = path.join(t.testdir(), 'failoverd.db');
  const history = createHistory({ path: file, clock, log: memoryLog() });
  await history.restore();
  const holder = await lock(t, file);
  for (let n = 0; n < 10; n++) history.recordProbe({ ...PROBE, startedAtEpochMs: PROBE.startedAtEpochMs + n });
  await until(() => history.status().status === 'degraded', 'degraded');
  t.match(history.stats(), { queuedProbes: 10, droppedProbes: 0 });
  await holder.release();
  await until(() => history.status().status === 'ok', 'ok again');
  await until(() => history.stats().queuedProbes === 0, 'all written');
  t.equal(history.stats().droppedProbes, 0);
  t.match(
    readHistory(file, (reader) => reader.probes({ limit: 100 }).length),
    { value: 10 },
  );
  await history.close();
});

t.test('a restart while the database is locked restores all the same', async (t) => {
  const file = path.join(t.testdir(), 'failoverd.db');
  const first = createHistory({ path: file, clock, log: memoryLog() });
  await first.restore();
  await commitAll(first, 1);
  await first.close();
  const holder = await lock(t, file);
  const second = createHistory({ path: file, clock, log: memoryLog() });
  const start = performance.now();
  const { records } = await second.restore();
  t.ok(performance.now() - start < 5_000, 'the lock is not waited for');
  t.same([...records.keys()], [RECORD]);
  t.equal(await second.commit(commitEntry(2)), 'queued');
  await holder.release();
  await second.close();
  t.same(serials(file), [1, 2]);
});

t.test('close() while the database is locked gives up after 5 s and logs what was not written', async (t) => {
  const file = path.join(t.testdir(), 'failoverd.db');
  const log = memoryLog();
  const tenfold = { ...clock, setTimer: (delayMs: number, done: () => void) => clock.setTimer(delayMs / 10, done) };
  const history = createHistory({ path: file, clock: tenfold, log });
  await history.restore();
  await lock(t, file);
  await history.commit(commitEntry(1));
  const start = performance.now();
  await history.close();
  const tookMs = performance.now() - start;
  t.ok(tookMs > 490 && tookMs < 5_000, `${tookMs} ms on a clock that runs ten times as fast`);
  t.match(log.lines.at(-1), {
    level: 'error',
    fields: { transition: { serial: 1 } },
    message: /^not written to the database/,
  });
});
