/** The kinds of single values: each reads what YAML gave, or says what it should have been. */
import * as z from 'zod';
import { parseDuration } from '../core/duration.ts';
import { mustBe, Refusal, refuse } from './refusal.ts';
import { suggest } from './suggest.ts';

/** The refusal of a key that is not there. */
const MISSING = refuse('is missing');

/** What a {@link value} leaves in zod's issues for those who report them. */
export interface IssueParams {
  readonly showsFound: boolean;
  readonly secret: boolean;
  readonly missing?: true;
}

/** What an editor is told of a value, in the words of JSON Schema. */
export type EditorHint = Readonly<Record<string, unknown>>;

/** A schema from a function. A missing key is refused unless the schema is made optional. */
export function value<T>(read: (raw: unknown) => T | Refusal, { secret = false, editor = {} as EditorHint } = {}) {
  const schema = z.unknown().transform((raw, context): T => {
    const result = raw === undefined ? MISSING : read(raw);
    if (!(result instanceof Refusal)) return result;
    const params: IssueParams = { showsFound: result.showsFound, secret, ...(result === MISSING && { missing: true }) };
    context.issues.push({ code: 'custom', message: result.predicate, input: raw, params });
    return z.NEVER;
  });
  return schema.meta(editor);
}

/** The pattern of a text for an editor: a variable may stand in every value. */
function orVariable(pattern: string): string {
  return `^(?:${pattern})$|\\$\\{`;
}

/** Anything, but it must be there; it is read apart. */
export const present = value((raw) => raw);

/** A map from names to what is read apart. */
export const mapOfNames = value((raw) =>
  isMap(raw) && Object.keys(raw).length > 0 ? raw : mustBe('a map with at least one name'),
);

/** What is to be said of a key that a section does not know. */
export interface UnknownKey {
  readonly key: string;
  /** The known one that was probably meant. */
  readonly meant: string | null;
  /** Where the key belongs. */
  readonly hint: string | null;
}

export interface SectionOptions {
  /** What to say of keys that belong to another section. */
  readonly elsewhere?: Readonly<Record<string, string>>;
  /** What may stand there: `a map`, or a short form too. */
  readonly kind?: string;
}

/** A map with exactly these keys. */
export function section<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  { elsewhere = {}, kind = 'a map' }: SectionOptions = {},
) {
  const known = Object.keys(shape);
  const tell = (key: string): UnknownKey => {
    const hint = (Object.hasOwn(elsewhere, key) && elsewhere[key]) || null;
    return { key, meant: hint === null ? suggest(key, known) : null, hint };
  };
  // zod's issue names the unknown keys only; what is said of them travels as its message.
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? JSON.stringify(issue.keys.map(tell)) : kind),
  });
}

/** Whether YAML gave a map. */
export function isMap(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}

/** A text or number as text; empty for anything else. */
export function scalarText(raw: unknown): string {
  return typeof raw === 'string' || typeof raw === 'number' ? String(raw) : '';
}

const TEXT: EditorHint = { type: 'string', minLength: 1 };

export const text = value(readText, { editor: TEXT });

function readText(raw: unknown): string | Refusal {
  if (typeof raw === 'string') return raw === '' ? mustBe('a text that is not empty') : raw;
  return mustBe(typeof raw === 'object' ? 'a text' : 'a text in quotes');
}

export const boolean = value(
  (raw) => {
    // A variable's value is always a text.
    if (raw === true || raw === 'true') return true;
    return raw === false || raw === 'false' ? false : mustBe('true or false');
  },
  { editor: { type: ['boolean', 'string'], pattern: orVariable('true|false') } },
);

export function oneOf<const Choice extends string>(...choices: readonly Choice[]) {
  const list = new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(choices);
  return value(
    (raw) => choices.find((choice) => choice === raw) ?? mustBe(choices.length > 2 ? `one of ${list}` : list),
    { editor: { type: 'string', anyOf: [{ enum: choices }, { type: 'string', pattern: '\\$\\{' }] } },
  );
}

export function integer(min: number, max: number) {
  return value((raw) => readInteger(raw, min, max), {
    editor: { type: ['integer', 'string'], minimum: min, maximum: max, pattern: orVariable('\\d+') },
  });
}

function readInteger(raw: unknown, min: number, max: number): number | Refusal {
  const number = typeof raw === 'string' && /^\d+$/.test(raw) ? Number(raw) : raw;
  const fits = typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max;
  return fits ? number : mustBe(`a whole number from ${min} to ${max}`);
}

/** A duration in milliseconds; the bounds are inclusive, and written as in a config. */
export function duration(min: string, max: string) {
  const [minMs, maxMs] = [min, max].map(parseDuration);
  if (minMs === undefined || maxMs === undefined) throw new Error(`not a duration: ${min} or ${max}`);
  return value(
    (raw) => {
      const ms = typeof raw === 'string' ? parseDuration(raw) : undefined;
      if (ms === undefined) return mustBe('a duration such as 500ms, 5s, 1m, 1h or 14d');
      return ms >= minMs && ms <= maxMs ? ms : mustBe(`a duration from ${min} to ${max}`);
    },
    { editor: { type: 'string', pattern: orVariable('\\d{1,12}(?:\\.\\d{1,3})?(?:ms|s|m|h|d)') } },
  );
}

/** A word, or what a schema of one value reads. */
export function wordOr<const Word extends string, T>(word: Word, schema: z.ZodType<T>) {
  const either = z.unknown().transform((raw, context): Word | T => {
    if (raw === word) return word;
    const result = schema.safeParse(raw);
    if (result.success) return result.data;
    const params: IssueParams = { showsFound: true, secret: false };
    const message = result.error.issues[0]?.message.replace('must be', `must be ${word} or`) ?? '';
    context.issues.push({ code: 'custom', message, input: raw, params });
    return z.NEVER;
  });
  return either.meta({ anyOf: [{ const: word }, schema.meta()] });
}

/** A duration in whole seconds, for what DNS counts in seconds. */
export function seconds(min: string, max: string) {
  return duration(min, max).transform((ms, context) => {
    if (ms % 1000 === 0) return ms / 1000;
    const params: IssueParams = { showsFound: true, secret: false };
    context.issues.push({ code: 'custom', message: 'must be whole seconds', input: ms, params });
    return z.NEVER;
  });
}

const UNIT_BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** A size in bytes; the bounds are inclusive. */
export function size(min: string, max: string) {
  const [minBytes, maxBytes] = [min, max].map(parseSize);
  if (minBytes === undefined || maxBytes === undefined) throw new Error(`not a size: ${min} or ${max}`);
  return value(
    (raw) => {
      const bytes = typeof raw === 'string' ? parseSize(raw) : undefined;
      if (bytes === undefined) return mustBe('a size such as 512B, 64KiB or 1MiB');
      return bytes >= minBytes && bytes <= maxBytes ? bytes : mustBe(`a size from ${min} to ${max}`);
    },
    { editor: { type: 'string', pattern: orVariable('\\d{1,9}(?:B|KiB|MiB|GiB)') } },
  );
}

/** Reads `512B 64KiB 1MiB`; undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const [, number, unit] = /^(\d{1,9})(B|KiB|MiB|GiB)$/.exec(text) ?? [];
  return number === undefined || unit === undefined ? undefined : Number(number) * (UNIT_BYTES[unit] ?? Number.NaN);
}
