/**
 * The waiting files, `failoverd.db.waiting-1` and so on beside the database: commits that were published before the database
 * had them. One line for each, behind a first line that says which run of failoverd wrote it:
 *
 *     4f0c1d2e {"format":1,"run":"5e1a…"}
 *     91b7a003 {"transition":{…},"state":{…},"seq":12}
 *
 * Each begins with the CRC-32 of its JSON, so that a line which was cut off by the end of its writer is told from a whole one.
 * A kill leaves what was written; only a power cut takes it, because nothing is synced.
 */
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { realDatabasePath } from './lease.ts';
import type { SequencedEntry } from './writer.ts';

/** Rises when an earlier failoverd would misunderstand a line. */
const FORMAT = 1;

export type WaitingText =
  | {
      readonly kind: 'commits';
      readonly run: string;
      /** In their order. */
      readonly entries: readonly SequencedEntry[];
      /** Lines that are damaged; not the last one, which was being written when its writer ended. */
      readonly damaged: number;
    }
  /** Not even its first line is whole: nothing was published on the strength of it. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unknown'; readonly reason: string };

export function headerLine(run: string): string {
  return lineOf({ format: FORMAT, run });
}

export function entryLine(entry: SequencedEntry): string {
  return lineOf(entry);
}

export function parseWaiting(text: string): WaitingText {
  const [first = '', ...rest] = text.split('\n').slice(0, -1).map(parseLine);
  if (first === '') return { kind: 'nothing' };
  if (first === null) return { kind: 'unknown', reason: 'its first line is damaged' };
  const { format, run } = first as { readonly format?: unknown; readonly run?: unknown };
  if (format !== FORMAT || typeof run !== 'string')
    return { kind: 'unknown', reason: `it has format ${format}, this failoverd knows ${FORMAT}` };
  const entries = rest.filter((value) => value !== null) as SequencedEntry[];
  return {
    kind: 'commits',
    run,
    entries: entries.sort((a, b) => a.seq - b.seq),
    damaged: rest.length - entries.length,
  };
}

function lineOf(value: object): string {
  const json = JSON.stringify(value);
  return `${sumOf(json)} ${json}\n`;
}

/** @returns null for a line that is not as it was written */
function parseLine(line: string): unknown {
  const json = line.slice(9);
  return line === `${sumOf(json)} ${json}` ? JSON.parse(json) : null;
}

function sumOf(json: string): string {
  return crc32(json).toString(16).padStart(8, '0');
}

/** Where the waiting files of a database are, by whichever links that is named: `failoverd.db.waiting-` and a number. */
export interface WaitingPlace {
  readonly folder: string;
  /** Their numbers among the names of the folder, the oldest first. */
  numbers(names: readonly string[]): readonly number[];
  path(number: number): string;
}

export function waitingPlace(database: string): WaitingPlace {
  const real = realDatabasePath(database);
  const prefix = `${path.basename(real)}.waiting-`;
  return {
    folder: path.dirname(real),
    numbers: (names) =>
      names
        .filter((name) => name.startsWith(prefix))
        .map((name) => name.slice(prefix.length))
        .filter((rest) => /^[1-9]\d{0,8}$/.test(rest))
        .map(Number)
        .sort((a, b) => a - b),
    path: (number) => `${real}.waiting-${number}`,
  };
}
