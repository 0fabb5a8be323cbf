import { existsSync, rmSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { COMPANIONS, codeOf, messageOf } from './database.ts';

/** The newest rows of a table that are looked for, so that a start is not held up for long. */
const MAX_ROWS = 100_000;

/** What people and a restart need. The probes stay where they are. */
const TABLES = [
  'failover_history',
  'record_state',
  'zone_serials',
  'endpoints',
  'serial_log',
  'notifications',
  'audit',
] as const;

type Row = Readonly<Record<string, unknown>>;

/**
 * Copies what can still be read of a damaged database into a new one, which is empty.
 * @returns a line about it for the log
 */
export function salvage(damaged: string, to: Database.Database): string {
  // SQLite would delete the log of an empty file.
  if (statSync(damaged).size === 0) return `nothing can be read from ${damaged}: it is empty`;
  const absent = COMPANIONS.map((suffix) => damaged + suffix).filter((file) => !existsSync(file));
  to.pragma('foreign_keys = OFF');
  try {
    return to.transaction(() => copyTables(damaged, to)).immediate();
  } catch (error) {
    if (codeOf(error) === '') throw error;
    return `nothing can be read from ${damaged}: ${messageOf(error)}`;
  } finally {
    to.pragma('foreign_keys = ON');
    for (const file of absent) rmSync(file, { force: true }); // a look at it leaves nothing behind
  }
}

function copyTables(damaged: string, to: Database.Database): string {
  const from = new Database(damaged, { readonly: true, fileMustExist: true });
  try {
    const counts = TABLES.map((table) => `${copyTable(from, to, table)} of ${table}`);
    to.exec(
      'UPDATE record_state SET transition_id = NULL WHERE transition_id NOT IN (SELECT id FROM failover_history)',
    );
    return `${counts.join(', ')} could be read from ${damaged} and are in the new database`;
  } finally {
    from.close();
  }
}

/** From the end and, where that meets the damage, from the start. */
function copyTable(from: Database.Database, to: Database.Database, table: string): number {
  const key = to.prepare<[string], string>('SELECT name FROM pragma_table_info(?) WHERE pk = 1').pluck().get(table);
  let copied = 0;
  for (const direction of ['DESC', 'ASC']) {
    const { rows, complete } = readableRows(
      from,
      `SELECT * FROM ${table} ORDER BY ${key} ${direction} LIMIT ${MAX_ROWS}`,
    );
    copied += insertRows(to, table, rows);
    if (complete) break;
  }
  return copied;
}

function readableRows(from: Database.Database, sql: string): { rows: readonly Row[]; complete: boolean } {
  const rows: Row[] = [];
  try {
    for (const row of from.prepare<[], Row>(sql).iterate()) rows.push(row);
    return { rows, complete: true };
  } catch (error) {
    if (codeOf(error) === '') throw error;
    return { rows, complete: false };
  }
}

/** @returns how many went in; the others are there already or make no sense */
function insertRows(to: Database.Database, table: string, rows: readonly Row[]): number {
  const columns = Object.keys(rows[0] ?? {});
  if (columns.length === 0) return 0;
  const insert = to.prepare(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  return rows.filter((row) => fits(insert, row)).length;
}

function fits(insert: Database.Statement, row: Row): boolean {
  try {
    insert.run(...Object.values(row));
    return true;
  } catch (error) {
    if (!codeOf(error).startsWith('SQLITE_CONSTRAINT')) throw error;
    return false;
  }
}
