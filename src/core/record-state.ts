/** What a record remembers from one decision to the next, and over a restart. */
import type { Change, Moment, RecordState } from './decision.ts';
import { penaltyAfter } from './failback.ts';

/** The state after a transition. `current` is null for the first one, whose cause is `start`. */
export function applyDecision(current: RecordState | null, change: Change, at: Moment): RecordState {
  return {
    activeTarget: change.target,
    addresses: change.addresses,
    allDown: change.allDown,
    sinceEpochMs: at.epochMs,
    override: current?.override ?? null,
    drained: current?.drained ?? [],
    ...failbackMemory(current, change, at),
  };
}

/**
 * The persisted state as a restart may use it: what the config no longer has is dropped, an override that expired in
 * the meantime is gone (then the next decision is a release), and the monotonic clock starts anew.
 * Decide once with it before serving: only that takes a target or an address out of the answer that the config has no more.
 */
export function restoreState(
  stored: RecordState,
  targets: readonly { readonly name: string }[],
  at: Moment,
): RecordState {
  const isConfigured = (name: string) => targets.some((target) => target.name === name);
  const { override, lastFailback } = stored;
  const isValid = override !== null && isConfigured(override.target) && !isExpired(override.expiresAtEpochMs, at);
  return {
    ...stored,
    override: isValid ? override : null,
    drained: stored.drained.filter(isConfigured),
    lastFailback: lastFailback && {
      nowMs: at.nowMs - Math.max(at.epochMs - lastFailback.epochMs, 0),
      epochMs: lastFailback.epochMs,
    },
  };
}

function isExpired(expiresAtEpochMs: number | null, at: Moment): boolean {
  return expiresAtEpochMs !== null && expiresAtEpochMs <= at.epochMs;
}

type FailbackMemory = Pick<RecordState, 'failbackPenalty' | 'lastFailback'>;

/** A failback is remembered until the record leaves the target again; when that was a failure, the penalty follows from it. */
function failbackMemory(current: RecordState | null, change: Change, at: Moment): FailbackMemory {
  if (!current) return { failbackPenalty: 0, lastFailback: null };
  const { failbackPenalty, lastFailback } = current;
  if (change.cause === 'failback') return { failbackPenalty, lastFailback: at };
  const hasLeft = change.target !== current.activeTarget || change.allDown;
  if (!hasLeft) return { failbackPenalty, lastFailback };
  const hasFailed = change.cause === 'failover' || change.cause === 'all_down';
  return {
    failbackPenalty:
      lastFailback && hasFailed ? penaltyAfter(failbackPenalty, at.nowMs - lastFailback.nowMs) : failbackPenalty,
    lastFailback: null,
  };
}
