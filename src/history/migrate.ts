import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type Database from 'better-sqlite3';

export interface Migration {
  /** The `user_version` of a database that has it. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** The folder of the migrations, from `src/history/` as from the built `dist/history/`. */
export const MIGRATIONS_DIRECTORY = path.join(import.meta.dirname, '..', '..', 'migrations');

/** Reads `001-….sql`, `002-….sql`, … in order.
 *  @throws Error when a number is missing or double: the package is broken. */
export function loadMigrations(directory: string = MIGRATIONS_DIRECTORY): readonly Migration[] {
  const names = readdirSync(directory)
    .filter((name) => /^\d{3}-.+\.sql$/.test(name))
    .sort();
  return names.map((name, index) => {
    const version = Number(name.slice(0, 3));
    if (version !== index + 1) throw new Error(`${directory}: ${name} is not migration ${index + 1}`);
    return { version, name, sql: readFileSync(path.join(directory, name), 'utf8') };
  });
}

export function schemaVersion(db: Database.Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}

/** Brings a database to the newest schema, each step in one transaction. Two processes may do it at once. */
export function migrate(db: Database.Database, migrations: readonly Migration[]): void {
  for (const { version, sql } of migrations) {
    if (schemaVersion(db) >= version) continue;
    db.transaction(() => {
      if (schemaVersion(db) >= version) return;
      db.exec(sql);
      db.pragma(`user_version = ${version}`);
    }).immediate();
  }
}
