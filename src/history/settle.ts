/** What becomes of a database that was open when something happened to its file. */

import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import type Database from 'better-sqlite3';
import type { SetAside } from '../runtime/ports.ts';
import { COMPANIONS, openForWriting, setAside } from './database.ts';
import { HistoryFault } from './fault.ts';
import { driftOf, type Footprint, isSameFile, takeFootprint } from './footprint.ts';

export interface Held {
  readonly db: Database.Database;
  readonly footprint: Footprint;
  /** The last use failed: the connection is not trusted any longer. */
  readonly failed: boolean;
  /** Why the file itself is not trusted any longer. */
  readonly damage: string | null;
}

/** `keep`: go on with it. Otherwise it is closed, and what lies at its path now is to be opened. */
export interface Settled {
  readonly keep: boolean;
  readonly setAside: SetAside | null;
  /** The file that was ours until now, set aside with all that it holds. */
  readonly lost: string | null;
  /** What was done, for the log. */
  readonly note: string | null;
}

const REOPEN: Settled = { keep: false, setAside: null, lost: null, note: null };

/**
 * | the file is   | what is done                                                                              |
 * |---------------|-------------------------------------------------------------------------------------------|
 * | as it was     | kept; opened anew when the last use failed                                                |
 * | damaged       | set aside                                                                                 |
 * | emptied       | set aside                                                                                 |
 * | deleted       | written again from the open connection, which still has all of it                         |
 * | replaced      | the new one is used when it is failoverd's; otherwise that is set aside and ours written again |
 * | without log or lock file | the log is moved into the file, which is opened anew                           |
 *
 * @throws SqliteError, a system error or {@link HistoryFault} when that does not work now; to be called again then
 */
export function settle(file: string, held: Held, nowEpochMs: number): Settled {
  const drift = driftOf(held.footprint, takeFootprint(file));
  const isThere = drift !== 'gone' && drift !== 'replaced';
  if (isThere && held.damage !== null) return discard(file, held, held.damage, nowEpochMs);
  switch (drift) {
    case 'none':
    case 'touched':
      if (!held.failed) return { ...REOPEN, keep: true };
      held.db.close();
      return REOPEN;
    case 'emptied':
      return discard(file, held, 'it was emptied', nowEpochMs);
    case 'companions':
      moveLogIntoFile(file, held.db);
      held.db.close();
      return { ...REOPEN, note: 'the database had lost its -wal or -shm file: both were made again' };
    case 'gone':
      return rescue(file, held, nowEpochMs, 'the database file was deleted');
    case 'replaced':
      return replaced(file, held, nowEpochMs);
  }
}

/** While another process writes it cannot be done, and closing would leave the commits of the lost log behind. */
function moveLogIntoFile(file: string, db: Database.Database): void {
  const isBusy = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').pluck().get();
  if (isBusy !== 0)
    throw new HistoryFault('trouble', `${file}: its -wal or -shm file was deleted, and another process holds its lock`);
}

/** Renames before closing: SQLite leaves a file alone that has another name when it is closed. */
function discard(file: string, { db }: Held, reason: string, nowEpochMs: number): Settled {
  const aside = setAside(file, 'damaged', nowEpochMs);
  db.close();
  return { ...REOPEN, lost: aside, setAside: { path: aside, reason, atEpochMs: nowEpochMs } };
}

function replaced(file: string, held: Held, nowEpochMs: number): Settled {
  dropOwnCompanions(file, held.footprint);
  if (statSync(file).size === 0)
    return rescue(file, held, nowEpochMs, 'the database file was replaced by an empty one');
  const opened = openForWriting(file);
  switch (opened.kind) {
    case 'open':
      opened.db.close();
      held.db.close();
      return { ...REOPEN, note: 'the database file was replaced by another one: that is used now' };
    case 'newer':
      throw new HistoryFault('refused', `${file}: ${opened.reason}`);
    case 'unusable': {
      const aside = setAside(file, opened.label, nowEpochMs);
      const note = `the database file was replaced by one that is ${opened.label}`;
      return {
        ...rescue(file, held, nowEpochMs, note),
        setAside: { path: aside, reason: opened.reason, atEpochMs: nowEpochMs },
      };
    }
  }
}

/** Writes the content of a connection whose file has lost its name to a new file of that name; nothing when that content is damaged. */
function rescue(file: string, held: Held, nowEpochMs: number, what: string): Settled {
  dropOwnCompanions(file, held.footprint);
  mkdirSync(path.dirname(file), { recursive: true });
  if (held.damage === null) writeAgain(file, held.db, nowEpochMs);
  held.db.close();
  return { ...REOPEN, note: `${what}: ${held.damage ?? 'it was written again from the open one'}` };
}

function writeAgain(file: string, db: Database.Database, nowEpochMs: number): void {
  const copy = `${file}.rescue`;
  rmSync(copy, { force: true });
  db.prepare('VACUUM INTO ?').run(copy);
  setAside(file, 'stray', nowEpochMs);
  renameSync(copy, file);
  syncFolder(path.dirname(file));
}

/** Our log must not meet another database: SQLite would play it into that. */
function dropOwnCompanions(file: string, [, ...companions]: Footprint): void {
  const [, ...now] = takeFootprint(file);
  COMPANIONS.slice(1).forEach((suffix, index) => {
    if (isSameFile(companions[index], now[index])) rmSync(file + suffix);
  });
}

/** So that the new name survives a power cut. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
