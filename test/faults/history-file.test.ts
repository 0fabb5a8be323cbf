/**
 * What happens to the database file while failoverd runs: deleted, replaced, emptied, overwritten, its log taken away.
 * Proves that the history recovers by itself within a few seconds, that what is no database is kept under another name,
 * and that every transition is in the database afterwards exactly once.
 */
import {
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';
import { createHistory } from '../../src/history/history.ts';
import { clock, commitAll, commitEntry, ENDPOINT, memoryLog, PROBE, RECORD, until } from '../history/helpers.ts';

async function start(t: Test) {
  const dir = t.testdir();
  const file = path.join(dir, 'failoverd.db');
  const log = memoryLog();
  const history = createHistory({ path: file, clock, log });
  await history.restore();
  t.teardown(() => history.close());
  history.recordHealth(ENDPOINT, { status: 'down', sinceEpochMs: 1_000 });
  return { dir, file, history, log };
}

function read<T>(file: string, use: (db: Database.Database) => T): T {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    return use(db);
  } finally {
    db.close();
  }
}

const serials = (file: string): unknown[] =>
  read(file, (db) => db.prepare('SELECT serial FROM failover_history ORDER BY id').pluck().all());

/** The test's own look must not disturb: an empty file beside a log is not opened. */
const holds = (file: string, count: number) => (): boolean => {
  try {
    return existsSync(file) && serials(file).length >= count;
  } catch {
    return false;
  }
};

const remove = (file: string, suffixes: readonly string[]): void => {
  for (const suffix of suffixes) rmSync(file + suffix);
};

/** Overwrites without emptying the file first, as a stray `dd` would. */
function overwrite(file: string, bytes: Buffer): void {
  writeSync(openSync(file, 'r+'), bytes, 0, bytes.length, 0);
}

const faults: readonly { name: string; break: (file: string) => void; aside: RegExp | null }[] = [
  { name: 'the file is deleted', break: (file) => remove(file, ['']), aside: null },
  { name: 'the file and its log are deleted', break: (file) => remove(file, ['', '-wal', '-shm']), aside: null },
  { name: 'its folder is deleted', break: (file) => rmSync(path.dirname(file), { recursive: true }), aside: null },
  { name: 'the log is deleted', break: (file) => remove(file, ['-wal']), aside: null },
  { name: 'the lock file is deleted', break: (file) => remove(file, ['-shm']), aside: null },
  { name: 'the file is emptied', break: (file) => truncateSync(file), aside: /damaged/ },
  {
    name: 'the file is replaced by an empty one',
    break(file) {
      remove(file, ['']);
      writeFileSync(file, '');
    },
    aside: null,
  },
  {
    name: 'the file is replaced by garbage',
    break(file) {
      remove(file, ['', '-wal', '-shm']);
      writeFileSync(file, 'x'.repeat(50_000));
    },
    aside: /damaged/,
  },
  {
    name: 'the file is replaced by the database of another program',
    break(file) {
      remove(file, ['']);
      new Database(file).exec('CREATE TABLE other (a)').close();
    },
    aside: /foreign/,
  },
];

for (const fault of faults) {
  t.test(`${fault.name}: all transitions are there afterwards, once each`, async (t) => {
    const { dir, file, history, log } = await start(t);
    await commitAll(history, 1, 2, 3);
    fault.break(file);
    await history.commit(commitEntry(4));
    await history.commit(commitEntry(5));
    await until(holds(file, 5), 'five transitions');
    t.same(serials(file), [1, 2, 3, 4, 5]);
    await commitAll(history, 6);
    t.same(serials(file), [1, 2, 3, 4, 5, 6]);
    t.equal(
      read(file, (db) => db.pragma('integrity_check', { simple: true })),
      'ok',
    );
    const aside = readdirSync(dir).filter((name) => /damaged|foreign/.test(name) && !/-(wal|shm)$/.test(name));
    t.equal(aside.length, fault.aside === null ? 0 : 1, aside.join());
    if (fault.aside !== null) {
      t.match(aside[0], fault.aside);
      t.match(history.status(), { status: 'ok', setAside: { path: path.join(dir, aside[0] ?? '') } });
      t.ok(log.lines.some(({ level, message }) => level === 'error' && message.includes(aside[0] ?? '?')));
    }
  });
}

t.test('a deleted file is noticed without a transition, and the verdicts are written again', async (t) => {
  const { file, history } = await start(t);
  history.recordProbe(PROBE);
  await until(() => read(file, (db) => db.prepare('SELECT count(*) FROM probe_log').pluck().get()) === 1, 'the probe');
  truncateSync(file);
  const health = () => read(file, (db) => db.prepare('SELECT endpoint, status FROM endpoints').all());
  await until(() => history.status().setAside !== undefined, 'set aside');
  await until(() => health().length > 0, 'the verdict');
  t.same(health(), [{ endpoint: ENDPOINT, status: 'down' }]);
});

t.test('a page overwritten with garbage is found by the check that follows, and the database set aside', async (t) => {
  const { dir, file, history } = await start(t);
  await commitAll(history, ...Array.from({ length: 100 }, (_, index) => index + 1));
  read(file, (db) => db.pragma('user_version'));
  const other = new Database(file);
  other.pragma('wal_checkpoint(TRUNCATE)'); // otherwise the log still has every page
  other.close();
  const before = readFileSync(file);
  overwrite(file, Buffer.alloc(before.length - 4096, 0xee));
  await until(() => history.status().setAside !== undefined, 'set aside');
  await commitAll(history, 101);
  t.same(
    serials(file),
    Array.from({ length: 101 }, (_, index) => index + 1),
  );
  t.equal(readdirSync(dir).filter((name) => /\.damaged-[\dTZ]+$/.test(name)).length, 1);
});

t.test('a backup that is put back while it runs is taken, and gets what has happened since', async (t) => {
  const { dir, file, history } = await start(t);
  await commitAll(history, 1);
  const backup = path.join(dir, 'backup.db');
  t.same(await history.backup(backup), { ok: true });
  await commitAll(history, 2);
  remove(file, ['']);
  copyFileSync(backup, file);
  await history.commit(commitEntry(3));
  await until(holds(file, 3), 'three transitions');
  t.same(serials(file), [1, 2, 3]);
  t.same(
    read(file, (db) => db.prepare('SELECT record, transition_id FROM record_state').all()),
    [{ record: RECORD.slice(0, -1), transition_id: 3 }],
  );
  t.match(history.status(), { status: 'ok' });
});

t.test('another database of failoverd that takes its name keeps its own rows and gets ours', async (t) => {
  const { dir, file, history } = await start(t);
  const others = path.join(dir, 'others.db');
  const other = createHistory({ path: others, clock, log: memoryLog() });
  await other.restore();
  for (let serial = 101; serial <= 140; serial++) await other.commit(commitEntry(serial));
  await other.close();
  await commitAll(history, 1);
  renameSync(others, file); // our log stays, and must not be played into it
  await history.commit(commitEntry(2));
  await until(holds(file, 42), 'all of them');
  t.same(serials(file), [...Array.from({ length: 40 }, (_, index) => 101 + index), 1, 2]);
  t.equal(
    read(file, (db) => db.pragma('integrity_check', { simple: true })),
    'ok',
  );
});

t.test(
  'the log is deleted while a reader has the database open: what an earlier run wrote into it is kept',
  async (t) => {
    const file = path.join(t.testdir(), 'failoverd.db');
    const first = createHistory({ path: file, clock, log: memoryLog() });
    await first.restore();
    const reader = new Database(file, { readonly: true });
    t.teardown(() => reader.close());
    reader.pragma('user_version'); // from now on the first run cannot move the log into the file when it closes
    await first.commit(commitEntry(1));
    await first.close();
    const second = createHistory({ path: file, clock, log: memoryLog() });
    t.teardown(() => second.close());
    await second.restore();
    remove(file, ['-wal']);
    await second.commit(commitEntry(2));
    await until(() => second.stats().queuedCommits === 0, 'written');
    reader.close();
    t.same(serials(file), [1, 2]);
  },
);

t.test('a database that lost everything gets the states and serials that an earlier run had left', async (t) => {
  const file = path.join(t.testdir(), 'failoverd.db');
  const first = createHistory({ path: file, clock, log: memoryLog() });
  await first.restore();
  await first.commit(commitEntry(7));
  await first.close();
  const second = createHistory({ path: file, clock, log: memoryLog() });
  t.teardown(() => second.close());
  await second.restore();
  truncateSync(file);
  await until(() => second.status().setAside !== undefined, 'set aside');
  const present = () => read(file, (db) => db.prepare('SELECT record, serial FROM record_state, zone_serials').all());
  await until(() => present().length > 0, 'the state');
  t.same(present(), [{ record: RECORD.slice(0, -1), serial: 7 }]);
});
