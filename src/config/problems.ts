/** How the findings about a config file are put in order and shown, to people and to machines. */
import type { Problem } from './config.ts';

/** By place; an error stands before a warning of the same place. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column || severityRank(a) - severityRank(b));
}

function severityRank(problem: Problem): number {
  return problem.severity === 'error' ? 0 : 1;
}

/**
 * One line for each problem, in columns, and a last line that counts them; no final newline. Empty for no problems.
 *
 *     failoverd.yaml:9:9    error    unknown key "primry" in records["@"]; did you mean "primary"?
 *     failoverd.yaml:14:18  warning  ttl (5m) is above 60s: …
 *     1 error, 1 warning
 */
export function formatProblems(problems: readonly Problem[]): string {
  if (problems.length === 0) return '';
  const places = problems.map(place);
  const width = places.reduce((widest, text) => Math.max(widest, text.length), 0);
  const lines = problems.map(
    (problem, i) => `${(places[i] ?? '').padEnd(width)}  ${problem.severity.padEnd(7)}  ${problem.message}`,
  );
  return [...lines, count(problems)].join('\n');
}

/** What `failoverd check --json` prints. */
export interface ProblemsJson {
  readonly ok: boolean;
  readonly errors: number;
  readonly warnings: number;
  readonly problems: readonly Problem[];
}

export function problemsToJson(problems: readonly Problem[]): ProblemsJson {
  const { errors, warnings } = counts(problems);
  return { ok: errors === 0, errors, warnings, problems };
}

function place(problem: Problem): string {
  return problem.line === 0 ? problem.file : `${problem.file}:${problem.line}:${problem.column}`;
}

function count(problems: readonly Problem[]): string {
  const { errors, warnings } = counts(problems);
  return [plural(errors, 'error'), plural(warnings, 'warning')].filter((part) => part !== '').join(', ');
}

function counts(problems: readonly Problem[]): { errors: number; warnings: number } {
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  return { errors, warnings: problems.length - errors };
}

function plural(n: number, noun: string): string {
  if (n === 0) return '';
  return n === 1 ? `1 ${noun}` : `${n} ${noun}s`;
}
