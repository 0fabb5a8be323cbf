import type { AllDownPolicy, FailbackPolicy } from './record.ts';
import type { TransitionCause } from './transition.ts';

/** An operator's order to answer with a named target. */
export interface Override {
  readonly target: string;
  readonly reason: string;
  readonly actor: string;
  readonly setAtEpochMs: number;
  /** Wall time, for people and for a restart; the runtime ends it by the monotonic clock. */
  readonly expiresAtEpochMs: number | null;
}

/** What is answered for a record (or for one of its families), and what is remembered between decisions. Plain data, JSON-safe. */
export interface RecordState {
  readonly activeTarget: string;
  /** What is published now. Empty only under `all_down: nodata`. */
  readonly addresses: readonly string[];
  /** Whether `all_down` decides what is answered. */
  readonly allDown: boolean;
  /** When the active target or the addresses last changed. */
  readonly sinceEpochMs: number;
  readonly override: Override | null;
  readonly drained: readonly string[];
  /** How often in a row a failback was soon followed by another failover: doubles `failback.after` each time, up to 1 h. */
  readonly failbackPenalty: number;
  readonly lastFailbackEpochMs: number | null;
}

/** One target as the decision sees it: its endpoints' healths, already folded by family and `min_healthy`. */
export interface TargetView {
  readonly name: string;
  readonly status: 'up' | 'down' | 'unknown';
  /** The addresses whose endpoints are up, in the config's order. */
  readonly upAddresses: readonly string[];
  readonly addresses: readonly string[];
  readonly drained: boolean;
  /** How long the target has been up without a single fail; 0 when it is not up. */
  readonly stableMs: number;
}

export interface DecisionInput {
  /** In order of preference; the first is the primary. Never empty. */
  readonly targets: readonly TargetView[];
  readonly allDown: AllDownPolicy;
  readonly failback: FailbackPolicy;
  /** The override's target, or null. */
  readonly override: string | null;
  /** The prober cannot trust its own network, and `on_blind` is `hold`. */
  readonly blind: boolean;
  /** An operator asked for the failback now: it waits for neither `failback.after` nor `manual`. */
  readonly failbackOrdered: boolean;
}

export type Decision =
  /** `recheckInMs`: when a failback that is being waited for may be due; null when nothing is waited for. */
  | { readonly kind: 'keep'; readonly recheckInMs: number | null }
  | {
      readonly kind: 'change';
      readonly cause: TransitionCause;
      readonly target: string;
      readonly addresses: readonly string[];
      readonly allDown: boolean;
      /** The row of the table that fired, in its words. */
      readonly rule: string;
    };

/** Decides what is answered. Pure and total; the truth table stands here when it is written. */
export function decide(_input: DecisionInput, _current: RecordState): Decision {
  throw new Error('not written yet');
}
