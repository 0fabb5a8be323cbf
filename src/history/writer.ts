import type Database from 'better-sqlite3';
import type { CommitEntry, RestoredHealth, StoredRecordState } from '../runtime/ports.ts';
import { outboxWriter } from './outbox-rows.ts';
import type { ProbeBatch } from './probe-buffer.ts';
import { auditToRow, iso, nameToText, probeToRow, serialToRow, stateToRow, transitionToRow } from './rows.ts';
import { zoneWriter } from './zone-rows.ts';

/** A commit with its place in the order of one run of failoverd, from 1 on. */
export interface SequencedEntry extends CommitEntry {
  readonly seq: number;
}

/** What the main thread knows of the present, for a database that has lost it. */
export interface Knowledge {
  readonly states: readonly StoredRecordState[];
  readonly serials: readonly (readonly [zone: string, serial: number])[];
}

export interface HealthUpdate {
  readonly endpointId: string;
  readonly health: RestoredHealth;
}

/** The statements of one open database. Each method is one transaction and throws SqliteError. */
export interface Writer {
  /** The last commit of a run that the database holds; null when it never saw that run. */
  applied(run: string): number | null;
  /** Writes those commits that are not in the database yet, then the knowledge.
   *  @returns the last commit that the database holds */
  commit(run: string, entries: readonly SequencedEntry[], knowledge: Knowledge | null, nowEpochMs: number): number;
  probes(batch: ProbeBatch): void;
}

/** The last commit of a run that a database holds; null when it never saw that run. */
export function appliedOf(db: Database.Database, run: string): number | null {
  return readApplied(db.prepare(APPLIED).pluck(), run);
}

/** @throws SqliteError when the schema is not what the migrations made. */
export function createWriter(db: Database.Database): Writer {
  const statements = { ...commitStatements(db), ...probeStatements(db) };
  const endpointIds = new Map<string, number>();

  const applied = (run: string): number | null => readApplied(statements.applied, run);

  const commit: Writer['commit'] = (run, entries, knowledge, nowEpochMs) => {
    const before = applied(run) ?? 0;
    for (const entry of entries) if (entry.seq > before) statements.writeEntry(entry, nowEpochMs);
    for (const state of knowledge?.states ?? []) statements.state.run({ ...stateToRow(state), transition_id: null });
    for (const [zone, serial] of knowledge?.serials ?? []) statements.serial.run(zone, serial, iso(nowEpochMs));
    const last = Math.max(before, entries.at(-1)?.seq ?? 0);
    statements.setApplied.run(run, last, iso(nowEpochMs));
    return last;
  };

  const endpointIdOf = (endpointId: string): number => {
    const id = endpointIds.get(endpointId) ?? Number(statements.intern.get(endpointId));
    endpointIds.set(endpointId, id);
    return id;
  };

  const probes: Writer['probes'] = ({ reports, healths, serials }) => {
    for (const report of reports) statements.probe.run(probeToRow(report, endpointIdOf(report.endpointId)));
    for (const { endpointId, health } of healths) {
      statements.health.run(
        health.status,
        iso(health.sinceEpochMs),
        iso(health.probedAtEpochMs),
        endpointIdOf(endpointId),
      );
    }
    for (const fact of serials) statements.serialLog.run(serialToRow(fact));
  };

  return {
    applied,
    commit: (...args) => db.transaction(commit).immediate(...args),
    probes(...args) {
      try {
        db.transaction(probes).immediate(...args);
      } catch (error) {
        endpointIds.clear(); // the ids that the transaction gave are rolled back with it
        throw error;
      }
    },
  };
}

const APPLIED = 'SELECT applied FROM writers WHERE writer = ?';

function readApplied(statement: Database.Statement, run: string): number | null {
  const applied = statement.get(run);
  return typeof applied === 'number' ? applied : null;
}

function commitStatements(db: Database.Database) {
  const transition = db.prepare(insertInto(db, 'failover_history'));
  const state = db.prepare(`${insertInto(db, 'record_state')} ON CONFLICT DO UPDATE SET ${stateUpdates(db)}`);
  const audit = db.prepare(insertInto(db, 'audit'));
  const serial = db.prepare(
    `INSERT INTO zone_serials (zone, serial, at) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET serial = excluded.serial, at = excluded.at`,
  );
  /** It may be there though the database does not know this run: read from one that was set aside. */
  const known = db
    .prepare(
      `SELECT id FROM failover_history WHERE at = @at AND record = @record AND serial = @serial AND cause = @cause
       AND from_addresses IS @from_addresses AND to_addresses = @to_addresses`,
    )
    .pluck();
  const writeTransition = (row: ReturnType<typeof transitionToRow>): unknown =>
    known.get(row) ?? transition.run(row).lastInsertRowid;
  const writeZone = zoneWriter(db);
  const writeOutbox = outboxWriter(db);
  const writeEntry = (entry: SequencedEntry, nowEpochMs: number): void => {
    const { transition: row, state: after, serial: given, published, outbox, audit: order } = entry;
    const id = row === null ? null : writeTransition(transitionToRow(row));
    if (row !== null) serial.run(nameToText(row.zone), row.serial, iso(row.atEpochMs));
    if (given) serial.run(nameToText(given.zone), given.serial, iso(nowEpochMs));
    if (after !== null) state.run({ ...stateToRow(after), transition_id: id });
    if (published) writeZone(published, nowEpochMs);
    if (outbox) writeOutbox(outbox);
    if (order) audit.run(auditToRow(order));
  };
  return {
    writeEntry,
    state,
    serial,
    applied: db.prepare(APPLIED).pluck(),
    setApplied: db.prepare(
      `INSERT INTO writers (writer, applied, at) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET applied = excluded.applied, at = excluded.at`,
    ),
  };
}

function probeStatements(db: Database.Database) {
  return {
    probe: db.prepare(insertInto(db, 'probe_log')),
    intern: db
      .prepare('INSERT INTO endpoints (endpoint) VALUES (?) ON CONFLICT DO UPDATE SET endpoint = endpoint RETURNING id')
      .pluck(),
    serialLog: db.prepare(insertInto(db, 'serial_log')),
    health: db.prepare('UPDATE endpoints SET status = ?, since = ?, probed_at = ? WHERE id = ?'),
  };
}

/** The columns that a row of values fills; SQLite gives the id. */
function columnsOf(db: Database.Database, table: string): readonly string[] {
  return db.prepare<[string], string>("SELECT name FROM pragma_table_info(?) WHERE name <> 'id'").pluck().all(table);
}

function insertInto(db: Database.Database, table: string): string {
  const columns = columnsOf(db, table);
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((column) => `@${column}`).join(', ')})`;
}

/** A state that comes without a transition keeps the one that led to its answer. */
function stateUpdates(db: Database.Database): string {
  return columnsOf(db, 'record_state')
    .filter((column) => column !== 'record' && column !== 'family')
    .map((column) =>
      column === 'transition_id'
        ? 'transition_id = coalesce(excluded.transition_id, transition_id)'
        : `${column} = excluded.${column}`,
    )
    .join(', ');
}
