/** What a reload changes, for the log and for whoever ordered it. Shows names and counts, never a value. */
import { shown } from '../core/name.ts';
import type { RecordSpec } from '../core/record.ts';
import type { Config } from './config.ts';

export interface Changes {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

export interface ConfigDiff {
  /** By apex; changed: in anything but its records. */
  readonly zones: Changes;
  /** By owner name. */
  readonly records: Changes;
  /** By id; an endpoint does not change, it becomes another. */
  readonly endpoints: Omit<Changes, 'changed'>;
  /** The other keys of the config that say something else now. */
  readonly settings: readonly string[];
}

/** Compares two configs. Pure. */
export function diffConfig(before: Config, after: Config): ConfigDiff {
  const { added, removed } = compare(endpointsOf(before), endpointsOf(after));
  return {
    zones: compare(zonesOf(before), zonesOf(after)),
    records: compare(recordsOf(before), recordsOf(after)),
    endpoints: { added, removed },
    settings: SETTINGS.filter(([, read]) => read(before) !== read(after)).map(([name]) => name),
  };
}

/** One line: `1 record added (a.example.com), 2 endpoints added, listen changed`. */
export function formatDiff({ zones, records, endpoints, settings }: ConfigDiff): string {
  const parts = [
    ...formatChanges('zone', zones),
    ...formatChanges('record', records),
    ...[count('endpoint', endpoints.added, 'added'), count('endpoint', endpoints.removed, 'removed')],
    ...settings.map((name) => `${name} changed`),
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'nothing changed' : parts.join(', ');
}

type Texts = ReadonlyMap<string, string>;

function compare(before: Texts, after: Texts): Changes {
  return {
    added: [...after.keys()].filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)),
    changed: [...after.keys()].filter((name) => before.has(name) && before.get(name) !== after.get(name)),
  };
}

function zonesOf(config: Config): Texts {
  return new Map(config.zones.map(({ records: _, ...zone }) => [shown(zone.apex), JSON.stringify(zone)]));
}

function recordsOf(config: Config): Texts {
  return new Map(allRecords(config).map((record) => [shown(record.name), JSON.stringify(withoutChecks(record))]));
}

/** An endpoint's id stands for its check. */
function withoutChecks(record: RecordSpec): unknown {
  const targets = record.targets.map((target) => ({ ...target, endpoints: target.endpoints.map(({ id }) => id) }));
  return { ...record, targets };
}

function endpointsOf(config: Config): Texts {
  const endpoints = allRecords(config).flatMap(({ targets }) => targets.flatMap((target) => target.endpoints));
  return new Map(endpoints.map(({ id }) => [id, id]));
}

function allRecords({ zones }: Config): readonly RecordSpec[] {
  return zones.flatMap(({ records }) => records);
}

/** The keys beside `zones`, each by its name in the file, as text. */
const SETTINGS: readonly (readonly [string, (config: Config) => string])[] = [
  ['listen', ({ listen }) => JSON.stringify(listen)],
  ['workers', ({ workers }) => JSON.stringify(workers)],
  ['database', ({ databasePath }) => databasePath],
  ['admin', ({ admin }) => JSON.stringify(admin)],
  ['dns', ({ dns }) => JSON.stringify(dns)],
  ['prober', ({ prober }) => JSON.stringify(prober)],
  ['keys', ({ keys }) => JSON.stringify(keys)],
  ['notify', ({ notify }) => JSON.stringify(notify)],
  ['maintenance', ({ maintenance }) => JSON.stringify(maintenance)],
  ['history', ({ history }) => JSON.stringify(history)],
  ['log', ({ log }) => JSON.stringify(log)],
];

function formatChanges(noun: string, { added, removed, changed }: Changes): readonly string[] {
  return [list(noun, added, 'added'), list(noun, removed, 'removed'), list(noun, changed, 'changed')];
}

function list(noun: string, names: readonly string[], verb: string): string {
  return names.length === 0 ? '' : `${count(noun, names, verb)} (${abridge(names)})`;
}

function count(noun: string, names: readonly string[], verb: string): string {
  if (names.length === 0) return '';
  return `${names.length} ${noun}${names.length === 1 ? '' : 's'} ${verb}`;
}

const MAX_NAMES = 5;

function abridge(names: readonly string[]): string {
  const rest = names.length - MAX_NAMES;
  return rest > 0 ? `${names.slice(0, MAX_NAMES).join(', ')} and ${rest} more` : names.join(', ');
}
