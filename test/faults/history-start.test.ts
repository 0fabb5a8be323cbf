/**
 * The start with a database that is damaged, foreign, newer, or where none can be.
 * Proves that a file is never overwritten, that damage never keeps failoverd from starting, and that a start is refused,
 * with one clear line, only where nothing else makes sense.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';
import type { OwnerName } from '../../src/core/name.ts';
import { createHistory } from '../../src/history/history.ts';
import { readHistory } from '../../src/history/queries.ts';
import { HistoryRefusedError } from '../../src/runtime/ports.ts';
import {
  clock,
  commitAll,
  commitEntry,
  memoryLog,
  RECORD,
  STATE,
  transition,
  until,
  ZONE,
} from '../history/helpers.ts';
import { mountFolder } from './mount.ts';

function open(t: Test, file: string) {
  const log = memoryLog();
  const history = createHistory({ path: file, clock, log });
  t.teardown(() => history.close());
  return { history, log };
}

async function refusal(t: Test, file: string): Promise<string> {
  const error: unknown = await open(t, file)
    .history.restore()
    .then(
      () => 'it started',
      (reason) => reason,
    );
  return error instanceof HistoryRefusedError ? error.message : String(error);
}

const unusable = [
  { what: 'garbage', make: (file: string) => writeFileSync(file, 'no database '.repeat(1_000)), label: 'damaged' },
  { what: 'a short file', make: (file: string) => writeFileSync(file, 'SQLite'), label: 'damaged' },
  {
    what: 'the database of another program',
    make: (file: string) => new Database(file).exec('CREATE TABLE mine (a); INSERT INTO mine VALUES (1)').close(),
    label: 'foreign',
  },
  {
    what: 'a database of failoverd that lacks a table',
    async make(file: string) {
      const history = createHistory({ path: file, clock, log: memoryLog() });
      await history.restore();
      await history.close();
      new Database(file).exec('DROP TABLE writers').close();
    },
    label: 'damaged',
  },
] as const;

for (const { what, make, label } of unusable) {
  t.test(`restore() sets ${what} aside, byte for byte, and starts with a new database`, async (t) => {
    const dir = t.testdir();
    const file = path.join(dir, 'failoverd.db');
    await make(file);
    const bytes = readFileSync(file);
    const { history, log } = open(t, file);
    const { records } = await history.restore();
    t.equal(records.size, 0);
    await commitAll(history, 1);
    const [aside = ''] = readdirSync(dir).filter((name) => name.startsWith(`failoverd.db.${label}-`));
    t.ok(readFileSync(path.join(dir, aside)).equals(bytes), 'unchanged');
    t.match(history.status(), { status: 'ok', setAside: { path: path.join(dir, aside) } });
    t.match(log.lines[0], { level: 'error', message: new RegExp(`it was set aside as .*${label}`) });
  });
}

t.test(
  'what can still be read of a damaged database comes over: state, serial, transitions on both sides',
  async (t) => {
    const dir = t.testdir();
    const file = path.join(dir, 'failoverd.db');
    const first = open(t, file).history;
    await first.restore();
    const other = 'other.example.com.' as OwnerName;
    await first.commit({
      ...commitEntry(1, { transition: transition(1, { record: other }) }),
      state: { record: other, family: '', state: STATE },
    });
    await commitAll(first, ...Array.from({ length: 99 }, (_, index) => index + 2));
    await first.close();
    const db = new Database(file, { readonly: true });
    const pages = db
      .prepare("SELECT pageno FROM dbstat WHERE name = 'failover_history' AND pagetype = 'leaf'")
      .pluck()
      .all();
    db.close();
    const bytes = readFileSync(file);
    const page = Number(pages[Math.floor(pages.length / 2)]);
    bytes.fill(0xee, (page - 1) * 4096, page * 4096);
    writeFileSync(file, bytes);

    const { history, log } = open(t, file);
    await history.restore();
    await until(() => history.status().setAside !== undefined, 'the check at the start finds it');
    await commitAll(history, 101);
    t.match(
      log.lines.find(({ level }) => level === 'warn')?.message,
      /^\d+ of failover_history, 2 of record_state, 1 of zone_serials/,
    );
    const read = readHistory(file, (reader) =>
      reader.transitions({ limit: 1_000 }).map(({ id, serial }) => ({ id, serial })),
    );
    const serials = read.ok ? read.value.map(({ serial }) => serial) : [];
    t.ok(serials.length > 80 && serials.length < 101, `${serials.length} transitions`);
    t.same([serials[0], serials.at(-1)], [101, 1]);
    t.equal(new Set(serials).size, serials.length);
    await history.close();
    const { records, serials: restored } = await open(t, file).history.restore();
    t.same([...records.keys()].sort(), [RECORD, other]);
    t.equal(restored.get(ZONE), 101);
  },
);

t.test('a second file set aside in the same second does not overwrite the first', async (t) => {
  const dir = t.testdir();
  const file = path.join(dir, 'failoverd.db');
  const still = { ...clock, epochMs: () => Date.UTC(2026, 6, 31, 12) };
  for (const garbage of ['one', 'two']) {
    writeFileSync(file, garbage.repeat(1_000));
    const history = createHistory({ path: file, clock: still, log: memoryLog() });
    await history.restore();
    await history.close();
  }
  t.same(
    readdirSync(dir).filter((name) => /damaged-\w+(-2)?$/.test(name)),
    ['failoverd.db.damaged-20260731T120000Z', 'failoverd.db.damaged-20260731T120000Z-2'],
  );
});

t.test('restore() of an empty file makes the database in it', async (t) => {
  const file = path.join(t.testdir({ 'failoverd.db': '' }), 'failoverd.db');
  const { history } = open(t, file);
  await history.restore();
  t.same(history.status(), { status: 'ok' });
  await commitAll(history, 1);
});

t.test('restore() refuses a database of a newer schema and leaves it as it is', async (t) => {
  const file = path.join(t.testdir(), 'failoverd.db');
  const first = open(t, file).history;
  await first.restore();
  await first.close();
  const db = new Database(file);
  db.pragma('user_version = 99');
  db.close();
  const bytes = readFileSync(file);
  t.match(
    await refusal(t, file),
    /failoverd\.db: it has schema version 99, this failoverd knows up to \d+; run the newer failoverd$/,
  );
  t.ok(readFileSync(file).equals(bytes));
});

t.test('restore() refuses where no database can be made', async (t) => {
  const dir = t.testdir({ file: 'no folder' });
  mkdirSync(path.join(dir, 'folder'));
  t.equal(
    await refusal(t, path.join(dir, 'nowhere', 'failoverd.db')),
    `cannot make the database ${dir}/nowhere/failoverd.db: the folder ${dir}/nowhere does not exist; change "database" or the folder's permissions`,
  );
  t.match(await refusal(t, path.join(dir, 'file', 'failoverd.db')), /^cannot make the database .*; change "database"/);
  t.match(
    await refusal(t, path.join(dir, 'folder')),
    /^cannot make the database .*: something that is no file has that name; change "database"/,
  );
});

t.test('a read-only file system refuses a first start, and restores a later one', async (t) => {
  const mounted = mountFolder(t, '4m');
  if (mounted === null) return;
  const file = path.join(mounted.dir, 'failoverd.db');
  const first = open(t, file).history;
  await first.restore();
  await commitAll(first, 1);
  await first.close();
  mounted.remount('ro');
  t.match(
    await refusal(t, path.join(mounted.dir, 'new.db')),
    /^cannot make the database .*; change "database" or the folder's permissions$/,
  );
  const { history } = open(t, file);
  const { records } = await history.restore();
  t.same([...records.keys()], [RECORD]);
  t.equal(await history.commit(commitEntry(2)), 'queued');
  await until(() => history.status().status === 'degraded', 'degraded');
  t.match(history.status(), { reason: /failoverd\.db: it (is read-only|cannot be opened) \(/, queued: 1 });
  mounted.remount('rw');
  await until(() => history.status().status === 'ok', 'ok again');
  await history.close();
  const read = readHistory(file, (reader) => reader.transitions({ limit: 9 }).length);
  t.same(read, { ok: true, value: 2 });
});

t.test('after a kill -9 the log is read also from a read-only file system', async (t) => {
  const mounted = mountFolder(t, '4m');
  if (mounted === null) return;
  const running = path.join(t.testdir(), 'failoverd.db');
  const killed = open(t, running).history;
  await killed.restore();
  await commitAll(killed, 1);
  const file = path.join(mounted.dir, 'failoverd.db');
  for (const suffix of ['', '-wal', '-shm']) copyFileSync(running + suffix, file + suffix);
  mounted.remount('ro');
  const { history } = open(t, file);
  const { records } = await history.restore();
  t.same([...records.keys()], [RECORD]);
  mounted.remount('rw');
});
