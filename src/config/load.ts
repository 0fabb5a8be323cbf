/** Reading a config: from a file, or from a text that a caller has. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { adminSchema, resolveAdmin } from './admin.ts';
import type { Config, LoadResult, Problem, ZoneSpec } from './config.ts';
import { dnsSchema, resolveDns } from './dns.ts';
import { Files, whyUnreadable } from './files.ts';
import { historySchema, resolveHistory } from './history.ts';
import { logSchema } from './log.ts';
import { readFullName, readNameKeys } from './names.ts';
import { proberSchema, resolveProber } from './prober.ts';
import { type Defaults, defaultsSchema } from './record.ts';
import { Report } from './report.ts';
import type { Scope } from './scope.ts';
import { refuseListenTwice, serverKeys } from './server.ts';
import { Source } from './source.ts';
import { refuseUnsupported } from './unsupported.ts';
import { isMap, mapOfNames, section } from './values.ts';
import type { Environment } from './variables.ts';
import { readZone } from './zone.ts';

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

const topSchema = section({
  ...serverKeys,
  admin: z.unknown().optional(),
  dns: z.unknown().optional(),
  prober: z.unknown().optional(),
  /** Any key of a record's policy or check, for all records. */
  defaults: z.unknown().optional(),
  /** The zones that are served. */
  zones: mapOfNames,
  history: z.unknown().optional(),
  log: z.unknown().optional(),
});

/**
 * Reads a config.
 * @param file names the text in problems; relative paths in it are relative to its folder.
 */
export function parseConfig(text: string, file: string, env: Environment): LoadResult {
  const source = new Source(text, file, env);
  const report = new Report(source);
  const config = isConfig(report) ? readConfig({ report, files: new Files(dirname(file)) }, resolve(file)) : null;
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

function readConfig(scope: Scope, path: string): Config | null {
  const { report } = scope;
  const top = report.read(topSchema, []);
  const admin = report.read(adminSchema, ['admin']);
  const dns = report.read(dnsSchema, ['dns']);
  const prober = report.read(proberSchema, ['prober']);
  const history = report.read(historySchema, ['history']);
  const log = report.read(logSchema, ['log']);
  const defaults = report.read(defaultsSchema, ['defaults']);
  const zones = readZones(scope, defaults ?? {});
  const resolvedAdmin = admin && resolveAdmin(scope, admin);
  if (top) refuseListenTwice(scope, top.listen);
  refuseUnsupported(report);
  if (!top || !resolvedAdmin || !dns || !prober || !history || !log) return null;
  return {
    path,
    listen: top.listen,
    workers: top.workers,
    databasePath: resolve(dirname(path), top.database),
    admin: resolvedAdmin,
    dns: resolveDns(dns),
    prober: resolveProber(prober),
    zones,
    keys: [],
    notify: [],
    maintenance: [],
    history: resolveHistory(history),
    log,
  };
}

function readZones(scope: Scope, defaults: Defaults): readonly ZoneSpec[] {
  if (!isMap(scope.report.source.get(['zones']))) return [];
  const names = readNameKeys(scope, ['zones'], readFullName);
  return names.map(({ name, path }) => readZone(scope, name, path, defaults)).filter((zone) => zone !== null);
}
