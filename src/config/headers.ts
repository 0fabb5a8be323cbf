/** The headers that a check sends. */
import * as z from 'zod';
import { mustBe, type Refusal, refuse } from './refusal.ts';
import { type IssueParams, isMap, scalarText } from './values.ts';

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What the HTTP client sets by itself, or what would break the framing. */
const SET_BY_CLIENT = /^(connection|content-length|expect|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;

/** Names as written; two that differ by letter case only are the same (RFC 9110 §5.1) and refused. */
export const headers = z.unknown().transform((raw, context): Readonly<Record<string, string>> => {
  if (!isMap(raw)) {
    context.issues.push({ code: 'custom', message: 'must be a map', input: raw, params: SHOWN });
    return z.NEVER;
  }
  const seen = new Set<string>();
  const written: Record<string, string> = {};
  for (const [name, value] of Object.entries(raw)) {
    const refusal = whyRefused(name, seen) ?? whyUnfit(value);
    if (refusal) {
      const params: IssueParams = { showsFound: refusal.showsFound, secret: true };
      context.issues.push({ code: 'custom', message: refusal.predicate, input: value, path: [name], params });
    }
    seen.add(name.toLowerCase());
    written[name] = scalarText(value);
  }
  return written;
});

const SHOWN: IssueParams = { showsFound: true, secret: false };

function whyRefused(name: string, seen: ReadonlySet<string>): Refusal | null {
  if (!TOKEN.test(name)) return refuse('is not the name of a header');
  if (name.toLowerCase() === 'host') return refuse('is set by "host" or the URL');
  if (SET_BY_CLIENT.test(name)) return refuse('is set by failoverd');
  return seen.has(name.toLowerCase()) ? refuse('is given twice') : null;
}

function whyUnfit(value: unknown): Refusal | null {
  if (typeof value !== 'string') return mustBe('a text in quotes');
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value) ? null : refuse('holds a character that a header cannot carry');
}
