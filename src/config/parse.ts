/** Reading a config that a caller has as text. */
import { dirname, resolve } from 'node:path';
import type { LoadResult } from './config.ts';
import { Endpoints } from './endpoint.ts';
import { Files } from './files.ts';
import { Report } from './report.ts';
import { Shared } from './shared.ts';
import { Source } from './source.ts';
import { readTop } from './top.ts';
import { isMap } from './values.ts';
import type { Environment } from './variables.ts';

/**
 * Reads a config and the files that it names.
 * @param file names the text in problems; relative paths in it are relative to its folder.
 * @returns every problem at once; never throws for what a text can hold.
 */
export function parseConfig(text: string, file: string, env: Environment): LoadResult {
  const source = new Source(text, file, env);
  const report = new Report(source);
  const scope = { report, files: new Files(dirname(file)), endpoints: new Endpoints(), shared: new Shared() };
  const config = isConfig(report) ? readTop(scope, resolve(file)) : null;
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
