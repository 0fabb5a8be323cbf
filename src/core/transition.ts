import type { Counter } from './health.ts';
import type { OwnerName } from './name.ts';
import type { ProbeReport } from './outcome.ts';
import type { Family } from './target-view.ts';

export type TransitionCause =
  | 'start'
  | 'failover'
  | 'failback'
  | 'override'
  | 'release'
  | 'all_down'
  | 'recovered'
  | 'config';

/** A probe, and how far the counting was with it. */
export interface CountedProbe extends ProbeReport {
  readonly counter: Counter;
}

/** One endpoint of a record at a transition: what it was counted by, and how far the counting was. */
export interface CountedEndpoint {
  readonly id: string;
  readonly target: string;
  readonly address: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly confirmMs: number;
  readonly fall: number;
  readonly rise: number;
  /** Before its last probe, and with it. */
  readonly before: Counter;
  readonly after: Counter;
}

/** What led to a transition: enough to check the decision by hand. Becomes the column `evidence`. */
export interface Evidence {
  /** The row of the decision table that fired: its number (null at the start), and its words. */
  readonly row: number | null;
  readonly rule: string;
  /** The last probes of each endpoint concerned, oldest first. */
  readonly probes: readonly CountedProbe[];
  readonly endpoints: readonly CountedEndpoint[];
  /** Each target's state at the decision: `primary` → `down`. */
  readonly targets: Readonly<Record<string, 'up' | 'down' | 'unknown' | 'drained'>>;
  /** The endpoint that took the record off its target: its last good probe, and the first bad one after it. */
  readonly lastPass: CountedProbe | null;
  readonly firstFail: CountedProbe | null;
  readonly zone: OwnerName;
  /** '' when A and AAAA are decided together, else the family. */
  readonly family: Family;
  readonly ttlSeconds: number;
  /** Which config was in force, counted from the start of the process. */
  readonly generation: number;
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
  /** It began or ended a drill, or came in the midst of one. */
  readonly isDrill: boolean;
  readonly serial: number;
  readonly firstFailAtEpochMs: number | null;
  readonly detectedMs: number | null;
}
