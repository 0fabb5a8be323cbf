import type Database from 'better-sqlite3';
import { pruneOutbox } from './outbox-rows.ts';
import type { RequestOf } from './protocol.ts';
import { iso } from './rows.ts';

/** Small enough that a commit which waits for a batch is still confirmed within 100 ms. */
const ROWS_A_BATCH = 2_000;
const ENDPOINTS_A_BATCH = 500;
/** A run of failoverd that has written nothing for so long has ended, and replays nothing any more. */
const RUN_KEPT_MS = 30 * 24 * 3_600_000;

/**
 * Deletes one batch of what is older than the retention, in one transaction.
 * Goes endpoint by endpoint along the index, so that its cost does not depend on how much is kept or in which order the clock wrote it.
 * @returns the endpoint after which the next batch begins; null when nothing older is left
 */
export function pruneBatch(db: Database.Database, run: string, request: RequestOf<'prune'>): number | null {
  const { nowEpochMs, probesMs, transitionsMs, afterEndpoint } = request;
  return db
    .transaction(() => {
      const next = pruneProbes(db, nowEpochMs - probesMs, afterEndpoint);
      if (next !== null) return next;
      db.prepare('DELETE FROM writers WHERE at < ? AND writer <> ?').run(iso(nowEpochMs - RUN_KEPT_MS), run);
      pruneOutbox(db, nowEpochMs, ROWS_A_BATCH);
      return pruneTransitions(db, transitionsMs === 'forever' ? null : iso(nowEpochMs - transitionsMs))
        ? null
        : afterEndpoint;
    })
    .immediate();
}

function pruneProbes(db: Database.Database, beforeMs: number, afterEndpoint: number): number | null {
  const endpoints = db
    .prepare<[number, number], number>('SELECT id FROM endpoints WHERE id > ? ORDER BY id LIMIT ?')
    .pluck()
    .all(afterEndpoint, ENDPOINTS_A_BATCH);
  const remove = db.prepare('DELETE FROM probe_log WHERE endpoint_id = ? AND at_ms < ? LIMIT ?');
  let left = ROWS_A_BATCH;
  let done = afterEndpoint;
  for (const endpoint of endpoints) {
    left -= remove.run(endpoint, beforeMs, left).changes;
    if (left === 0) return done;
    done = endpoint;
  }
  return endpoints.length < ENDPOINTS_A_BATCH ? null : done;
}

/** With them go the orders. The trigger lets go only what is older than `transitions_kept_from`. @returns whether nothing older is left */
function pruneTransitions(db: Database.Database, before: string | null): boolean {
  if (before === null) {
    db.prepare("DELETE FROM meta WHERE key = 'transitions_kept_from'").run();
    return true;
  }
  db.prepare(
    `INSERT INTO meta (key, value) VALUES ('transitions_kept_from', ?)
     ON CONFLICT DO UPDATE SET value = excluded.value`,
  ).run(before);
  const remove = (table: string): boolean =>
    db.prepare(`DELETE FROM ${table} WHERE at < ? LIMIT ?`).run(before, ROWS_A_BATCH).changes < ROWS_A_BATCH;
  return ['failover_history', 'serial_log', 'audit'].map(remove).every((isDone) => isDone);
}
