/** What people and tools read: without the daemon, beside it, and in it. All of it reads only. */
import { existsSync } from 'node:fs';
import type Database from 'better-sqlite3';
import type {
  AuditView,
  HistoryQueries,
  ProbeQuery,
  ProbeView,
  ReadResult,
  TransitionView,
} from '../runtime/history-report.ts';
import { readTimeline, readUpFractions } from './availability.ts';
import { APPLICATION_ID, applicationIdOf, openForReading } from './database.ts';
import { lastDrill } from './drill-report.ts';
import { explain } from './explanation.ts';
import { faultOf } from './fault.ts';
import { iso, nameToText } from './rows.ts';

/** Puts questions to the database, beside a running failoverd or without one. */
export function readHistory<T>(file: string, read: (queries: HistoryQueries) => T): ReadResult<T> {
  return readDatabase(file, (db) => read(createQueries(db)));
}

/** Opens the database for reading only, and closes it again. */
export function readDatabase<T>(file: string, read: (db: Database.Database) => T): ReadResult<T> {
  if (!existsSync(file)) return { ok: false, reason: `${file}: there is no database yet` };
  let db: Database.Database | null = null;
  try {
    db = openForReading(file);
    if (applicationIdOf(db) !== APPLICATION_ID)
      return { ok: false, reason: `${file}: it is not a database of failoverd` };
    return { ok: true, value: read(db) };
  } catch (error) {
    return { ok: false, reason: faultOf(file, error).reason };
  } finally {
    db?.close();
  }
}

const TRANSITIONS = `SELECT id, at, record, cause, from_target AS fromTarget, to_target AS toTarget, from_addresses AS fromAddresses,
  to_addresses AS toAddresses, reason, evidence, actor,
  coalesce(iif(json_valid(evidence), evidence ->> '$.isDrill', 0), 0) AS isDrill, serial, first_fail_at AS firstFailAt, detected_ms AS detectedMs
  FROM failover_history`;

const PROBES = `SELECT id, at, endpoint, trigger, outcome, reason, phase, detail, elapsed_ms AS elapsedMs, phases_ms AS phasesMs,
  http_status AS httpStatus, body_sample AS bodySample, body_sha256 AS bodySha256, certificate_expires_at AS certificateExpiresAt,
  at_ms AS atMs FROM probes`;

const AUDIT = 'SELECT id, at, actor, reason, action, record, detail, outcome FROM audit';

type ProbeRow = ProbeView & { readonly atMs: number };

function createQueries(db: Database.Database): HistoryQueries {
  const transition: HistoryQueries['transition'] = (id) => {
    const row = db.prepare<[number], TransitionView>(`${TRANSITIONS} WHERE id = ?`).get(id);
    return row === undefined ? null : parseTransition(row);
  };
  const explanation: HistoryQueries['explanation'] = (id) => {
    const row = transition(id);
    return row && explain(db, row);
  };

  return {
    transitions(query) {
      const conditions = where({
        'record = ?': query.record === undefined ? undefined : nameToText(query.record),
        'at >= ?': query.sinceEpochMs === undefined ? undefined : iso(query.sinceEpochMs),
        'id < ?': query.beforeId,
      });
      const rows = db.prepare<unknown[], TransitionView>(`${TRANSITIONS}${conditions.sql} ORDER BY id DESC LIMIT ?`);
      return rows.all(...conditions.values, query.limit).map(parseTransition);
    },
    transition,
    explanation,
    drill: (record) => lastDrill(db, nameToText(record), explanation),
    probes: (query) =>
      query.endpointIds === undefined ? probesOfAll(db, query) : probesOfSome(db, query.endpointIds, query),
    audit(query) {
      const conditions = where({ 'id < ?': query.beforeId });
      const rows = db.prepare<unknown[], AuditView>(`${AUDIT}${conditions.sql} ORDER BY id DESC LIMIT ?`);
      return rows.all(...conditions.values, query.limit).map((row) => ({ ...row, detail: parseJson(row.detail) }));
    },
    timeline: (query) => readTimeline(db, query),
    upFractions: (query) => readUpFractions(db, query),
  };
}

/** Along the ids, which rise with the time at which a probe ended: what is older than `since` ends it. */
function probesOfAll(db: Database.Database, query: ProbeQuery): readonly ProbeView[] {
  const conditions = where({ 'id < ?': query.beforeId });
  const rows = db.prepare<unknown[], ProbeRow>(`${PROBES}${conditions.sql} ORDER BY id DESC LIMIT ?`);
  const found: ProbeView[] = [];
  for (const row of rows.iterate(...conditions.values, query.limit)) {
    if (row.atMs < (query.sinceEpochMs ?? 0)) break;
    found.push(parseProbe(row));
  }
  return found;
}

/** Along the index of each endpoint. */
function probesOfSome(db: Database.Database, endpointIds: readonly string[], query: ProbeQuery): readonly ProbeView[] {
  const conditions = where({ 'endpoint = ?': '', 'at_ms >= ?': query.sinceEpochMs, 'id < ?': query.beforeId });
  const rows = db.prepare<unknown[], ProbeRow>(`${PROBES}${conditions.sql} ORDER BY at_ms DESC, id DESC LIMIT ?`);
  return endpointIds
    .flatMap((id) => rows.all(id, ...conditions.values.slice(1), query.limit))
    .sort((a, b) => b.id - a.id)
    .slice(0, query.limit)
    .map(parseProbe);
}

function where(conditions: Readonly<Record<string, string | number | undefined>>): { sql: string; values: unknown[] } {
  const used = Object.entries(conditions).filter(([, value]) => value !== undefined);
  if (used.length === 0) return { sql: '', values: [] };
  return { sql: ` WHERE ${used.map(([sql]) => sql).join(' AND ')}`, values: used.map(([, value]) => value) };
}

function parseTransition(row: TransitionView): TransitionView {
  return {
    ...row,
    isDrill: Boolean(row.isDrill),
    fromAddresses: parseJson(row.fromAddresses),
    toAddresses: parseJson(row.toAddresses),
    evidence: parseJson(row.evidence),
  };
}

function parseProbe({ atMs: _, ...row }: ProbeRow): ProbeView {
  return { ...row, phasesMs: parseJson(row.phasesMs) };
}

/** A text that is no JSON is shown as it is: a reader does not fail for one bad row. */
function parseJson(value: unknown): unknown {
  if (typeof value !== 'string') return null;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
