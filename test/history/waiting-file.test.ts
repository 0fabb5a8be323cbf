import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import t, { type Test } from 'tap';
import { createCommitLog } from '../../src/history/commit-log.ts';
import { createWaitingFile } from '../../src/history/waiting-file.ts';
import { parseWaiting } from '../../src/history/waiting-format.ts';
import { clock, commitEntry, memoryLog, until } from './helpers.ts';

/** Deadlines do not pass by themselves: a busy machine must not make a write late. */
function stage(t: Test, folder = t.testdir()) {
  const file = path.join(folder, 'failoverd.db');
  const commits = createCommitLog();
  const log = memoryLog();
  let pass = (): void => {};
  const held = {
    ...clock,
    setTimer: (_ms: number, done: () => void) => {
      pass = done;
      return () => {};
    },
  };
  const waiting = createWaitingFile({ file, run: 'run', commits, clock: held, log });
  t.teardown(() => waiting.close());
  const kept = (number = 1): unknown => {
    const text = parseWaiting(readFileSync(`${file}.waiting-${number}`, 'utf8'));
    return text.kind === 'commits' ? text.entries.map(({ seq }) => seq) : text.kind;
  };
  const commit = (...serials: readonly number[]): void => {
    for (const serial of serials) commits.append(commitEntry(serial));
  };
  const confirm = (seq: number): void => {
    commits.confirm(seq);
    waiting.confirmed();
  };
  return { file, commits, log, waiting, kept, commit, confirm, pass: () => pass() };
}

t.test('keep() puts what waits into a file that only its owner reads, each commit once', async (t) => {
  const { file, waiting, kept, commit, confirm, log } = stage(t);
  commit(101, 102, 103);
  confirm(1);
  t.equal(existsSync(`${file}.waiting-1`), false, 'nothing is done before it is asked for');
  t.equal(await waiting.keep(), true);
  t.same(kept(), [2, 3], 'what the database has is left out');
  t.equal(statSync(`${file}.waiting-1`).mode & 0o777, 0o600);
  commit(104);
  t.equal(await waiting.keep(), true);
  t.equal(await waiting.keep(), true);
  t.same(kept(), [2, 3, 4]);
  t.match(log.lines, [{ level: 'info', message: /is kept in .*failoverd\.db\.waiting-1$/ }]);
});

t.test('confirmed() removes the file when the database has all of it, and not before', async (t) => {
  const { file, waiting, commit, confirm, kept } = stage(t);
  commit(101, 102);
  await waiting.keep();
  confirm(1);
  t.same(kept(), [1, 2]);
  confirm(2);
  await until(() => !existsSync(`${file}.waiting-1`), 'the file is gone');
  commit(103);
  await waiting.keep();
  t.same(kept(), [3], 'and there is another one when it is needed');
  commit(104);
  const keeping = waiting.keep();
  confirm(3);
  t.equal(await keeping, true, 'also when the first is confirmed while the second is written');
  t.same(readdirSync(path.dirname(file)).length, 1);
  await waiting.close();
  t.ok(existsSync(`${file}.waiting-1`), 'what waits at the end stays');
});

t.test('keep() writes again what a database has lost', async (t) => {
  const { waiting, commit, confirm, kept } = stage(t);
  commit(101, 102, 103);
  confirm(2);
  await waiting.keep();
  t.same(kept(), [3]);
  confirm(0);
  await waiting.keep();
  t.same(kept(), [1, 2, 3]);
});

t.test('keep() begins a file after those that others have left', async (t) => {
  const { waiting, commit, kept } = stage(t, t.testdir({ 'failoverd.db.waiting-7': 'of another run' }));
  commit(101);
  await waiting.keep();
  t.same(kept(8), [1]);
});

t.test('keep() where no file can be made says so once, and tries again', async (t) => {
  const folder = path.join(t.testdir(), 'folder');
  const { waiting, commit, log, kept } = stage(t, folder);
  commit(101);
  t.equal(await waiting.keep(), false);
  commit(102);
  t.equal(await waiting.keep(), false);
  t.match(log.lines, [
    { level: 'error', message: /not kept beside it, a kill may lose it: .*the folder does not exist \(ENOENT\)$/ },
  ]);
  t.equal(log.lines.length, 1);
  mkdirSync(folder);
  t.equal(await waiting.keep(), true);
  t.same(kept(), [1, 2]);
});

/** Occupies every thread that Node's file system calls run in, as a disk that hangs does. @returns what ends it */
function hang(folder: string): () => Promise<void> {
  const pipe = path.join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const opening = Array.from({ length: Number(process.env.UV_THREADPOOL_SIZE ?? 4) }, () => open(pipe, 'r'));
  return async () => {
    const writer = openSync(pipe, 'r+'); // they wait for a writer
    await Promise.all(opening.map(async (handle) => (await handle).close()));
    closeSync(writer);
  };
}

t.test('keep() does not wait for a disk that hangs, and a second time not at all', async (t) => {
  const { file, waiting, commit, log, pass, kept } = stage(t);
  const works = hang(path.dirname(file));
  commit(101);
  const keeping = waiting.keep();
  pass();
  t.equal(await keeping, false);
  t.match(log.lines, [{ level: 'error', message: /a kill may lose it: the disk has not answered for 100 ms$/ }]);
  commit(102);
  t.equal(await waiting.keep(), false, 'no deadline passes for this one');
  await works();
  const both = (): boolean => existsSync(`${file}.waiting-1`) && JSON.stringify(kept()) === '[1,2]';
  await until(both, 'both are written all the same');
  t.equal(await waiting.keep(), true);
});
