/** What `failoverd drill --json` and `GET /api/v1/records/{record}/drill` give: the last drill of a record, also while it goes on. */
import type { Explanation } from './explanation.ts';

export interface DrillReport {
  readonly record: string;
  readonly status: 'running' | 'over';
  readonly target: string;
  readonly actor: string;
  readonly reason: string;
  readonly startedAt: string;
  /** When it will end by itself; null when it is over. */
  readonly endsAt: string | null;
  /** Null while it goes on. */
  readonly endedAt: string | null;
  /** Why it is over, for people; null while it goes on. */
  readonly end: string | null;
  /** What was answered when, oldest first: its beginning, what came in its midst, its end. */
  readonly changes: readonly DrillChange[];
  readonly probes: readonly DrillProbes[];
}

export interface DrillChange
  extends Pick<
    Explanation,
    | 'id'
    | 'at'
    | 'cause'
    | 'reason'
    | 'fromTarget'
    | 'toTarget'
    | 'toAddresses'
    | 'serial'
    | 'ttlSeconds'
    | 'publishedAt'
    | 'secondaries'
    | 'movedBy'
  > {
  /** From the decision until the DNS workers had the answer; null: not recorded. */
  readonly publishedMs: number | null;
}

/** The probes of one endpoint while it went on. */
export interface DrillProbes {
  readonly target: string;
  readonly address: string;
  readonly passes: number;
  readonly fails: number;
  readonly inconclusive: number;
  /** Of those that passed; null when none did. */
  readonly meanMs: number | null;
  readonly maxMs: number | null;
}
