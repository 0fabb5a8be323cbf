/** What was recorded of a record, read in order and bit by bit: a week of probes does not fit into memory. */
import type Database from 'better-sqlite3';
import { merge } from '../core/merge.ts';
import type { OwnerName } from '../core/name.ts';
import type { RecordedProbe } from '../core/replay-endpoint.ts';
import type { ReadResult } from '../runtime/history-report.ts';
import { readDatabase } from './queries.ts';
import { iso, nameToText } from './rows.ts';

/** A transition as far as a replay is compared with it. */
export interface RecordedTransition {
  readonly id: number;
  readonly atMs: number;
  readonly family: string;
  readonly cause: string;
  readonly fromTarget: string | null;
  readonly toTarget: string;
  readonly toAddresses: readonly string[];
  readonly detectedMs: number | null;
}

export interface Recording {
  /**
   * The probes of an endpoint in order. Those under another policy count as well: its id but for the digest at its end says
   * which address was probed for what.
   */
  probes(endpointId: string, fromMs: number, toMs: number): Iterable<RecordedProbe>;
  /** When the first probe of one of these began, from then on; null when there is none. */
  firstMs(endpointIds: readonly string[], fromMs: number): number | null;
  /** How many policies those were recorded under. */
  policies(endpointId: string, fromMs: number, toMs: number): number;
  transitions(record: OwnerName, fromMs: number, toMs: number): Iterable<RecordedTransition>;
  /** The last transition before; null when there is none. */
  before(record: OwnerName, family: string, atMs: number): RecordedTransition | null;
  /** When the first probe of one of these passed, from then on and within this time; null when none did. */
  firstPassMs(endpointIds: readonly string[], fromMs: number, withinMs: number): number | null;
}

/** Opens a database for reading only. */
export function readRecording<T>(file: string, read: (recording: Recording) => T): ReadResult<T> {
  return readDatabase(file, (db) => read(createRecording(db)));
}

const PROBES = `SELECT at_ms AS startedAtMs, elapsed_ms AS elapsedMs, coalesce(trigger, 'interval') AS trigger, outcome,
  iif(outcome = 'fail', reason, NULL) AS reason FROM probe_log WHERE endpoint_id = ? AND at_ms >= ? AND at_ms < ?`;

const TRANSITIONS = `SELECT id, at, coalesce(iif(json_valid(evidence), evidence ->> '$.family', ''), '') AS family, cause,
  from_target AS fromTarget, to_target AS toTarget, to_addresses AS toAddresses, detected_ms AS detectedMs
  FROM failover_history WHERE record = ?`;

type TransitionRow = Omit<RecordedTransition, 'atMs' | 'toAddresses'> & {
  readonly at: string;
  readonly toAddresses: string;
};

function createRecording(db: Database.Database): Recording {
  const rowsOf = new Map<string, readonly number[]>();
  /** The rows of the table `endpoints` that an endpoint has had. */
  const endpointRows = (endpointId: string): readonly number[] => {
    const known = rowsOf.get(endpointId);
    if (known) return known;
    const prefix = endpointId.slice(0, endpointId.lastIndexOf('#') + 1);
    const rows = db
      .prepare<[string, string], number>('SELECT id FROM endpoints WHERE substr(endpoint, 1, length(?)) = ?')
      .pluck()
      .all(prefix, prefix);
    rowsOf.set(endpointId, rows);
    return rows;
  };
  const iterate = (row: number, fromMs: number, toMs: number): Iterable<RecordedProbe> =>
    db.prepare<unknown[], RecordedProbe>(`${PROBES} ORDER BY at_ms, id`).iterate(row, fromMs, toMs);
  const firstPass = db
    .prepare<unknown[], number>(
      `SELECT at_ms FROM probe_log WHERE endpoint_id = ? AND at_ms >= ? AND at_ms < ? AND outcome = 'pass'
        ORDER BY at_ms LIMIT 1`,
    )
    .pluck();
  const firstProbe = db
    .prepare<unknown[], number>(
      'SELECT at_ms FROM probe_log WHERE endpoint_id = ? AND at_ms >= ? ORDER BY at_ms LIMIT 1',
    )
    .pluck();
  const isProbed = db
    .prepare<unknown[], number>(
      'SELECT EXISTS (SELECT 1 FROM probe_log WHERE endpoint_id = ? AND at_ms >= ? AND at_ms < ?)',
    )
    .pluck();

  return {
    probes: (endpointId, fromMs, toMs) =>
      merge(
        endpointRows(endpointId).map((row) => iterate(row, fromMs, toMs)),
        ({ startedAtMs }) => startedAtMs,
      ),
    firstMs: (endpointIds, fromMs) =>
      leastOf(endpointIds.flatMap(endpointRows).flatMap((row) => firstProbe.get(row, fromMs) ?? [])),
    policies: (endpointId, fromMs, toMs) =>
      endpointRows(endpointId).filter((row) => isProbed.get(row, fromMs, toMs) === 1).length,
    *transitions(record, fromMs, toMs) {
      const rows = db.prepare<unknown[], TransitionRow>(`${TRANSITIONS} AND at >= ? AND at < ? ORDER BY id`);
      for (const row of rows.iterate(nameToText(record), iso(fromMs), iso(toMs))) yield transitionOf(row);
    },
    before(record, family, atMs) {
      const rows = db.prepare<unknown[], TransitionRow>(
        `${TRANSITIONS} AND at < ? AND family = ? ORDER BY id DESC LIMIT 1`,
      );
      const row = rows.get(nameToText(record), iso(atMs), family);
      return row ? transitionOf(row) : null;
    },
    firstPassMs(endpointIds, fromMs, withinMs) {
      const passes = endpointIds
        .flatMap(endpointRows)
        .flatMap((row) => firstPass.get(row, fromMs, fromMs + withinMs) ?? []);
      return leastOf(passes);
    },
  };
}

function leastOf(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.min(...times);
}

function transitionOf({ at, toAddresses, ...row }: TransitionRow): RecordedTransition {
  const addresses: unknown = JSON.parse(toAddresses);
  return { ...row, atMs: Date.parse(at), toAddresses: Array.isArray(addresses) ? addresses : [] };
}
