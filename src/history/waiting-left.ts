/** What earlier runs of failoverd have left in waiting files: read at the start, and written once there is a database to take it. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { codeOf, messageOf, setAside } from './database.ts';
import { parseWaiting, waitingPlace } from './waiting-format.ts';
import type { SequencedEntry, Writer } from './writer.ts';

interface LeftFile {
  readonly path: string;
  readonly run: string;
  readonly entries: readonly SequencedEntry[];
  /** Why it is not to be deleted, but kept for people. */
  readonly damage: string | null;
}

/** The oldest file first. */
function readLeft(database: string, ownRun: string): readonly LeftFile[] {
  const place = waitingPlace(database);
  return place
    .numbers(readdirSync(place.folder))
    .map((number) => readOne(place.path(number)))
    .filter(({ run }) => run !== ownRun);
}

function readOne(path: string): LeftFile {
  const none = { path, run: '', entries: [] };
  try {
    const text = parseWaiting(readFileSync(path, 'utf8'));
    if (text.kind === 'nothing') return { ...none, damage: null };
    if (text.kind === 'unknown') return { ...none, damage: text.reason };
    const { run, entries, damaged } = text;
    return { path, run, entries, damage: damaged === 0 ? null : `${damaged} of its lines are damaged` };
  } catch (error) {
    if (codeOf(error) === '') throw error;
    return { ...none, damage: messageOf(error) };
  }
}

/** What the database lacks of it, in order; for a start that cannot write it yet. */
export function leftUnwritten(
  database: string,
  ownRun: string,
  applied: (run: string) => number | null,
): readonly SequencedEntry[] {
  return readLeft(database, ownRun).flatMap(({ run, entries }) => {
    const before = applied(run) ?? 0;
    return entries.filter(({ seq }) => seq > before);
  });
}

/**
 * Writes what the database lacks, then removes the files. What makes no sense is kept under another name.
 * @returns lines about it for the log
 * @throws SqliteError or a system error when it cannot be done now
 */
export function writeLeft(database: string, ownRun: string, writer: Writer, nowEpochMs: number): readonly string[] {
  return readLeft(database, ownRun).flatMap(({ path, run, entries, damage }) => {
    const before = writer.applied(run) ?? 0;
    const missing = entries.filter(({ seq }) => seq > before);
    const refusal = missing.length === 0 ? null : writeCommits(writer, run, missing, nowEpochMs);
    const isWritten = missing.length > 0 && refusal === null;
    return [
      ...(isWritten ? [`${missing.length} commits that waited when failoverd ended were read from ${path}`] : []),
      ...putAway(path, refusal ?? damage, nowEpochMs),
    ];
  });
}

/** @returns why they cannot be written, now or ever */
function writeCommits(
  writer: Writer,
  run: string,
  entries: readonly SequencedEntry[],
  nowEpochMs: number,
): string | null {
  try {
    writer.commit(run, entries, null, nowEpochMs);
    return null;
  } catch (error) {
    const isOfTheDatabase = /^SQLITE_(?!CONSTRAINT|MISMATCH|RANGE|ERROR)/.test(codeOf(error));
    if (isOfTheDatabase) throw error;
    return messageOf(error);
  }
}

/** A file that stays where it is does no harm: what the database has is not written twice. */
function putAway(path: string, trouble: string | null, nowEpochMs: number): readonly string[] {
  try {
    if (trouble !== null) return [`${path} (${trouble}) was set aside as ${setAside(path, 'unreadable', nowEpochMs)}`];
    rmSync(path, { force: true });
    return [];
  } catch (error) {
    if (codeOf(error) === '') throw error;
    return [`${path} is not needed any more and cannot be removed: ${messageOf(error)}`];
  }
}
