/**
 * Who may decide and write with a database: one process at a time. The lease is SQLite's lock on an empty file beside the
 * database, which the kernel gives back when its holder ends, however that comes about: nothing is left that could block a start.
 */
import { realpathSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { codeOf, messageOf } from './database.ts';

export interface Lease {
  /** Gives it back; nothing happens the second time. */
  release(): void;
}

export type LeaseTaken =
  | { readonly kind: 'held'; readonly lease: Lease }
  /** Another process holds it. */
  | { readonly kind: 'taken' }
  /** There can be none here: a folder that may only be read, or that does not exist. */
  | { readonly kind: 'impossible'; readonly reason: string };

/** @param file the database, which need not exist */
export function takeLease(file: string): LeaseTaken {
  let db: Database.Database | null = null;
  try {
    db = new Database(`${realDatabasePath(file)}.lock`, { timeout: 0 });
    db.pragma('journal_mode = MEMORY'); // the lock is all that is wanted: no journal, and nothing is ever written
    db.exec('BEGIN EXCLUSIVE');
    const held = db;
    return { kind: 'held', lease: { release: () => void held.close() } };
  } catch (error) {
    db?.close();
    return codeOf(error).startsWith('SQLITE_BUSY')
      ? { kind: 'taken' }
      : { kind: 'impossible', reason: messageOf(error) };
  }
}

/** By whichever links it is named, one database has one lease. */
export function realDatabasePath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return inRealFolder(path.resolve(file));
  }
}

function inRealFolder(file: string): string {
  try {
    return path.join(realpathSync(path.dirname(file)), path.basename(file));
  } catch {
    return file;
  }
}
