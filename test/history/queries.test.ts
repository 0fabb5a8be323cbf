import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import type { OwnerName } from '../../src/core/name.ts';
import { openForWriting } from '../../src/history/database.ts';
import { readHistory } from '../../src/history/queries.ts';
import { iso } from '../../src/history/rows.ts';
import { createWriter } from '../../src/history/writer.ts';
import type { ProbeQuery, TransitionQuery } from '../../src/runtime/history-report.ts';
import { commitEntry, ENDPOINT, PROBE, RECORD, transition } from './helpers.ts';

const OTHER = 'other.example.com.' as OwnerName;

/** Six failovers a second apart, every second one of another record, and as many probes. */
function make(t: Test): { file: string; db: Database.Database } {
  const file = path.join(t.testdir(), 'failoverd.db');
  const opened = openForWriting(file);
  if (opened.kind !== 'open') throw new Error(opened.reason);
  const { db } = opened;
  const writer = createWriter(db);
  const entries = [1, 2, 3, 4, 5, 6].map((seq) => ({
    ...commitEntry(seq, {
      transition: transition(seq, { atEpochMs: seq * 1_000, record: seq % 2 === 0 ? OTHER : RECORD }),
    }),
    seq,
  }));
  writer.commit('run', entries, null, 0);
  const reports = entries.map(({ seq }) => ({
    ...PROBE,
    startedAtEpochMs: seq * 1_000,
    endpointId: seq % 2 === 0 ? 'other' : ENDPOINT,
  }));
  writer.probes({ reports, healths: [], serials: [] });
  return { file, db };
}

const ids = (file: string, query: TransitionQuery): unknown => {
  const read = readHistory(file, (reader) => reader.transitions(query).map(({ id }) => id));
  return read.ok ? read.value : read.reason;
};

t.test('transitions() gives the newest first, by record, since, page and limit', async (t) => {
  const { file, db } = make(t);
  t.same(ids(file, { limit: 10 }), [6, 5, 4, 3, 2, 1]);
  t.same(ids(file, { limit: 2 }), [6, 5]);
  t.same(ids(file, { limit: 2, beforeId: 5 }), [4, 3]);
  t.same(ids(file, { limit: 10, record: RECORD }), [5, 3, 1]);
  t.same(ids(file, { limit: 10, record: RECORD, sinceEpochMs: 3_000 }), [5, 3]);
  t.same(ids(file, { limit: 10, sinceEpochMs: 5_001 }), [6]);
  db.close();
});

t.test('transition() gives one with its evidence, times as ISO 8601 and addresses as lists', async (t) => {
  const { file, db } = make(t);
  t.same(
    readHistory(file, (reader) => reader.transition(3)),
    {
      ok: true,
      value: {
        id: 3,
        at: '1970-01-01T00:00:03.000Z',
        record: 'app.example.com',
        cause: 'failover',
        fromTarget: 'primary',
        toTarget: 'backup',
        fromAddresses: ['192.0.2.10'],
        toAddresses: ['198.51.100.20'],
        reason: 'primary 192.0.2.10: status 503 ×3',
        evidence: { isDrill: false, ...transition(3).evidence },
        actor: 'prober',
        isDrill: false,
        serial: 3,
        firstFailAt: '2026-07-31T12:00:00.123Z',
        detectedMs: 3333,
      },
    },
  );
  t.same(
    readHistory(file, (reader) => reader.transition(99)),
    { ok: true, value: null },
  );
  db.close();
});

t.test('probes() gives the newest first, by endpoint and since', async (t) => {
  const { file, db } = make(t);
  const at = (query: ProbeQuery) =>
    readHistory(file, (reader) => reader.probes(query).map((probe) => Date.parse(probe.at) / 1_000));
  t.same(at({ limit: 10 }), { ok: true, value: [6, 5, 4, 3, 2, 1] });
  t.same(at({ limit: 10, endpointIds: [ENDPOINT] }), { ok: true, value: [5, 3, 1] });
  t.same(at({ limit: 10, endpointIds: [ENDPOINT], sinceEpochMs: 3_000 }), { ok: true, value: [5, 3] });
  t.same(at({ limit: 10, endpointIds: [ENDPOINT, 'other', 'none'] }), { ok: true, value: [6, 5, 4, 3, 2, 1] });
  t.same(at({ limit: 2, endpointIds: [ENDPOINT, 'other'], beforeId: 5 }), { ok: true, value: [4, 3] });
  t.same(at({ limit: 2, beforeId: 5 }), { ok: true, value: [4, 3] });
  t.same(at({ limit: 1, sinceEpochMs: 2_000 }), { ok: true, value: [6] });
  t.same(at({ limit: 10, sinceEpochMs: 5_000 }), { ok: true, value: [6, 5] });
  db.close();
});

t.test('the view probes renders every time as JavaScript does (property)', async (t) => {
  const db = new Database(':memory:');
  const render = db.prepare("SELECT strftime('%Y-%m-%dT%H:%M:%fZ', ? / 1000.0, 'unixepoch')").pluck();
  fc.assert(fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (ms) => render.get(ms) === iso(ms)));
  db.close();
  t.pass();
});

t.test('a row that holds no JSON is shown as it is', async (t) => {
  const { file, db } = make(t);
  db.exec('DROP TRIGGER failover_history_no_update');
  db.exec("UPDATE failover_history SET evidence = 'not json' WHERE id = 6");
  t.match(
    readHistory(file, (reader) => reader.transition(6)),
    { value: { evidence: 'not json' } },
  );
  db.close();
});

t.test('readHistory() says in one line why it cannot read', async (t) => {
  const dir = t.testdir({ 'garbage.db': 'no database '.repeat(1_000) });
  const file = (name: string) => path.join(dir, name);
  new Database(file('foreign.db')).exec('CREATE TABLE a (b)').close();
  const reason = (name: string) => readHistory(file(name), (reader) => reader.transitions({ limit: 1 }));
  t.same(reason('none.db'), { ok: false, reason: `${file('none.db')}: there is no database yet` });
  t.same(reason('none/none.db'), { ok: false, reason: `${file('none/none.db')}: there is no database yet` });
  t.same(reason('foreign.db'), { ok: false, reason: `${file('foreign.db')}: it is not a database of failoverd` });
  t.same(reason('garbage.db'), { ok: false, reason: `${file('garbage.db')}: it is damaged (SQLITE_NOTADB)` });
});

t.test('an operator who may not write the folder reads beside a running daemon and without one', async (t) => {
  if (process.getuid?.() !== 0) return t.comment('skipped: only root can become another user');
  const { file, db } = make(t);
  chmodSync(path.dirname(file), 0o555);
  const program = `import { readHistory } from ${JSON.stringify(path.resolve('src/history/queries.ts'))};
    process.setuid(65534);
    console.log(JSON.stringify(readHistory(process.argv[1], (reader) => reader.transitions({ limit: 1 }).length)));`;
  const readAsNobody = (): unknown => {
    const run = spawnSync(process.execPath, ['--input-type=module', '--eval', program, file], { encoding: 'utf8' });
    return JSON.parse(run.stdout || JSON.stringify(run.stderr));
  };
  t.same(readAsNobody(), { ok: true, value: 1 }, 'beside');
  db.close();
  t.same(readAsNobody(), { ok: true, value: 1 }, 'without');
});
