/** The headers that a check sends. */
import * as z from 'zod';
import { mustBe, type Refusal, refuse, value } from './values.ts';

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What the HTTP client sets by itself, or what would break the framing. */
const SET_BY_CLIENT = /^(connection|content-length|expect|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;

const headerValue = value(
  (raw): string | Refusal => {
    if (typeof raw !== 'string') return mustBe('a text: put it in quotes');
    return /^[\t\x20-\x7e\x80-\xff]*$/.test(raw) ? raw : refuse('holds a character that a header cannot carry');
  },
  { secret: true },
);

/** Names as written; two that differ by letter case only are the same (RFC 9110 §5.1) and refused. */
export const headers = z.record(z.string(), headerValue).superRefine((written, context) => {
  const seen = new Set<string>();
  for (const name of Object.keys(written)) {
    const message = whyRefused(name, seen);
    if (message !== null) context.addIssue({ code: 'custom', path: [name], message });
    seen.add(name.toLowerCase());
  }
});

function whyRefused(name: string, seen: ReadonlySet<string>): string | null {
  if (!TOKEN.test(name)) return 'is not the name of a header';
  if (name.toLowerCase() === 'host') return 'is set by "host" or the URL';
  if (SET_BY_CLIENT.test(name)) return 'is set by failoverd';
  return seen.has(name.toLowerCase()) ? 'is given twice' : null;
}
