/** `If-Match` (RFC 9110 §13.1.1) with the generation that the operator has seen; without it, any will do. */
import { problem } from './problem.ts';
import type { Request, Response } from './route.ts';

export function isCurrent({ headers }: Pick<Request, 'headers'>, generation: number): boolean {
  const header = headers['if-match'];
  if (header === undefined) return true;
  const given = String(header)
    .split(',')
    .map((tag) => tag.trim());
  return given.includes('*') || given.includes(`"${generation}"`);
}

/** @param what `the record` or `the config` */
export function stale(what: string, generation: number): Response {
  const detail = `${what} has changed since: its generation is ${generation} now; look again`;
  return problem(412, detail, { ETag: `"${generation}"` });
}
