/**
 * kill -9 while commits wait: the database is locked by another process, so that what was handed out is in a waiting file only.
 * Proves that the next start knows of it while the lock lasts, that every row is in the table once it is gone, once and in
 * order, and what becomes of such a file beside a database that is damaged, of a newer failoverd, or that may only be read.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';
import { createHistory } from '../../src/history/history.ts';
import { readHistory } from '../../src/history/queries.ts';
import { entryLine, headerLine } from '../../src/history/waiting-format.ts';
import { HistoryRefusedError } from '../../src/runtime/ports.ts';
import { clock, commitAll, commitEntry, memoryLog, RECORD, STATE, until, ZONE } from '../history/helpers.ts';
import { lock } from './kill-on-the-wire.ts';
import { mountFolder } from './mount.ts';

const serials = (file: string): unknown => {
  const read = readHistory(file, (reader) => reader.transitions({ limit: 1_000 }).map(({ serial }) => serial));
  return read.ok ? [...read.value].reverse() : read.reason;
};
/** A reader leaves SQLite's own files behind. */
const filesOf = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => !/-(wal|shm)$/.test(name))
    .sort();
const waitingFiles = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => name.includes('.waiting-'));

/** The reason is the error's, or on a busy machine that it has not come in time. */
const saysUnkept = ({ lines }: ReturnType<typeof memoryLog>): boolean =>
  lines.some(({ level, message }) => level === 'error' && /is not kept beside it, a kill may lose it: /.test(message));

/** A failoverd that commits from this serial on and is killed when so many were handed out late. @returns the last of those */
async function killedWaiting(file: string, first: number, count: number): Promise<number> {
  const program = path.join(import.meta.dirname, 'history-process.ts');
  const child = spawn(process.execPath, [program, file, String(first), String(count), 'queued'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    last = Number(line) || last;
    if (last === first + count - 1) child.kill('SIGKILL');
  });
  await once(child, 'exit');
  return last;
}

/** A database that holds one row, and an entry of a run that was killed before it wrote it. */
async function leave(t: Test, text = headerLine('before') + entryLine({ ...commitEntry(2), seq: 9 })) {
  const folder = t.testdir();
  const file = path.join(folder, 'failoverd.db');
  const history = createHistory({ path: file, clock, log: memoryLog() });
  await history.restore();
  await commitAll(history, 1);
  await history.close();
  writeFileSync(`${file}.waiting-1`, text);
  return { folder, file };
}

async function startAgain(file: string) {
  const log = memoryLog();
  const history = createHistory({ path: file, clock, log });
  const restored = await history.restore();
  return { history, log, restored };
}

t.test('killed while the database is locked: the next start knows it, and every row arrives once', async (t) => {
  const folder = t.testdir();
  const file = path.join(folder, 'failoverd.db');
  const first = createHistory({ path: file, clock, log: memoryLog() });
  await first.restore();
  await commitAll(first, 1);
  await first.close();
  const unlock = await lock(file);
  t.equal(await killedWaiting(file, 2, 3), 4);
  t.same(waitingFiles(folder), ['failoverd.db.waiting-1']);
  t.equal(await killedWaiting(file, 5, 2), 6, 'and a second time before the lock has ended');
  t.same(waitingFiles(folder), ['failoverd.db.waiting-1', 'failoverd.db.waiting-2']);
  t.same(serials(file), [1]);

  const { history, restored } = await startAgain(file);
  t.equal(restored.serials.get(ZONE), 6, 'what was handed out last is restored');
  void history.commit(commitEntry(7));
  await unlock();
  await until(() => history.stats().queuedCommits === 0, 'all written');
  t.same(serials(file), [1, 2, 3, 4, 5, 6, 7], 'in order');
  await history.close();
  t.same(filesOf(folder), ['failoverd.db'], 'and nothing is left beside it');
});

t.test('a start writes what waited, once, and says so', async (t) => {
  const { folder, file } = await leave(t);
  const text = readFileSync(`${file}.waiting-1`);
  const { history, log, restored } = await startAgain(file);
  t.equal(restored.serials.get(ZONE), 2);
  t.match(log.lines, [
    { level: 'warn', message: /^1 commits that waited when failoverd ended were read from .*waiting-1$/ },
  ]);
  await history.close();
  t.same(filesOf(folder), ['failoverd.db']);
  writeFileSync(`${file}.waiting-1`, text); // as if it had been killed before it removed the file
  const again = await startAgain(file);
  await again.history.close();
  t.same(again.log.lines, []);
  t.same(serials(file), [1, 2]);
  t.same(filesOf(folder), ['failoverd.db']);
});

t.test('a last line that was cut off is left out, a damaged one is kept for people', async (t) => {
  const lines = [headerLine('before'), ...[2, 3].map((serial) => entryLine({ ...commitEntry(serial), seq: serial }))];
  const { folder, file } = await leave(t, lines.join('').slice(0, -5));
  const { history, log } = await startAgain(file);
  await history.close();
  t.same(serials(file), [1, 2]);
  t.equal(log.lines.length, 1);
  t.same(filesOf(folder), ['failoverd.db']);

  writeFileSync(
    `${file}.waiting-1`,
    lines.join('').replaceAll('"serial":3', '"serial":4') + entryLine({ ...commitEntry(5), seq: 4 }),
  );
  const second = await startAgain(file);
  await second.history.close();
  t.same(serials(file), [1, 2, 5], 'what is whole is written');
  t.match(
    second.log.lines.at(-1)?.message,
    /waiting-1 \(1 of its lines are damaged\) was set aside as .*waiting-1\.unreadable-/,
  );
});

t.test('what no database takes is set aside, and holds up nothing', async (t) => {
  const nonsense = { ...commitEntry(2), state: { record: RECORD, family: '9', state: STATE }, seq: 1 };
  const { folder, file } = await leave(t, headerLine('before') + entryLine(nonsense as never));
  writeFileSync(`${file}.waiting-2`, 'not a line\nof ours\n');
  writeFileSync(`${file}.waiting-3`, '');
  writeFileSync(`${file}.waiting-4`, headerLine('other') + entryLine({ ...commitEntry(3), seq: 1 }));
  const { history, restored } = await startAgain(file);
  t.equal(restored.serials.get(ZONE), 3);
  await commitAll(history, 4);
  await history.close();
  t.same(serials(file), [1, 3, 4]);
  const left = filesOf(folder).map((name) => name.replace(/-\d{8}T\d{6}Z$/, ''));
  t.same(left, ['failoverd.db', 'failoverd.db.waiting-1.unreadable', 'failoverd.db.waiting-2.unreadable']);
});

t.test('beside a damaged database it goes into the one that takes its place', async (t) => {
  const { file } = await leave(t);
  writeFileSync(file, 'garbage '.repeat(2_000));
  const { history, restored } = await startAgain(file);
  t.equal(restored.serials.get(ZONE), 2);
  t.match(history.status(), { setAside: { path: /damaged/ } });
  await history.close();
  t.same(serials(file), [2]);
  t.equal(existsSync(`${file}.waiting-1`), false);
});

t.test('beside a database that was removed it goes into the new one', async (t) => {
  const { file } = await leave(t);
  rmSync(file);
  const { history } = await startAgain(file);
  await history.close();
  t.same(serials(file), [2]);
});

t.test('beside a database of a newer failoverd it is not touched', async (t) => {
  const { folder, file } = await leave(t);
  new Database(file).exec('PRAGMA user_version = 999').close();
  const before = readFileSync(`${file}.waiting-1`);
  const history = createHistory({ path: file, clock, log: memoryLog() });
  await t.rejects(history.restore(), HistoryRefusedError);
  await history.close();
  t.same(readFileSync(`${file}.waiting-1`), before);
  t.same(waitingFiles(folder), ['failoverd.db.waiting-1']);
});

t.test('on a file system that may only be read it is restored from, and on a full one kept', async (t) => {
  const mounted = mountFolder(t, '1m');
  if (mounted === null) return;
  const file = path.join(mounted.dir, 'failoverd.db');
  const first = createHistory({ path: file, clock, log: memoryLog() });
  await first.restore();
  await commitAll(first, 1);
  await first.close();
  writeFileSync(`${file}.waiting-1`, headerLine('before') + entryLine({ ...commitEntry(2), seq: 1 }));
  mounted.remount('ro');
  const readOnly = await startAgain(file);
  t.equal(readOnly.restored.serials.get(ZONE), 2);
  t.equal(await readOnly.history.commit(commitEntry(3)), 'queued');
  t.ok(saysUnkept(readOnly.log), 'and the log says that a kill may lose that');
  mounted.remount('rw');
  await until(() => readOnly.history.stats().queuedCommits === 0, 'all written');
  await readOnly.history.close();
  t.same(serials(file), [1, 2, 3]);

  writeFileSync(`${file}.waiting-1`, headerLine('second') + entryLine({ ...commitEntry(4), seq: 1 }));
  const ballast = path.join(mounted.dir, 'ballast');
  t.throws(() => {
    for (;;) appendFileSync(ballast, Buffer.alloc(4_096));
  }, /ENOSPC/);
  const full = await startAgain(file);
  t.equal(full.restored.serials.get(ZONE), 4);
  t.equal(await full.history.commit(commitEntry(5)), 'queued');
  t.ok(saysUnkept(full.log));
  writeFileSync(ballast, '');
  await until(() => full.history.stats().queuedCommits === 0, 'all written');
  await full.history.close();
  t.same(serials(file), [1, 2, 3, 4, 5]);
  t.same(filesOf(mounted.dir), ['ballast', 'failoverd.db']);
});

t.test('an end while the database is locked keeps what waits for the next start', async (t) => {
  const { folder, file } = await leave(t, '');
  const tenfold = { ...clock, setTimer: (delayMs: number, done: () => void) => clock.setTimer(delayMs / 10, done) };
  const log = memoryLog();
  const history = createHistory({ path: file, clock: tenfold, log });
  await history.restore();
  const unlock = await lock(file);
  await history.commit(commitEntry(2));
  await history.close();
  t.match(log.lines.at(-1), {
    level: 'error',
    message: /^not written to the database, but kept beside it for the next/,
  });
  await unlock();
  const { history: next, restored } = await startAgain(file);
  t.equal(restored.serials.get(ZONE), 2);
  await next.close();
  t.same(serials(file), [1, 2]);
  t.same(filesOf(folder), ['failoverd.db']);
});
