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
  readonly flapping: boolean;
}

/** One target as the decision sees it: its endpoints' healths, folded by family and `min_healthy`. */
export interface TargetView {
  readonly name: string;
  readonly status: HealthStatus;
  /** In the config's order; never empty. */
  readonly addresses: readonly AddressView[];
  readonly drained: boolean;
  /** Its status hangs on endpoints that flap: with them down it would be down, with them up it would be up. */
  readonly flapping: boolean;
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
  const members = endpoints.map(({ id, address, family }) => ({ address, family, ...context.healthOf(id) }));
  const families = byFamily(members);
  const status = foldStatus(families, target.minHealthy, ({ health }) => health.status);
  const trusted = foldStatus(families, target.minHealthy, ({ health }) =>
    health.flapping ? 'unknown' : health.status,
  );
  return {
    name: target.name,
    status,
    addresses: members.map(({ address, family, health }) => ({
      address,
      family,
      status: health.status,
      flapping: health.flapping,
    })),
    drained: context.drained.includes(target.name),
    flapping: trusted !== status,
    stableMs: status === 'up' ? stableMs(families, target.minHealthy, context.nowMs) : 0,
  };
}

type Member = EndpointHealth & { readonly address: string; readonly family: 4 | 6 };

/** Up with `min_healthy` endpoints of each family up, down when one family cannot have that many. */
function foldStatus(
  families: readonly (readonly Member[])[],
  minHealthy: number,
  statusOf: (member: Member) => HealthStatus,
): HealthStatus {
  const statuses = families.map((family): HealthStatus => {
    const count = (status: HealthStatus) => family.filter((member) => statusOf(member) === status).length;
    if (count('up') >= minHealthy) return 'up';
    return count('up') + count('unknown') >= minHealthy ? 'unknown' : 'down';
  });
  if (statuses.includes('down')) return 'down';
  return statuses.includes('unknown') ? 'unknown' : 'up';
}

/** A family is stable for as long as `min_healthy` of its endpoints are, a target for as long as each family is. */
function stableMs(families: readonly (readonly Member[])[], minHealthy: number, nowMs: number): number {
  const stable = families.map((family) => {
    const longestFirst = family
      .map(({ stableSinceMs }) => (stableSinceMs === null ? 0 : nowMs - stableSinceMs))
      .sort((a, b) => b - a);
    return Math.min(...longestFirst.slice(0, minHealthy));
  });
  return Math.min(...stable);
}

function byFamily(members: readonly Member[]): readonly (readonly Member[])[] {
  return ([4, 6] as const)
    .map((family) => members.filter((member) => member.family === family))
    .filter((family) => family.length > 0);
}
