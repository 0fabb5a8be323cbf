/** Finds what a command line names, in a config. */
import type { Config } from '../config/config.ts';
import { suggest } from '../config/suggest.ts';
import { parseOwnerName, shown } from '../core/name.ts';
import type { RecordSpec, TargetSpec } from '../core/record.ts';

/** What was found, or one line for people. */
export type Found<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

export function recordsOf(config: Config): readonly RecordSpec[] {
  return config.zones.flatMap(({ records }) => records);
}

/** @param text a record's full name, in any letter case, with or without the final dot. */
export function findRecord(config: Config, text: string): Found<RecordSpec> {
  const name = parseOwnerName(text);
  if (!name.ok) return { ok: false, message: `"${text}" is no domain name: it ${name.problem}` };
  const records = recordsOf(config);
  const record = records.find((candidate) => candidate.name === name.value);
  if (record) return { ok: true, value: record };
  return {
    ok: false,
    message: `no record "${text}" in the config${hint(
      shown(name.value),
      records.map((r) => shown(r.name)),
    )}`,
  };
}

/**
 * What the admin API is to be asked about: a record, and perhaps a target of it, as the API names the record.
 * @param config null: the running failoverd knows what there is, and says so
 */
export function nameRecord(config: Config | null, text: string, target?: string): Found<string> {
  if (!config) {
    const name = parseOwnerName(text);
    if (!name.ok) return { ok: false, message: `"${text}" is no domain name: it ${name.problem}` };
    return { ok: true, value: shown(name.value) };
  }
  const record = findRecord(config, text);
  if (!record.ok) return record;
  const found = target === undefined ? record : findTarget(record.value, target);
  return found.ok ? { ok: true, value: shown(record.value.name) } : found;
}

export function findTarget(record: RecordSpec, name: string): Found<TargetSpec> {
  const target = record.targets.find((candidate) => candidate.name === name);
  if (target) return { ok: true, value: target };
  const names = record.targets.map((candidate) => candidate.name);
  return { ok: false, message: `${shown(record.name)} has no target "${name}"${hint(name, names)}` };
}

/** The one that was probably meant, else all there are when they are few. */
function hint(word: string, known: readonly string[]): string {
  const meant = suggest(word, known);
  if (meant !== null) return `; did you mean "${meant}"?`;
  return known.length <= 10 ? `; there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}` : '';
}
