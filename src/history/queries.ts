/** What people and tools read: without the daemon, beside it, and in it. All of it reads only. */
import { existsSync } from 'node:fs';
import type Database from 'better-sqlite3';
import type { OwnerName } from '../core/name.ts';
import { APPLICATION_ID, applicationIdOf, openForReading } from './database.ts';
import { faultOf } from './fault.ts';
import { iso, nameToText } from './rows.ts';

/** One transition as the CLI and the API show it. Times are ISO 8601 UTC, names without the final dot. */
export interface TransitionView {
  readonly id: number;
  readonly at: string;
  readonly record: string;
  readonly cause: string;
  readonly fromTarget: string | null;
  readonly toTarget: string | null;
  readonly fromAddresses: unknown;
  readonly toAddresses: unknown;
  readonly reason: string;
  readonly evidence: unknown;
  readonly actor: string;
  readonly serial: number;
  readonly firstFailAt: string | null;
  readonly detectedMs: number | null;
}

export interface TransitionQuery {
  readonly record?: OwnerName;
  readonly sinceEpochMs?: number;
  /** Only those with a smaller id: the next page. */
  readonly beforeId?: number;
  readonly limit: number;
}

/** One probe as the CLI and the API show it. */
export interface ProbeView {
  readonly id: number;
  readonly at: string;
  readonly endpoint: string;
  readonly trigger: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly phase: string | null;
  readonly detail: string | null;
  readonly elapsedMs: number;
  readonly phasesMs: unknown;
  readonly httpStatus: number | null;
  readonly bodySample: string | null;
  readonly bodySha256: string | null;
  readonly certificateExpiresAt: string | null;
}

export interface ProbeQuery {
  readonly endpointId?: string;
  readonly sinceEpochMs?: number;
  readonly limit: number;
}

/** The newest first, each. The methods throw SqliteError; {@link readHistory} makes a value of it. */
export interface HistoryReader {
  transitions(query: TransitionQuery): readonly TransitionView[];
  /** @returns null when there is none with this id */
  transition(id: number): TransitionView | null;
  probes(query: ProbeQuery): readonly ProbeView[];
}

export type ReadResult<T> =
  | { readonly ok: true; readonly value: T }
  /** One line for people. */
  | { readonly ok: false; readonly reason: string };

/** Opens the database for reading only, beside a running failoverd or without one, and closes it again. */
export function readHistory<T>(file: string, read: (reader: HistoryReader) => T): ReadResult<T> {
  if (!existsSync(file)) return { ok: false, reason: `${file}: there is no database yet` };
  let db: Database.Database | null = null;
  try {
    db = openForReading(file);
    if (applicationIdOf(db) !== APPLICATION_ID)
      return { ok: false, reason: `${file}: it is not a database of failoverd` };
    return { ok: true, value: read(createReader(db)) };
  } catch (error) {
    return { ok: false, reason: faultOf(file, error).reason };
  } finally {
    db?.close();
  }
}

const TRANSITIONS = `SELECT id, at, record, cause, from_target AS fromTarget, to_target AS toTarget, from_addresses AS fromAddresses,
  to_addresses AS toAddresses, reason, evidence, actor, serial, first_fail_at AS firstFailAt, detected_ms AS detectedMs
  FROM failover_history`;

const PROBES = `SELECT id, at, endpoint, trigger, outcome, reason, phase, detail, elapsed_ms AS elapsedMs, phases_ms AS phasesMs,
  http_status AS httpStatus, body_sample AS bodySample, body_sha256 AS bodySha256, certificate_expires_at AS certificateExpiresAt
  FROM probes`;

export function createReader(db: Database.Database): HistoryReader {
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
    transition(id) {
      const row = db.prepare<[number], TransitionView>(`${TRANSITIONS} WHERE id = ?`).get(id);
      return row === undefined ? null : parseTransition(row);
    },
    probes(query) {
      const conditions = where({ 'endpoint = ?': query.endpointId, 'at_ms >= ?': query.sinceEpochMs });
      const order = query.endpointId === undefined ? 'id DESC' : 'at_ms DESC, id DESC'; // along an index, each
      const rows = db.prepare<unknown[], ProbeView>(`${PROBES}${conditions.sql} ORDER BY ${order} LIMIT ?`);
      return rows.all(...conditions.values, query.limit).map((row) => ({ ...row, phasesMs: parseJson(row.phasesMs) }));
    },
  };
}

function where(conditions: Readonly<Record<string, string | number | undefined>>): { sql: string; values: unknown[] } {
  const used = Object.entries(conditions).filter(([, value]) => value !== undefined);
  if (used.length === 0) return { sql: '', values: [] };
  return { sql: ` WHERE ${used.map(([sql]) => sql).join(' AND ')}`, values: used.map(([, value]) => value) };
}

function parseTransition(row: TransitionView): TransitionView {
  return {
    ...row,
    fromAddresses: parseJson(row.fromAddresses),
    toAddresses: parseJson(row.toAddresses),
    evidence: parseJson(row.evidence),
  };
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
