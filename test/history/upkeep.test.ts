import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';
import { openForWriting } from '../../src/history/database.ts';
import { createHistory } from '../../src/history/history.ts';
import { createWriter } from '../../src/history/writer.ts';
import { clock, commitAll, commitEntry, ENDPOINT, memoryLog, PROBE, STATE, transition, until } from './helpers.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 7, 31);
const then = { ...clock, epochMs: () => NOW_MS };

async function start(t: Test) {
  const file = path.join(t.testdir(), 'failoverd.db');
  const history = createHistory({ path: file, clock: then, log: memoryLog() });
  t.teardown(() => history.close());
  await history.restore();
  const db = new Database(file);
  t.teardown(() => db.close());
  return { file, history, db };
}

/** Failovers that are so many days old. */
async function commitAged(history: ReturnType<typeof createHistory>, days: readonly number[]): Promise<void> {
  for (const [index, age] of days.entries()) {
    const at = transition(index + 1, { atEpochMs: NOW_MS - age * DAY_MS });
    await history.commit(commitEntry(index + 1, { transition: at }));
  }
  await until(() => history.stats().queuedCommits === 0, 'written');
}

const serialsOf = (db: Database.Database): unknown[] =>
  db.prepare('SELECT serial FROM failover_history ORDER BY id').pluck().all();

t.test('failover_history is append-only: nothing is changed or deleted (transitions: forever)', async (t) => {
  const { history, db } = await start(t);
  await commitAged(history, [1_000, 0]);
  t.same(await history.prune({ probesMs: 14 * DAY_MS, transitionsMs: 'forever' }), { ok: true });
  const refused = /failover_history is append-only/;
  t.throws(() => db.exec("UPDATE failover_history SET reason = 'nothing happened'"), refused);
  t.throws(() => db.exec('DELETE FROM failover_history WHERE id = 1'), refused);
  t.throws(() => db.exec('REPLACE INTO failover_history SELECT * FROM failover_history WHERE id = 1'), refused);
  t.same(serialsOf(db), [1, 2]);
});

t.test('prune() lets transitions go that are past their retention, and only those', async (t) => {
  const { history, db } = await start(t);
  await commitAged(history, [40, 31, 29, 0]);
  t.same(await history.prune({ probesMs: DAY_MS, transitionsMs: 30 * DAY_MS }), { ok: true });
  t.same(serialsOf(db), [3, 4]);
  t.throws(() => db.exec('DELETE FROM failover_history'), /append-only/);
  t.throws(() => db.exec("UPDATE failover_history SET actor = 'x'"), /append-only/);
  await history.prune({ probesMs: DAY_MS, transitionsMs: 'forever' });
  t.throws(() => db.exec('DELETE FROM failover_history'), /append-only/);
});

t.test('prune() of the transition that led to a state keeps the state', async (t) => {
  const { history, db } = await start(t);
  await commitAged(history, [40]);
  await history.prune({ probesMs: DAY_MS, transitionsMs: 30 * DAY_MS });
  t.match(db.prepare('SELECT active_target, transition_id FROM record_state').all(), [
    { active_target: STATE.activeTarget, transition_id: null },
  ]);
});

t.test('prune() deletes old probes in batches, whatever order the clock gave them', async (t) => {
  const { history, db } = await start(t);
  const writer = createWriter(db);
  const ages = Array.from({ length: 12_000 }, (_, index) => (index % 3) * 10 * DAY_MS); // 0, 10 and 20 days, mixed
  const reports = ages.map((age, index) => ({
    ...PROBE,
    endpointId: `${index % 2_000}`,
    startedAtEpochMs: NOW_MS - age,
  }));
  writer.probes({
    reports: [{ ...PROBE, startedAtEpochMs: NOW_MS + 999 * DAY_MS }, ...reports],
    healths: [],
    serials: [],
  });
  t.same(await history.prune({ probesMs: 14 * DAY_MS, transitionsMs: 'forever' }), { ok: true });
  t.same(db.prepare('SELECT (? - at_ms) / 86400000 AS age, count(*) AS n FROM probe_log GROUP BY 1').all(NOW_MS), [
    { age: -999, n: 1 },
    { age: 0, n: 4_000 },
    { age: 10, n: 4_000 },
  ]);
});

t.test('prune() forgets runs of failoverd that ended long ago, but not its own', async (t) => {
  const { history, db } = await start(t);
  await commitAged(history, [0]);
  db.exec(
    "INSERT INTO writers VALUES ('old', 5, '2026-07-01T00:00:00.000Z'), ('recent', 5, '2026-08-30T00:00:00.000Z')",
  );
  await history.prune({ probesMs: DAY_MS, transitionsMs: 'forever' });
  t.equal(db.prepare('SELECT count(*) FROM writers').pluck().get(), 2);
  t.same(db.prepare("SELECT writer FROM writers WHERE writer = 'old'").all(), []);
});

t.test('backup() writes a complete copy while everything goes on, and overwrites nothing', async (t) => {
  const { file, history } = await start(t);
  await commitAged(history, [2, 1]);
  const copy = `${file}.copy`;
  t.same(await history.backup(copy), { ok: true });
  const opened = openForWriting(copy);
  if (opened.kind !== 'open') return t.fail(opened.reason);
  t.same(serialsOf(opened.db), [1, 2]);
  opened.db.close();
  t.same(await history.backup(copy), { ok: false, reason: `${copy}: it exists already` });
  const nowhere = path.join(path.dirname(file), 'nowhere', 'copy.db');
  t.match(await history.backup(nowhere), { ok: false, reason: /nowhere\/copy\.db: it cannot be opened/ });
  t.notOk(existsSync(`${nowhere}.unfinished`));
});

t.test('check() finds a sound database sound', async (t) => {
  const { history } = await start(t);
  await commitAged(history, [0]);
  t.same(await history.check(), { ok: true });
});

t.test('check() has a damaged database set aside, and what is known is written to the new one', async (t) => {
  const { file, history, db } = await start(t);
  await commitAged(history, [1, 0]);
  history.recordHealth(ENDPOINT, { status: 'down', sinceEpochMs: 5 });
  // A schema that points to a page that is no table is damage that only a check sees.
  db.unsafeMode();
  db.pragma('writable_schema = ON');
  db.exec(
    "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'meta') WHERE name = 'probe_log'",
  );
  db.close();
  void history.check(); // or the one at the start finds it, or the one that follows a stranger's write
  await until(() => history.status().setAside !== undefined, 'set aside');
  await commitAll(history, 3);
  t.match(history.status(), { status: 'ok', setAside: { reason: /it is damaged/ } });
  const fresh = new Database(file, { readonly: true });
  t.same(serialsOf(fresh), [1, 2, 3]);
  fresh.close();
});

t.test('check() of a file that cannot be read just now is no damage', async (t) => {
  const { file, history } = await start(t);
  const holder = new Database(file);
  t.teardown(() => holder.close());
  writeFileSync(`${file}.other`, '');
  holder.exec('BEGIN EXCLUSIVE');
  t.same(await history.check(), { ok: true }, 'a writer does not disturb it');
  holder.exec('ROLLBACK');
});

t.test('commit() of the same commits again changes nothing, whatever they hold', async (t) => {
  const { db } = await start(t);
  const writer = createWriter(db);
  t.equal(writer.applied('run'), null);
  t.equal(writer.commit('run', [{ ...commitEntry(1), seq: 1 }], null, NOW_MS), 1);
  t.equal(writer.commit('run', [{ ...commitEntry(9), seq: 1 }], null, NOW_MS), 1);
  t.equal(writer.commit('other run', [{ ...commitEntry(2), seq: 1 }], null, NOW_MS), 1);
  t.same(serialsOf(db), [1, 2]);
});
