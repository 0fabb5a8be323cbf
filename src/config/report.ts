/** Collects the problems of one config, each at its place and in one voice. */
import type * as z from 'zod';
import type { Problem } from './config.ts';
import { sortProblems } from './problems.ts';
import { quote } from './quote.ts';
import type { Refusal } from './refusal.ts';
import type { Path, Position, Source } from './source.ts';
import type { IssueParams, UnknownKey } from './values.ts';

type Issue = z.core.$ZodIssue;

export class Report {
  readonly source: Source;
  readonly #problems = new Map<string, Problem>();

  constructor(source: Source) {
    this.source = source;
    for (const { line, column, message } of source.findings) this.#add('error', { line, column }, message);
  }

  error(path: Path, message: string, part: 'key' | 'value' = 'value'): void {
    this.#add('error', this.source.at(path, part), message);
  }

  warning(path: Path, message: string, part: 'key' | 'value' = 'value'): void {
    this.#add('warning', this.source.at(path, part), message);
  }

  /** An error about a value: `<key> <predicate>, found <what is written>`. */
  refuse(path: Path, predicate: string, found = ''): void {
    this.error(path, `${label(this.source.written(path))} ${predicate}${found === '' ? '' : `, found ${found}`}`);
  }

  /** The same for a value that was read apart. */
  refuseValue(path: Path, { predicate, showsFound }: Refusal): void {
    this.refuse(path, predicate, showsFound ? this.source.describe(path) : '');
  }

  /** The same for a file that a value names: `<key> <the file> <predicate>`. */
  refuseFile(path: Path, predicate: string): void {
    this.error(path, `${label(path)} ${this.source.describe(path)} ${predicate}`);
  }

  /** The same about a key. */
  refuseKey(path: Path, predicate: string): void {
    this.error(path, `${label(path)} ${predicate}`, 'key');
  }

  /** Reads what stands at a path; undefined when it cannot be used. Unknown keys are reported and do not stop the rest. */
  read<T>(schema: z.ZodType<T>, path: Path): T | undefined {
    const raw = this.source.get(path);
    const result = schema.safeParse(raw);
    if (result.success) return result.data;
    const { issues } = result.error;
    const suggested = new Set(issues.flatMap((issue) => this.#reportUnknownKeys(issue, path)));
    for (const issue of issues) this.#reportValue(issue, path, suggested);
    if (issues.some((issue) => issue.code !== 'unrecognized_keys')) return undefined;
    return schema.safeParse(withoutKeys(raw, issues)).data;
  }

  problems(): readonly Problem[] {
    return sortProblems([...this.#problems.values()]);
  }

  hasErrors(): boolean {
    return this.problems().some((problem) => problem.severity === 'error');
  }

  /** @returns the keys that were probably meant. */
  #reportUnknownKeys(issue: Issue, base: Path): readonly string[] {
    if (issue.code !== 'unrecognized_keys') return [];
    const container = [...base, ...pathOf(issue)];
    return (JSON.parse(issue.message) as readonly UnknownKey[]).flatMap(({ key, meant, hint }) => {
      const more = hint ?? (meant === null ? null : `did you mean ${quote(meant)}?`);
      const end = more === null ? '' : `; ${more}`;
      this.error([...container, key], `unknown key ${quote(key)}${within(container)}${end}`, 'key');
      return meant ?? [];
    });
  }

  #reportValue(issue: Issue, base: Path, suggested: ReadonlySet<string>): void {
    if (issue.code === 'unrecognized_keys') return;
    const path = [...base, ...pathOf(issue)];
    if (this.source.isBroken(path)) return;
    const { predicate, showsFound, secret, missing } = explain(issue);
    if (missing || (issue.code === 'invalid_type' && this.source.get(path) === undefined)) {
      if (!suggested.has(String(path.at(-1)))) this.#reportMissing(path);
      return;
    }
    const found = secret ? this.source.describeKind(path) : this.source.describe(path);
    this.refuse(path, predicate, showsFound ? found : '');
  }

  #reportMissing(path: Path): void {
    this.error(path.slice(0, -1), `${label(path)} is missing${within(path.slice(0, -1))}`, 'key');
  }

  #add(severity: Problem['severity'], { line, column }: Position, text: string): void {
    const message = this.source.withoutValues(text);
    // What is wrong with `defaults` is wrong for each record, and said once.
    this.#problems.set(`${line}:${column} ${message}`, { file: this.source.file, line, column, severity, message });
  }
}

/** What a value is called in a message: `interval`, `listen[1]`, `records["@"]`. */
export function label(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return 'the config';
  const parent = path.at(-2);
  if (typeof last === 'number') return `${label(path.slice(0, -1))}[${last}]`;
  return parent !== undefined && MAPS_OF_NAMES.has(parent) ? `${parent}[${quote(last)}]` : last;
}

const MAPS_OF_NAMES: ReadonlySet<unknown> = new Set(['zones', 'records', 'nameservers', 'headers', 'keys']);

function within(container: Path): string {
  return container.length === 0 ? '' : ` in ${label(container)}`;
}

function pathOf(issue: Issue): Path {
  return issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
}

function explain(issue: Issue): IssueParams & { readonly predicate: string } {
  if (issue.code === 'custom') {
    const params = issue.params as IssueParams | undefined;
    return { showsFound: false, secret: false, ...params, predicate: issue.message };
  }
  const kind = issue.code === 'invalid_type' && issue.expected === 'array' ? 'a list' : issue.message;
  return { predicate: `must be ${kind}`, showsFound: true, secret: false };
}

function withoutKeys(raw: unknown, issues: readonly Issue[]): unknown {
  const copy = structuredClone(raw);
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const container = issue.path.reduce<unknown>((at, step) => (at as Record<PropertyKey, unknown>)[step], copy);
    for (const key of issue.keys) delete (container as Record<string, unknown>)[key];
  }
  return copy;
}
