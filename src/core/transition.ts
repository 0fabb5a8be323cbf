import type { OwnerName } from './name.ts';
import type { ProbeReport } from './outcome.ts';

export type TransitionCause =
  | 'start'
  | 'failover'
  | 'failback'
  | 'override'
  | 'release'
  | 'all_down'
  | 'recovered'
  | 'config';

/** What led to a transition: enough to check the decision by hand. Becomes the column `evidence`. */
export interface Evidence {
  /** The rule of the decision table that fired, in its words. */
  readonly rule: string;
  /** The last probes of each endpoint concerned, oldest first. */
  readonly probes: readonly ProbeReport[];
  /** Each target's state at the decision: `primary` → `down`. */
  readonly targets: Readonly<Record<string, 'up' | 'down' | 'unknown' | 'drained'>>;
}

/** One row of `failover_history`. */
export interface Transition {
  readonly atEpochMs: number;
  readonly record: OwnerName;
  readonly zone: OwnerName;
  readonly cause: TransitionCause;
  readonly fromTarget: string | null;
  readonly toTarget: string;
  readonly fromAddresses: readonly string[] | null;
  readonly toAddresses: readonly string[];
  readonly reason: string;
  readonly evidence: Evidence;
  readonly actor: string;
  readonly serial: number;
  readonly firstFailAtEpochMs: number | null;
  readonly detectedMs: number | null;
}
