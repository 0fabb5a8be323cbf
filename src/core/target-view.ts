import type { EndpointSpec } from './check.ts';
import type { Health, HealthStatus } from './health.ts';
import type { RecordSpec, TargetSpec } from './record.ts';

/** Which addresses of a record are decided together: all of them (''), or those of one family. */
export type Family = '' | '4' | '6';

/** One address of a target, with the verdict on its endpoint. */
export interface AddressView {
  readonly address: string;
  readonly family: 4 | 6;
  readonly status: HealthStatus;
}

/** One target as the decision sees it: its endpoints' healths, folded by family and `min_healthy`. */
export interface TargetView {
  readonly name: string;
  readonly status: HealthStatus;
  /** In the config's order; never empty. */
  readonly addresses: readonly AddressView[];
  readonly drained: boolean;
  /** How long enough of its endpoints have been up without a single fail; 0 when it is not up. */
  readonly stableMs: number;
}

/** What the fold needs to know of an endpoint. */
export interface EndpointHealth {
  readonly health: Health;
  /** Monotonic time since when it has been up without a single fail; null when it is not up or its last probe failed. */
  readonly stableSinceMs: number | null;
}

export interface FoldContext {
  readonly healthOf: (endpointId: string) => EndpointHealth;
  readonly drained: readonly string[];
  readonly nowMs: number;
}

/** The families that a record is decided by: one decision for all, or one for each family that some target has. */
export function familiesOf(record: RecordSpec): readonly Family[] {
  if (record.families === 'together') return [''];
  const has = (family: 4 | 6) => record.targets.some((target) => target.endpoints.some((e) => e.family === family));
  return [...(has(4) ? (['4'] as const) : []), ...(has(6) ? (['6'] as const) : [])];
}

/** The targets of a record as the decision for one of its families sees them. A target without that family is left out. */
export function foldTargets(record: RecordSpec, family: Family, context: FoldContext): readonly TargetView[] {
  return record.targets
    .map((target) => ({ target, endpoints: target.endpoints.filter((e) => family === '' || `${e.family}` === family) }))
    .filter(({ endpoints }) => endpoints.length > 0)
    .map(({ target, endpoints }) => foldTarget(target, endpoints, context));
}

function foldTarget(target: TargetSpec, endpoints: readonly EndpointSpec[], context: FoldContext): TargetView {
  const families = ([4, 6] as const)
    .map((family) => endpoints.filter((endpoint) => endpoint.family === family))
    .filter((members) => members.length > 0)
    .map((members) => foldFamily(members, target.minHealthy, context));
  const status = worst(families.map((family) => family.status));
  return {
    name: target.name,
    status,
    addresses: endpoints.map(({ id, address, family }) => ({
      address,
      family,
      status: context.healthOf(id).health.status,
    })),
    drained: context.drained.includes(target.name),
    stableMs: status === 'up' ? Math.min(...families.map((family) => family.stableMs)) : 0,
  };
}

/** A family is up with `min_healthy` endpoints up, down when it cannot have that many, and stable for as long as that many are. */
function foldFamily(
  members: readonly EndpointSpec[],
  minHealthy: number,
  { healthOf, nowMs }: FoldContext,
): { readonly status: HealthStatus; readonly stableMs: number } {
  const healths = members.map(({ id }) => healthOf(id));
  const count = (status: HealthStatus) => healths.filter(({ health }) => health.status === status).length;
  const longestFirst = healths
    .map(({ stableSinceMs }) => (stableSinceMs === null ? 0 : nowMs - stableSinceMs))
    .sort((a, b) => b - a);
  if (count('up') >= minHealthy) return { status: 'up', stableMs: longestFirst[minHealthy - 1] ?? 0 };
  return { status: count('up') + count('unknown') >= minHealthy ? 'unknown' : 'down', stableMs: 0 };
}

function worst(statuses: readonly HealthStatus[]): HealthStatus {
  if (statuses.includes('down')) return 'down';
  return statuses.includes('unknown') ? 'unknown' : 'up';
}
