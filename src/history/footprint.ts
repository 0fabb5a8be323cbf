import { type Stats, statSync } from 'node:fs';
import { COMPANIONS } from './database.ts';

/** How the database file and what SQLite keeps beside it look from outside: the file, `-wal`, `-shm`. */
export type Footprint = readonly (Stats | undefined)[];

/**
 * What has become of an open database behind our back.
 * `gone`: the file is deleted; SQLite would go on writing into it and all would be lost at the next start.
 * `replaced`: another file has its name. `emptied`: cut to nothing. `companions`: the file is there but not its log or lock file.
 * `touched`: somebody else has written to it.
 */
export type Drift = 'none' | 'touched' | 'gone' | 'replaced' | 'emptied' | 'companions';

/** Never opens the file: closing it again would drop the locks that SQLite holds on it (POSIX). */
export function takeFootprint(file: string): Footprint {
  return COMPANIONS.map((suffix) => statSync(file + suffix, { throwIfNoEntry: false }));
}

export function driftOf([before, ...companionsBefore]: Footprint, [now, ...companions]: Footprint): Drift {
  if (now === undefined) return 'gone';
  if (!isSameFile(before, now)) return 'replaced';
  if (now.size === 0) return 'emptied'; // what SQLite has opened has a page at least
  if (companionsBefore.some((companion, index) => companion && !isSameFile(companion, companions[index])))
    return 'companions';
  return before?.mtimeMs === now.mtimeMs && before.size === now.size ? 'none' : 'touched';
}

export function isSameFile(a: Stats | undefined, b: Stats | undefined): boolean {
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev;
}
