/**
 * Random sequences of commits and faults: the file deleted, emptied, replaced, its log taken away, the lock held by
 * another connection, the thread ended.
 * Proves that whatever happens in whatever order, every transition is in the database in the end, in order and once,
 * and the state that a restart restores is the last one.
 */
import { existsSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import t from 'tap';
import { createHistory } from '../../src/history/history.ts';
import { readHistory } from '../../src/history/queries.ts';
import { clock, commitEntry, memoryLog, until, ZONE } from '../history/helpers.ts';

/** FAULT_RUNS=300 looks for what is rare; it takes minutes. */
const RUNS = Number(process.env.FAULT_RUNS ?? 8);

const workers: Worker[] = [];
process.on('worker', (worker) => workers.push(worker));

const remove = (file: string, ...suffixes: string[]): void => {
  for (const suffix of suffixes) rmSync(file + suffix, { force: true });
};

/** A connection of a stranger that holds the lock. Null: it could not get it. */
let holder: Database.Database | null = null;

function lock(file: string): void {
  if (holder !== null || !existsSync(file)) return;
  try {
    holder = new Database(file, { timeout: 0, fileMustExist: true });
    holder.exec('BEGIN IMMEDIATE');
  } catch {
    unlock(); // the file is no database just now, or failoverd holds the lock itself
  }
}

function unlock(): void {
  holder?.close();
  holder = null;
}

const actions: Readonly<Record<string, (file: string) => unknown>> = {
  wait: () => new Promise((resolve) => setTimeout(resolve, 60)),
  remove: (file) => remove(file, ''),
  removeAll: (file) => remove(file, '', '-wal', '-shm'),
  removeLog: (file) => remove(file, '-wal'),
  removeLock: (file) => remove(file, '-shm'),
  empty: (file) => existsSync(file) && truncateSync(file),
  garbage(file) {
    remove(file, '', '-wal', '-shm');
    writeFileSync(file, 'garbage '.repeat(2_000));
  },
  foreign(file) {
    const made = `${file}.made`;
    new Database(made).exec('CREATE TABLE IF NOT EXISTS other (a)').close();
    remove(file, '-wal', '-shm');
    renameSync(made, file);
  },
  lock,
  unlock,
  endThread: () =>
    workers
      .filter(({ threadName }) => threadName === 'failoverd history')
      .at(-1)
      ?.terminate(),
};

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant('commit') },
  { weight: 2, arbitrary: fc.constant('commitAndWait') },
  { weight: 3, arbitrary: fc.constantFrom(...Object.keys(actions)) },
);

async function survives(file: string, steps: readonly string[]): Promise<void> {
  const log = memoryLog();
  const history = createHistory({ path: file, clock, log });
  await history.restore();
  let serial = 0;
  for (const name of steps) {
    if (name === 'commit') void history.commit(commitEntry(++serial));
    else if (name === 'commitAndWait') await history.commit(commitEntry(++serial));
    else await actions[name]?.(file);
  }
  unlock();
  await history.commit(commitEntry(++serial));
  await until(() => history.stats().queuedCommits === 0, `all ${serial} written`).catch((error) => {
    throw new Error(`${error.message} ${JSON.stringify([history.status(), log.lines])}`);
  });
  const read = readHistory(file, (reader) => reader.transitions({ limit: 1_000 }).map((row) => row.serial));
  const expected = Array.from({ length: serial }, (_, index) => serial - index);
  await history.close();
  if (JSON.stringify(read) !== JSON.stringify({ ok: true, value: expected })) throw new Error(JSON.stringify(read));
  const again = createHistory({ path: file, clock, log: memoryLog() });
  const { serials } = await again.restore();
  await again.close();
  if (serials.get(ZONE) !== serial) throw new Error(`restored ${serials.get(ZONE)}, not ${serial}`);
}

t.test(
  'whatever happens to the file, the lock and the thread: nothing is lost, nothing is twice (property)',
  async (t) => {
    const dir = t.testdir();
    let run = 0;
    const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), (steps) =>
      survives(path.join(dir, `${run++}.db`), steps),
    );
    await fc.assert(property, { numRuns: RUNS, endOnFailure: RUNS > 8 });
    t.ok(run >= RUNS);
  },
);
