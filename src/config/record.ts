/** The section of a record, and its policy keys under `defaults`. */
import * as z from 'zod';
import { formatDuration } from '../core/duration.ts';
import type { OwnerName } from '../core/name.ts';
import type { FailbackPolicy, RecordSpec } from '../core/record.ts';
import { checkKeys, checkSchema, type WrittenCheck } from './check.ts';
import type { MaintenanceSpec } from './config.ts';
import { readMaintenance } from './maintenance.ts';
import { resolveCheck } from './resolve-check.ts';
import type { Scope } from './scope.ts';
import type { Path } from './source.ts';
import { readTargets, resolveTarget, warnAboutTargets } from './target.ts';
import { duration, isMap, oneOf, present, seconds, section } from './values.ts';

const failbackMap = section(
  {
    /** By itself, or on order only. */
    mode: oneOf('auto', 'manual').exactOptional(),
    /** How long the better target must have been up without a fail. */
    after: duration('0s', '7d').exactOptional(),
  },
  { kind: 'auto, manual or a map' },
);

/** Every key of a record's policy; completed by `defaults` and {@link POLICY_DEFAULTS}. */
const policyKeys = {
  /** Of the record's A and AAAA RRsets: how long clients may keep the old answer. */
  ttl: seconds('1s', '1h').exactOptional(),
  /** Whether A and AAAA move to another target together. */
  families: oneOf('together', 'independent').exactOptional(),
  /** What is answered while no target is up. */
  all_down: oneOf('keep', 'primary', 'backup', 'all', 'nodata').exactOptional(),
  /** The way back to a better target: a map, or its mode alone. */
  failback: z.preprocess((raw) => (typeof raw === 'string' ? { mode: raw } : raw), failbackMap).exactOptional(),
};

/** What a record may say; its targets and check are read apart. */
const recordKeys = {
  ...policyKeys,
  /** The target that is answered while it is up. */
  primary: present,
  /** One target, or a list in order of preference. */
  backup: present,
  /** How the targets' addresses are probed. */
  check: present,
  /** Windows in which a target is drained by plan. */
  maintenance: z.unknown().optional(),
};
const BELONGS_TO_CHECK = Object.fromEntries(Object.keys(checkKeys).map((key) => [key, 'it belongs under "check"']));
export const recordSchema = section(recordKeys, { elsewhere: BELONGS_TO_CHECK });
/** Where `defaults` say what is probed. */
const recordWithoutCheck = section({ ...recordKeys, check: present.exactOptional() }, { elsewhere: BELONGS_TO_CHECK });

/** Any key of a record's policy or check. */
export const defaultsSchema = section(
  { ...policyKeys, ...checkKeys },
  { elsewhere: { check: 'write the keys of a check directly under "defaults"' } },
).prefault({});

/** The section `defaults` as written. */
export type Defaults = z.output<typeof defaultsSchema>;

const DEFAULTS_PATH: Path = ['defaults'];
const FAILBACK_DEFAULTS: FailbackPolicy = { mode: 'auto', afterMs: 60_000 };
const TTL_DEFAULT = 10;
/** Above it, clients follow a failover too late to call it one. */
const TTL_WARNING = 60;

/** A record's place in the config. */
export interface RecordPlace {
  readonly name: OwnerName;
  readonly zone: OwnerName;
  readonly path: Path;
}

/** A record, and what it says that is not of the record itself. */
export interface ReadRecord {
  readonly record: RecordSpec;
  readonly maintenance: readonly MaintenanceSpec[];
}

/**
 * Reads one record; null after an error. Every part is looked at, whatever is wrong with the others.
 * @param defaults null: they could not be read.
 */
export function readRecord(scope: Scope, place: RecordPlace, defaults: Defaults | null): ReadRecord | null {
  const { report } = scope;
  const schema = !defaults || hasSubject(defaults) ? recordWithoutCheck : recordSchema;
  const written = report.read(schema, place.path);
  if (!isMap(report.source.get(place.path))) return null;
  const targets = readTargets(scope, place.path);
  const check = readCheck(scope, place.path, defaults);
  if (targets) warnAboutTargets(scope, targets);
  if (!defaults || !written || !targets || !check) return null;
  const ttlSeconds = written.ttl ?? defaults.ttl ?? TTL_DEFAULT;
  warnAboutTtl(scope, place.path, ttlSeconds);
  const names = targets.map(({ name }) => name);
  const endpoint = scope.endpoints.maker(check);
  const record: RecordSpec = {
    name: place.name,
    zone: place.zone,
    ttlSeconds,
    targets: targets.map((target) => resolveTarget(target, endpoint)),
    families: written.families ?? defaults.families ?? 'together',
    allDown: written.all_down ?? defaults.all_down ?? 'keep',
    failback: scope.shared.of(resolveFailback({ ...defaults.failback, ...written.failback })),
  };
  return { record, maintenance: readMaintenance(scope, place, names) };
}

function readCheck(scope: Scope, record: Path, defaults: Defaults | null): ReturnType<typeof resolveCheck> {
  const { report } = scope;
  const path = [...record, 'check'];
  const isWritten = report.source.get(path) !== undefined;
  const check = isWritten ? report.read<WrittenCheck>(checkSchema, path) : {};
  if (!defaults || (!isWritten && !hasSubject(defaults))) return null;
  return check ? resolveCheck(scope, { check, path }, { check: defaults, path: DEFAULTS_PATH }) : null;
}

/** Whether they say what is probed. */
function hasSubject(defaults: Defaults): boolean {
  return defaults.url !== undefined || defaults.tcp !== undefined;
}

function resolveFailback({ mode, after }: NonNullable<Defaults['failback']>): FailbackPolicy {
  return { mode: mode ?? FAILBACK_DEFAULTS.mode, afterMs: after ?? FAILBACK_DEFAULTS.afterMs };
}

function warnAboutTtl({ report }: Scope, record: Path, ttlSeconds: number): void {
  if (ttlSeconds <= TTL_WARNING) return;
  const own = [...record, 'ttl'];
  const path = report.source.get(own) === undefined ? [...DEFAULTS_PATH, 'ttl'] : own;
  report.warning(
    path,
    `ttl (${formatDuration(ttlSeconds * 1000)}) is above 60s: clients may keep a dead address that long`,
  );
}
