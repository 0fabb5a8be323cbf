/** One endpoint's recorded probes, counted as if it had been probed by another policy. */
import type { CheckBase } from './check.ts';
import { type Health, healthOf, step, UNKNOWN } from './health.ts';
import type { Outcome, ProbeReport } from './outcome.ts';

/** Times are wall time, milliseconds since the epoch: a recording has no other. */
export interface RecordedProbe {
  readonly startedAtMs: number;
  readonly elapsedMs: number;
  readonly trigger: ProbeReport['trigger'];
  readonly outcome: Outcome['outcome'];
  /** Of one that failed; null for another. */
  readonly reason: string | null;
}

export type ReplayPolicy = Pick<CheckBase, 'intervalMs' | 'timeoutMs' | 'confirmMs' | 'fall' | 'rise'>;

/** What is known of an endpoint after a probe. */
export interface Counted {
  readonly endpointId: string;
  /** When the probe ended. */
  readonly atMs: number;
  readonly health: Health;
  /** Whether the decision is to be made anew. */
  readonly changed: boolean;
  readonly stableSinceMs: number | null;
  /** The start of the first bad probe of the failing streak that goes on, and how many of it are inferred. */
  readonly firstFailAtMs: number | null;
  readonly inferredFails: number;
}

/** What was done with a recording; counted up while it is replayed. */
export interface ReplayTally {
  /** Probes that were recorded, of them those that were counted. */
  recorded: number;
  counted: number;
  /** Fails that nobody has recorded: between two that were. */
  inferred: number;
  /** Recorded timeouts under a policy that would have waited longer. */
  undecided: number;
  gaps: number;
  gapMs: number;
}

export const newTally = (): ReplayTally => ({ recorded: 0, counted: 0, inferred: 0, undecided: 0, gaps: 0, gapMs: 0 });

/** A probe that came by so much of the interval too early is one of its interval all the same: the recording had its jitter. */
const EARLY = 0.1;
/** Recorded times are rounded, and a confirmation never comes too early by more than that. */
const CONFIRM_EARLY_MS = 20;
/** A busy prober is late: by so much of `confirm`, before a confirmation counts as one that was not recorded. */
const CONFIRM_LATE = 0.5;
/** Without a probe for so many intervals, failoverd did not run. */
const GAP_INTERVALS = 4;

export interface ReplayedEndpoint {
  readonly endpointId: string;
  readonly policy: ReplayPolicy;
  /** The interval with which it was recorded. */
  readonly recordedIntervalMs: number;
}

interface Count {
  health: Health;
  isSuspect: boolean;
  stableSinceMs: number | null;
  firstFailAtMs: number | null;
  inferredFails: number;
  /** When the next probe is to be made. */
  dueMs: number;
  /** The start of the last probe that was made for its interval. */
  ordinaryAtMs: number;
}

/**
 * Counts those recorded probes that the policy would have made, with its timeout.
 *
 * | the probe that is due            | what stands for it                                                             |
 * |----------------------------------|--------------------------------------------------------------------------------|
 * | an interval after the last such  | each that was recorded for its interval; for a longer one the first from then on |
 * | a confirmation                   | the first from then on; late, and between two fails that were recorded: a fail |
 * | called for by hand or sentinel   | itself, always                                                                 |
 *
 * Where nothing was recorded for four intervals, the counting begins anew, as it does at a restart.
 */
export function* replayEndpoint(
  recorded: Iterable<RecordedProbe>,
  { endpointId, policy, recordedIntervalMs }: ReplayedEndpoint,
  tally: ReplayTally,
): Generator<Counted> {
  const isThinned = policy.intervalMs > recordedIntervalMs;
  const lateMs = CONFIRM_LATE * policy.confirmMs;
  const gapMs = GAP_INTERVALS * Math.max(recordedIntervalMs, policy.timeoutMs);
  let count = countAnew(UNKNOWN);
  let last: RecordedProbe | null = null;
  const take = (probe: RecordedProbe, isInferred: boolean): Counted => {
    const { next, changed } = counted(count, probe, isInferred, policy);
    count = next;
    tally[isInferred ? 'inferred' : 'counted'] += 1;
    const { health, stableSinceMs, firstFailAtMs, inferredFails } = count;
    return { endpointId, atMs: endOf(probe), health, changed, stableSinceMs, firstFailAtMs, inferredFails };
  };
  for (const raw of recorded) {
    const probe = judge(raw, policy.timeoutMs, tally);
    if (last && probe.startedAtMs - last.startedAtMs > gapMs) {
      tally.gaps += 1;
      tally.gapMs += probe.startedAtMs - last.startedAtMs;
      count = countAnew(healthOf(count.health.status));
    } else if (last?.outcome === 'fail' && probe.outcome === 'fail') {
      while (count.isSuspect && count.dueMs + lateMs < probe.startedAtMs) {
        yield take({ ...last, startedAtMs: count.dueMs }, true);
      }
    }
    last = probe;
    const isOfInterval = probe.trigger === 'interval' && !isThinned && !count.isSuspect;
    const isCalledFor = probe.trigger === 'sentinel' || probe.trigger === 'manual';
    if (isOfInterval || isCalledFor || probe.startedAtMs >= count.dueMs - earlyMs(count, policy))
      yield take(probe, false);
  }
}

/** The outcome that another timeout would have given. */
function judge(probe: RecordedProbe, timeoutMs: number, tally: ReplayTally): RecordedProbe {
  tally.recorded += 1;
  if (probe.elapsedMs > timeoutMs + CONFIRM_EARLY_MS && probe.outcome !== 'inconclusive') {
    return { ...probe, outcome: 'fail', reason: 'timeout', elapsedMs: timeoutMs };
  }
  if (probe.reason === 'timeout' && probe.elapsedMs < timeoutMs - CONFIRM_EARLY_MS) tally.undecided += 1;
  return probe;
}

function counted(
  before: Count,
  probe: RecordedProbe,
  isInferred: boolean,
  policy: ReplayPolicy,
): { readonly next: Count; readonly changed: boolean } {
  const { health, changed, suspect } = step(before.health, outcomeOf(probe), policy);
  const isFail = probe.outcome === 'fail';
  const isPass = probe.outcome === 'pass';
  const isOrdinary = !isInferred && !before.isSuspect && probe.trigger !== 'sentinel' && probe.trigger !== 'manual';
  const ordinaryAtMs = isOrdinary ? probe.startedAtMs : before.ordinaryAtMs;
  const isStable = health.status === 'up' && !isFail;
  const next: Count = {
    health,
    isSuspect: suspect,
    stableSinceMs: isStable ? (before.stableSinceMs ?? (isPass ? endOf(probe) : null)) : null,
    firstFailAtMs: isPass ? null : isFail ? (before.firstFailAtMs ?? probe.startedAtMs) : before.firstFailAtMs,
    inferredFails: isPass ? 0 : before.inferredFails + (isInferred ? 1 : 0),
    dueMs: suspect ? probe.startedAtMs + Math.max(policy.confirmMs, probe.elapsedMs) : ordinaryAtMs + policy.intervalMs,
    ordinaryAtMs,
  };
  return { next, changed };
}

function countAnew(health: Health): Count {
  const never = Number.NEGATIVE_INFINITY;
  return {
    ...{ health, isSuspect: false, stableSinceMs: null, firstFailAtMs: null, inferredFails: 0 },
    ...{ dueMs: never, ordinaryAtMs: never },
  };
}

function earlyMs({ isSuspect }: Count, { intervalMs }: ReplayPolicy): number {
  return isSuspect ? CONFIRM_EARLY_MS : EARLY * intervalMs;
}

function endOf({ startedAtMs, elapsedMs }: RecordedProbe): number {
  return startedAtMs + elapsedMs;
}

function outcomeOf({ outcome }: RecordedProbe): Outcome {
  switch (outcome) {
    case 'pass':
      return { outcome };
    case 'fail':
      return { outcome, reason: 'protocol', phase: 'connect', detail: '' };
    case 'inconclusive':
      return { outcome, reason: 'late', detail: '' };
  }
}
