/** What stands behind the `?` of a read. */
import { parseDuration } from '../core/duration.ts';
import { type OwnerName, parseOwnerName } from '../core/name.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/** A value, or why there is none: one line for people. */
export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

export interface Page {
  readonly limit: number;
  /** Only what has a smaller id. */
  readonly beforeId?: number;
}

/** `?limit=100&cursor=4711`: the cursor is the `next` of the page before. */
export function readPage(query: URLSearchParams): Read<Page> {
  const limit = Number(query.get('limit') ?? DEFAULT_LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    return refused(`"limit" must be a whole number from 1 to ${MAX_LIMIT}`);
  }
  const cursor = query.get('cursor');
  if (cursor === null) return { ok: true, value: { limit } };
  return /^\d{1,15}$/.test(cursor)
    ? { ok: true, value: { limit, beforeId: Number(cursor) } }
    : refused('"cursor" must be the "next" of another page');
}

/** The cursor of the page that follows; null after the last one. */
export function nextOf(page: Page, found: readonly { readonly id: number }[]): string | null {
  return found.length < page.limit ? null : String(found.at(-1)?.id);
}

/** `?since=24h`, or a time in ISO 8601; undefined where it is not given. */
export function readSince(query: URLSearchParams, nowEpochMs: number): Read<number | undefined> {
  const given = query.get('since');
  if (given === null) return { ok: true, value: undefined };
  const ms = parseDuration(given);
  if (ms !== undefined) return { ok: true, value: nowEpochMs - ms };
  const time = /^\d{4}-\d\d-\d\dT/.test(given) ? Date.parse(given) : Number.NaN;
  return Number.isNaN(time)
    ? refused('"since" must be a duration such as 24h or 7d, or a time such as 2026-01-31T12:00:00Z')
    : { ok: true, value: time };
}

/** `?record=app.example.com`; undefined where it is not given. */
export function readRecord(query: URLSearchParams): Read<OwnerName | undefined> {
  const given = query.get('record');
  if (given === null) return { ok: true, value: undefined };
  const name = parseOwnerName(given);
  return name.ok ? name : refused(`"${given}" is no domain name: it ${name.problem}`);
}

export function refused(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}
