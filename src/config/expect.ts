/** What a check expects of a server: status codes, and a text or a pattern in what it sends. */
import type { BodyExpectation, StatusRange } from '../core/check.ts';
import { mustBe, type Refusal, refuse } from './refusal.ts';
import { scalarText, value } from './values.ts';

/** `200`, `200-299` or `[200, 204, 300-399]`. */
export const statusRanges = value(
  (raw): readonly StatusRange[] | Refusal => {
    const list = Array.isArray(raw) ? raw : [raw];
    const ranges = list.map(parseStatusRange);
    const known = ranges.filter((range) => range !== null);
    if (known.length === 0 || known.length < ranges.length) {
      return mustBe('a status code, a range such as 200-299, or a list of them');
    }
    return known;
  },
  { editor: { type: ['integer', 'string', 'array'], items: { type: ['integer', 'string'] } } },
);

function parseStatusRange(raw: unknown): StatusRange | null {
  const [, first, last = first] = /^(\d{3})(?:-(\d{3}))?$/.exec(scalarText(raw)) ?? [];
  const [from, to] = [Number(first), Number(last)];
  return from >= 100 && from <= to && to <= 599 ? { from, to } : null;
}

/** A text that must occur, or `/pattern/flags` that must match. */
export const bodyExpectation = value(
  (raw): BodyExpectation | Refusal => {
    if (typeof raw !== 'string' || raw === '') return mustBe('a text or a /pattern/');
    const [, source, flags] = /^\/(.+)\/([a-z]*)$/su.exec(raw) ?? [];
    if (source === undefined || flags === undefined) return { kind: 'text', text: raw };
    const wrong = /[^imsu]/u.exec(flags)?.[0];
    if (wrong !== undefined) return refuse(`has the unknown flag "${wrong}": a pattern takes i, m, s and u`);
    const reason = whyInvalid(source, flags);
    return reason === null ? { kind: 'pattern', source, flags } : refuse(`is not a pattern: ${reason}`);
  },
  { secret: true, editor: { type: 'string', minLength: 1 } },
);

function whyInvalid(source: string, flags: string): string | null {
  try {
    new RegExp(source, flags);
    return null;
  } catch (error) {
    // "Invalid regular expression: /<the pattern>/<flags>: <the reason>". The pattern may hold a secret.
    const { message } = error as SyntaxError;
    return message.slice(message.lastIndexOf(': ') + 2).toLowerCase();
  }
}
