import type Database from 'better-sqlite3';
import type { OwnerName } from '../core/name.ts';
import type { TransitionCause } from '../core/transition.ts';
import type { RestoredHealth, RestoredRecordState, RestoredState } from '../runtime/ports.ts';
import { messageOf } from './database.ts';
import { readOutbox } from './outbox-rows.ts';
import { parseTime, rowToState, type StateRow, textToName } from './rows.ts';
import { readZones } from './zone-rows.ts';

export interface Restored {
  readonly state: RestoredState;
  /** One line for each row that was skipped because it holds what failoverd never writes. */
  readonly problems: readonly string[];
}

export const NOTHING_RESTORED: RestoredState = {
  records: new Map(),
  serials: new Map(),
  endpoints: new Map(),
  zones: new Map(),
};

interface StoredRow extends StateRow {
  readonly at: string | null;
  readonly cause: TransitionCause | null;
  readonly reason: string | null;
}

/** Reads what a restart brings back. Its cost follows the number of records and endpoints, not the length of the history.
 *  @throws SqliteError */
export function restoreFrom(db: Database.Database): Restored {
  const problems: string[] = [];
  const readRows = <Row, Value>(sql: string, what: string, read: (row: Row) => Value): Value[] =>
    (db.prepare(sql).all() as Row[]).flatMap((row) => {
      try {
        return [read(row)];
      } catch (error) {
        problems.push(`${what}: ${messageOf(error)}`);
        return [];
      }
    });

  const states = readRows(
    'SELECT s.*, h.at, h.cause, h.reason FROM record_state s LEFT JOIN failover_history h ON h.id = s.transition_id',
    'record_state',
    restoreRecord,
  );
  const serials = db.prepare<[], { zone: string; serial: number }>('SELECT zone, serial FROM zone_serials').all();
  const endpoints = readRows(
    'SELECT endpoint, status, since, probed_at FROM endpoints WHERE status IS NOT NULL',
    'endpoints',
    restoreEndpoint,
  );
  const published = readZones(db);
  const { outbox, problems: ofOutbox } = readOutbox(db);
  problems.push(...published.problems, ...ofOutbox);
  const state = {
    records: groupByRecord(states),
    serials: new Map(serials.map(({ zone, serial }) => [textToName(zone), serial])),
    endpoints: new Map(endpoints),
    zones: published.zones,
    outbox,
  };
  return { state, problems };
}

function restoreRecord(row: StoredRow): RestoredRecordState {
  const { at, cause, reason } = row;
  const known = at !== null && cause !== null && reason !== null;
  return { ...rowToState(row), lastTransition: known ? { atEpochMs: parseTime(at, 'at'), cause, reason } : null };
}

interface EndpointRow {
  readonly endpoint: string;
  readonly status: 'up' | 'down';
  readonly since: string;
  readonly probed_at: string;
}

function restoreEndpoint({ endpoint, status, since, probed_at }: EndpointRow): [string, RestoredHealth] {
  const sinceEpochMs = parseTime(since, 'since');
  return [endpoint, { status, sinceEpochMs, probedAtEpochMs: parseTime(probed_at, 'probed_at') }];
}

function groupByRecord(states: readonly RestoredRecordState[]): Map<OwnerName, RestoredRecordState[]> {
  const records = new Map<OwnerName, RestoredRecordState[]>();
  for (const state of states) records.set(state.record, [...(records.get(state.record) ?? []), state]);
  return records;
}
