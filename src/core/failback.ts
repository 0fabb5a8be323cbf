import type { FailbackPolicy } from './record.ts';

/** A failback that lasted less than this was a mistake: the next one waits twice as long. */
const RELAPSE_MS = 10 * 60_000;
const MAX_HOLD_MS = 60 * 60_000;
/** Enough doublings to take a hold of one second to the maximum. */
const MAX_PENALTY = 12;

/**
 * How long a better target must have been up without a fail before the record returns to it: `failback.after`, doubled
 * for each point of the penalty, up to 1 h (or `failback.after` itself, when that is longer).
 */
export function failbackHoldMs(policy: FailbackPolicy, penalty: number): number {
  return Math.max(policy.afterMs, Math.min(policy.afterMs * 2 ** penalty, MAX_HOLD_MS));
}

/**
 * The penalty once the target that a record had failed back to has failed again.
 * It grows by one when that was within 10 minutes, and otherwise shrinks by one for each 10 minutes that it lasted.
 * @param lastedMs from the failback to this failover, on the monotonic clock.
 */
export function penaltyAfter(penalty: number, lastedMs: number): number {
  if (lastedMs < RELAPSE_MS) return Math.min(penalty + 1, MAX_PENALTY);
  return Math.max(penalty - Math.floor(lastedMs / RELAPSE_MS), 0);
}
