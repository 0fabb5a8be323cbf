import { existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { loadMigrations, migrate, schemaVersion } from './migrate.ts';

/** "fovd", as set by the first migration. */
export const APPLICATION_ID = 0x666f7664;
/** How long one attempt waits for a lock; the queue in the main thread waits the rest. */
const BUSY_TIMEOUT_MS = 250;
/** The WAL is cut back to this after a checkpoint, so that one busy hour does not keep the disk. */
const WAL_LIMIT_BYTES = 64 * 1024 * 1024;
/** What a connection that writes may keep of the database; better-sqlite3 would let it have 16 MiB. What it reads again is in the system's cache. */
const CACHE_KIB = 4096;
/** A larger database is not read into memory. */
const MAX_IN_MEMORY_BYTES = 256 * 1024 * 1024;
/** The files of a database in WAL mode, by what follows its name. */
export const COMPANIONS = ['', '-wal', '-shm'] as const;

/** `unusable`: another program's database, a damaged one, or no database at all. `newer`: a later failoverd made it. */
export type Opened =
  | { readonly kind: 'open'; readonly db: Database.Database }
  | { readonly kind: 'unusable'; readonly label: 'damaged' | 'foreign'; readonly reason: string }
  | { readonly kind: 'newer'; readonly reason: string };

/**
 * Opens for writing and brings the schema up to date; makes the file when there is none. Changes nothing in a file that it does not take.
 * @throws SqliteError when it cannot be opened for a reason that may pass: a lock, permissions, the disk.
 */
export function openForWriting(file: string): Opened {
  if (statSync(file, { throwIfNoEntry: false })?.size === 0 && existsSync(`${file}-wal`)) {
    return { kind: 'unusable', label: 'damaged', reason: 'the file is empty, but its write-ahead log is not' };
  }
  const db = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    const opened = examine(db) ?? prepare(db);
    if (opened.kind !== 'open') db.close();
    return opened;
  } catch (error) {
    db.close();
    if (!isDamage(error)) throw error;
    return { kind: 'unusable', label: 'damaged', reason: messageOf(error) };
  }
}

/** Why not to take this database; null for failoverd's own and for an empty one. */
function examine(db: Database.Database): Opened | null {
  const known = loadMigrations().length;
  const version = schemaVersion(db);
  const applicationId = applicationIdOf(db);
  const objects = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
  if (objects === 0 && version === 0 && applicationId === 0) return null;
  if (applicationId !== APPLICATION_ID)
    return { kind: 'unusable', label: 'foreign', reason: 'another program made it' };
  if (version <= known) return null;
  const reason = `it has schema version ${version}, this failoverd knows up to ${known}; run the newer failoverd`;
  return { kind: 'newer', reason };
}

export function applicationIdOf(db: Database.Database): number {
  return Number(db.pragma('application_id', { simple: true }));
}

function prepare(db: Database.Database): Opened {
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma(`journal_size_limit = ${WAL_LIMIT_BYTES}`);
  db.pragma(`cache_size = -${CACHE_KIB}`);
  migrate(db, loadMigrations());
  return { kind: 'open', db };
}

/**
 * Opens for reading only, beside a running failoverd or without one.
 * Where not even SQLite's lock file can be made (a folder or file system that we may only read) and no log is left, the file is complete
 * in itself and is read into memory.
 * @throws SqliteError
 */
export function openForReading(file: string): Database.Database {
  const db = new Database(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
  try {
    schemaVersion(db);
    return db;
  } catch (error) {
    db.close();
    const cannotLock = /^SQLITE_(CANTOPEN|READONLY)/.test(codeOf(error));
    const isComplete = cannotLock && !existsSync(`${file}-wal`);
    if (!isComplete || statSync(file).size > MAX_IN_MEMORY_BYTES) throw error;
    return openInMemory(file);
  }
}

function openInMemory(file: string): Database.Database {
  const bytes = readFileSync(file);
  bytes.fill(1, 18, 20); // the header's word for "without a log": WAL needs files (file format §1.3.3)
  return new Database(bytes, { readonly: true });
}

/** Gives a database another name, with what belongs to it: `failoverd.db.damaged-20260731T120000Z`.
 *  @returns the new path */
export function setAside(file: string, label: string, epochMs: number): string {
  const stamp = new Date(epochMs).toISOString().replace(/[-:]|\.\d+/g, '');
  const base = `${file}.${label}-${stamp}`;
  let aside = base;
  for (let n = 2; existsSync(aside); n++) aside = `${base}-${n}`;
  for (const companion of COMPANIONS) {
    if (existsSync(file + companion)) renameSync(file + companion, aside + companion);
  }
  return aside;
}

/** The error says that the file's content is not (or no longer) a database. */
export function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error));
}

/** SQLite's or the system's code, '' where there is none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
