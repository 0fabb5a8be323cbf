/** How commands read the config and show its problems. */
import type { Config, LoadResult, Problem } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { formatProblems } from '../config/problems.ts';
import { type Io, type Output, paint } from './io.ts';

/** @returns null after every problem has been printed: the command then ends with {@link ExitCode.config}. */
export async function readConfig(path: string, io: Io): Promise<Config | null> {
  const result = await loadConfig(path, io.env);
  if (result.ok) return result.config;
  printProblems(problemsOf(result), io.stderr);
  return null;
}

export function problemsOf(result: LoadResult): readonly Problem[] {
  return result.ok ? result.warnings : result.problems;
}

/** As {@link formatProblems} has them, errors in red and warnings in yellow. */
export function printProblems(problems: readonly Problem[], output: Output): void {
  if (problems.length === 0) return;
  const lines = formatProblems(problems).split('\n');
  const painted = lines.map((line, i) => {
    const problem = problems[i];
    if (!problem) return line;
    const end = line.length - problem.message.length;
    const start = line.lastIndexOf(problem.severity, end);
    const colour = problem.severity === 'error' ? 'red' : 'yellow';
    return line.slice(0, start) + paint(output, colour, line.slice(start, end)) + line.slice(end);
  });
  output.write(`${painted.join('\n')}\n`);
}
