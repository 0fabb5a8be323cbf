/** What `failoverd explain --json` and `GET /api/v1/transitions/{id}` give: a transition with all that led to it and came of it. */
import type { Counter } from '../core/health.ts';
import type { CountedEndpoint } from '../core/transition.ts';
import type { TransitionView } from './history-report.ts';

/** Times are ISO 8601 UTC. What is null was not recorded: the transition is older than that, or the process was killed. */
export interface Explanation extends Omit<TransitionView, 'evidence'> {
  readonly zone: string | null;
  /** '' when A and AAAA are decided together, else the family. */
  readonly family: string;
  readonly ttlSeconds: number | null;
  /** Which config was in force, counted from the start of the process. */
  readonly generation: number | null;
  /** The row of the decision table that fired; null at the start. */
  readonly row: number | null;
  readonly rule: string;
  /** Each target's state at the decision. */
  readonly targets: Readonly<Record<string, string>>;
  readonly endpoints: readonly ExplainedEndpoint[];
  /** The last probes of every endpoint of the record, oldest first. */
  readonly probes: readonly ExplainedProbe[];
  readonly publishedAt: string | null;
  readonly secondaries: readonly ExplainedSecondary[];
  /** From then on no client that honours the TTL had the answer of before. */
  readonly movedBy: string | null;
  /** What failed, as it was measured; null when no failure led to it. */
  readonly outage: ExplainedOutage | null;
  /** The transitions of the same record before and after it. */
  readonly previous: Neighbour | null;
  readonly next: Neighbour | null;
}

export interface ExplainedEndpoint extends Omit<CountedEndpoint, 'id'> {
  readonly endpoint: string;
}

export interface ExplainedProbe {
  readonly at: string;
  readonly endpoint: string;
  readonly target: string | null;
  readonly address: string;
  readonly trigger: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly phase: string | null;
  readonly detail: string | null;
  readonly elapsedMs: number;
  readonly phasesMs: Readonly<Record<string, number>>;
  readonly httpStatus: number | null;
  /** The first 512 bytes of a failing answer, and the SHA-256 of what was read of it. */
  readonly bodySample: string | null;
  readonly bodySha256: string | null;
  /** The counting with it. */
  readonly counter: Counter | null;
}

export interface ExplainedSecondary {
  /** `198.51.100.53:53` */
  readonly secondary: string;
  readonly acknowledgedAt: string | null;
  /** When it was seen to answer with this serial or a later one. */
  readonly servedAt: string | null;
}

export interface ExplainedOutage {
  readonly lastGoodAt: string | null;
  readonly firstBadAt: string;
  readonly decidedAt: string;
  readonly publishedAt: string | null;
  readonly movedBy: string | null;
  /** From the last good probe to `movedBy`. */
  readonly atMostMs: number | null;
}

export interface Neighbour {
  readonly id: number;
  readonly at: string;
  readonly cause: string;
  readonly toTarget: string | null;
}
