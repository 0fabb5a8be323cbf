import type { EndpointSpec } from './check.ts';
import type { OwnerName } from './name.ts';

/** One server that can stand behind a record. */
export interface TargetSpec {
  /** `primary`, `backup` (then `backup2`, …), or the name that the config gives it. Unique within the record. */
  readonly name: string;
  readonly endpoints: readonly EndpointSpec[];
  /** Endpoints of each family that must be up for the target to be up. */
  readonly minHealthy: number;
}

export type AllDownPolicy = 'keep' | 'primary' | 'backup' | 'all' | 'nodata';

export interface FailbackPolicy {
  readonly mode: 'auto' | 'manual';
  /** How long the better target must have been up without a fail. */
  readonly afterMs: number;
}

/** One failover name in a zone. The first target is the primary; the others are backups in order of preference. */
export interface RecordSpec {
  readonly name: OwnerName;
  readonly zone: OwnerName;
  readonly ttlSeconds: number;
  readonly targets: readonly TargetSpec[];
  readonly families: 'together' | 'independent';
  readonly allDown: AllDownPolicy;
  readonly failback: FailbackPolicy;
}
