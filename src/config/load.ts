/** Reading a config: from a file, or from a text that a caller has. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { LoadResult, Problem } from './config.ts';
import { Files, whyUnreadable } from './files.ts';
import { Report } from './report.ts';
import { Source } from './source.ts';
import { readTop } from './top.ts';
import { isMap } from './values.ts';
import type { Environment } from './variables.ts';

/**
 * Reads a config file and the files that it names.
 * @param path as the user gave it; problems name it so.
 * @returns every problem at once; never throws for what a file can hold.
 */
export async function loadConfig(path: string, env: Environment): Promise<LoadResult> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
    return parseConfig(text, path, env);
  } catch (error) {
    const reason = error instanceof TypeError ? 'it is not UTF-8 text' : whyUnreadable(error);
    return { ok: false, problems: [{ ...WHOLE_FILE, file: path, message: `cannot be read: ${reason}` }] };
  }
}

const WHOLE_FILE = { line: 0, column: 0, severity: 'error' } as const satisfies Partial<Problem>;

/**
 * Reads a config.
 * @param file names the text in problems; relative paths in it are relative to its folder.
 */
export function parseConfig(text: string, file: string, env: Environment): LoadResult {
  const source = new Source(text, file, env);
  const report = new Report(source);
  const config = isConfig(report) ? readTop({ report, files: new Files(dirname(file)) }, resolve(file)) : null;
  const problems = report.problems();
  return config && !report.hasErrors() ? { ok: true, config, warnings: problems } : { ok: false, problems };
}

/** Whether it is a map, so that its keys can be read. */
function isConfig(report: Report): boolean {
  const { isYaml, value } = report.source;
  if (isYaml && value === null) report.error([], 'the file is empty: a config has at least "zones"');
  else if (isYaml && !isMap(value)) report.error([], `a config is a map of keys, found ${report.source.describe([])}`);
  return isYaml && isMap(value);
}
