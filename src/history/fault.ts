import { codeOf, messageOf } from './database.ts';
import type { Fault } from './protocol.ts';

/** What keeps the history from working, and is not a bug. */
export class HistoryFault extends Error {
  override readonly name = 'HistoryFault';
  readonly kind: Fault['kind'];

  constructor(kind: Fault['kind'], reason: string) {
    super(reason);
    this.kind = kind;
  }
}

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^SQLITE_BUSY|^SQLITE_LOCKED/, 'it is locked by another process'],
  [/^SQLITE_FULL|^ENOSPC|^EDQUOT/, 'the disk is full'],
  [/^SQLITE_READONLY|^EROFS/, 'it is read-only'],
  [/^SQLITE_CANTOPEN/, 'it cannot be opened'],
  [/^SQLITE_IOERR/, 'the disk reports an error'],
  [/^SQLITE_CORRUPT|^SQLITE_NOTADB/, 'it is damaged'],
  [/^EACCES|^EPERM/, 'permission denied'],
  [/^ENOENT/, 'the folder does not exist'],
  [/^ENOTDIR/, 'a part of its path is not a folder'],
  [/^EISDIR/, 'it is a folder'],
];

/** One line for people about a failed use of a database file.
 *  @throws the error itself when neither SQLite nor the system gave it: then it is a bug. */
export function faultOf(file: string, error: unknown): Fault {
  if (error instanceof HistoryFault) return { kind: error.kind, reason: error.message };
  const code = codeOf(error);
  if (code === '') throw error;
  const known = REASONS.find(([pattern]) => pattern.test(code))?.[1];
  return { kind: 'trouble', reason: `${file}: ${known ? `${known} (${code})` : `${messageOf(error)} (${code})`}` };
}
