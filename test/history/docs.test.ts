import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { openForWriting } from '../../src/history/database.ts';
import { createWriter } from '../../src/history/writer.ts';
import type { OutboxChange } from '../../src/runtime/outbox.ts';
import { commitEntry, ENDPOINT, PROBE, RECORD_STATE, STATE, transition, ZONE } from './helpers.ts';

const DOCS = readFileSync(path.resolve('docs/history.md'), 'utf8');
const statements = [...DOCS.matchAll(/([^\n]+):\n\n```sql\n(.+?)```/gs)].map(([, title = '', sql = '']) => ({
  title,
  sql,
}));

/** A record that failed over just now by order, with a drained target. */
function makeDatabase(file: string) {
  const opened = openForWriting(file);
  if (opened.kind !== 'open') throw new Error(opened.reason);
  const nowMs = Date.now();
  const override = {
    target: 'backup',
    reason: 'upgrade',
    actor: 'ann',
    setAtEpochMs: nowMs,
    expiresAtEpochMs: null,
    isDrill: false,
  };
  const entry = commitEntry(1, { transition: transition(1, { atEpochMs: nowMs }) });
  const state = { ...RECORD_STATE, state: { ...STATE, override, drained: ['primary'] } };
  const item = {
    id: 'msg_1',
    sink: 'ops',
    atEpochMs: nowMs,
    event: 'failover',
    subject: 'app.example.com',
    body: '{}',
  } as const;
  const outbox: OutboxChange[] = [
    { kind: 'add', item },
    { kind: 'settle', id: 'msg_1', sink: 'ops', how: 'delivered', attempts: 1, atEpochMs: nowMs },
  ];
  const writer = createWriter(opened.db);
  writer.commit('run', [{ ...entry, state, outbox, seq: 1 }], null, nowMs);
  writer.probes({
    reports: [{ ...PROBE, startedAtEpochMs: nowMs }],
    healths: [{ endpointId: ENDPOINT, health: { status: 'down', sinceEpochMs: nowMs, probedAtEpochMs: nowMs } }],
    serials: [{ atEpochMs: nowMs, zone: ZONE, serial: 1, event: 'published', secondary: null }],
  });
  return opened.db;
}

t.test('every SQL statement of docs/history.md finds what it promises', async (t) => {
  const db = makeDatabase(path.join(t.testdir(), 'failoverd.db'));
  t.ok(statements.length >= 10, `${statements.length} statements`);
  for (const { title, sql } of statements) {
    const rows = db.prepare(sql).all();
    t.equal(rows.length, 1, title);
    t.notSame(Object.values(rows[0] as object), [null], title);
  }
  db.close();
});

t.test('every SQL statement of docs/history.md runs in the sqlite3 of the system', async (t) => {
  if (spawnSync('sqlite3', ['--version']).error) return t.comment('skipped: there is no sqlite3 here');
  const file = path.join(t.testdir(), 'failoverd.db');
  makeDatabase(file).close();
  for (const { title, sql } of statements) {
    const { status, stdout, stderr } = spawnSync('sqlite3', ['-readonly', '-json', file, sql], { encoding: 'utf8' });
    t.equal(status, 0, `${title} ${stderr}`);
    t.equal(JSON.parse(stdout).length, 1, title);
  }
});

t.test('docs/history.md names every table, view and column of failover_history and record_state', async (t) => {
  const db = makeDatabase(path.join(t.testdir(), 'failoverd.db'));
  const names = db.prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')").pluck().all();
  const columns = db
    .prepare(
      "SELECT name FROM pragma_table_info('failover_history') UNION SELECT name FROM pragma_table_info('record_state')",
    )
    .pluck()
    .all()
    .filter((name) => !String(name).startsWith('override_'));
  for (const name of [...names, ...columns]) t.match(DOCS, new RegExp(`\\b${name}\\b`), String(name));
  db.close();
});

t.test('the table failover_history has the columns that its readers know, comments included', async (t) => {
  const db = makeDatabase(path.join(t.testdir(), 'failoverd.db'));
  const columns = db.prepare('SELECT name, type, "notnull" FROM pragma_table_info(?)').raw().all('failover_history');
  t.same(columns, [
    ['id', 'INTEGER', 0],
    ['at', 'TEXT', 1],
    ['record', 'TEXT', 1],
    ['cause', 'TEXT', 1],
    ['from_target', 'TEXT', 0],
    ['to_target', 'TEXT', 0],
    ['from_addresses', 'TEXT', 0],
    ['to_addresses', 'TEXT', 1],
    ['reason', 'TEXT', 1],
    ['evidence', 'TEXT', 1],
    ['actor', 'TEXT', 1],
    ['serial', 'INTEGER', 1],
    ['first_fail_at', 'TEXT', 0],
    ['detected_ms', 'INTEGER', 0],
  ]);
  const sql = String(db.prepare("SELECT sql FROM sqlite_schema WHERE name = 'failover_history'").pluck().get());
  t.match(sql, /STRICT$/);
  t.match(sql, /-- UTC, ISO 8601 with milliseconds/);
  db.close();
});
