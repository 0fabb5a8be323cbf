import { readFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import t from 'tap';
import { openForWriting } from '../../src/history/database.ts';
import { loadMigrations, MIGRATIONS_DIRECTORY, migrate, schemaVersion } from '../../src/history/migrate.ts';
import { restoreFrom } from '../../src/history/restore.ts';
import { createWriter } from '../../src/history/writer.ts';
import { commitEntry, ENDPOINT, PROBE, RECORD, transition, ZONE } from './helpers.ts';

const FIXTURES = path.join(import.meta.dirname, 'schemas');

t.test('loadMigrations() reads them in order and refuses a gap', async (t) => {
  t.same(
    loadMigrations().map(({ version }) => version),
    loadMigrations().map((_, index) => index + 1),
  );
  const gap = t.testdir({ '001-a.sql': '', '003-b.sql': '', 'README.md': '' });
  t.throws(() => loadMigrations(gap), /003-b\.sql is not migration 2/);
});

t.test('migrate() applies what is missing, each in a transaction of its own', async (t) => {
  const db = new Database(':memory:');
  const one = { version: 1, name: '001', sql: 'CREATE TABLE a (x); INSERT INTO a VALUES (1);' };
  const two = { version: 2, name: '002', sql: 'ALTER TABLE a ADD COLUMN y; UPDATE a SET y = x + 1;' };
  const broken = { version: 3, name: '003', sql: 'CREATE TABLE b (x); INSERT INTO nowhere VALUES (1);' };
  migrate(db, [one]);
  t.throws(() => migrate(db, [one, two, broken]), /no such table/);
  t.equal(schemaVersion(db), 2);
  t.same(db.prepare('SELECT * FROM a').all(), [{ x: 1, y: 2 }]);
  t.same(db.prepare("SELECT name FROM sqlite_schema WHERE name = 'b'").all(), [], 'rolled back');
});

/** A fixture is a dump of a database with data, made by the release that had that version as its newest. */
for (const { version } of loadMigrations()) {
  t.test(`a database of schema version ${version} keeps its data and takes new`, async (t) => {
    const file = path.join(t.testdir(), 'failoverd.db');
    new Database(file).exec(readFileSync(path.join(FIXTURES, `${version}.sql`), 'utf8')).close();
    const opened = openForWriting(file);
    if (opened.kind !== 'open') return t.fail(opened.reason);
    const { db } = opened;
    t.equal(schemaVersion(db), loadMigrations().length);
    const { state, problems } = restoreFrom(db);
    t.same(problems, []);
    t.match(
      [...(state.records.get(RECORD) ?? [])],
      [{ state: { activeTarget: 'backup' }, lastTransition: { reason: transition(1).reason } }],
    );
    t.same([...state.serials], [[ZONE, 1]]);
    t.match([...state.endpoints], [[ENDPOINT, { status: 'down' }]]);
    const writer = createWriter(db);
    writer.commit('another run', [{ ...commitEntry(2), seq: 1 }], null, 0);
    writer.probes({ reports: [PROBE], healths: [], serials: [] });
    t.same(db.prepare('SELECT serial FROM failover_history ORDER BY id').pluck().all(), [1, 2]);
    t.equal(db.prepare('SELECT count(*) FROM probes').pluck().get(), 2);
    t.same([db.pragma('integrity_check', { simple: true }), db.pragma('foreign_key_check')], ['ok', []]);
    db.close();
  });
}

t.test('every migration has a fixture of its version', async (t) => {
  for (const { version, name } of loadMigrations(MIGRATIONS_DIRECTORY)) {
    t.ok(readFileSync(path.join(FIXTURES, `${version}.sql`)).length > 0, name);
  }
});
