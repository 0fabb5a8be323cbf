/** One look at a record: what its targets' health, its overrides and its policy make of it now. */
import { type Change, decide, decideStart, type RecordState } from '../core/decision.ts';
import { applyDecision } from '../core/record-state.ts';
import type { TargetView } from '../core/target-view.ts';
import { gatherEvidence } from './evidence.ts';
import type { Clock } from './ports.ts';
import type { Publication } from './publisher.ts';
import { describeChange, type Order } from './reason.ts';
import { isFirstRoundOver, NOTHING_TO_CANCEL, type Track, type TrackContext, viewsOf } from './track.ts';

/** A record without persisted state starts without a complete first probe round after this time. */
const FIRST_ROUND_MS = 3000;

export interface EvaluateDeps extends TrackContext {
  readonly clock: Clock;
  /** The prober cannot trust its own network, and `on_blind` is `hold`. */
  readonly isBlind: () => boolean;
  /** Which config is in force. */
  readonly generation: () => number;
}

/** Why a record is looked at, beyond what its targets' health says. */
export interface Occasion {
  /** The operator's order that called for it. */
  readonly order: Order | null;
  /** An override has just ended. */
  readonly released: boolean;
  readonly failbackOrdered: boolean;
  /** A drill has just ended: why, for people. */
  readonly drillEnded: string | null;
}

export const ROUTINE: Occasion = { order: null, released: false, failbackOrdered: false, drillEnded: null };

/**
 * Decides anew, and remembers the result in the track.
 * @param lookAgain is called when the time has come for which the decision waits.
 * @returns the transition, to be published; null when everything stays.
 */
export function evaluate(
  track: Track,
  occasion: Occasion,
  deps: EvaluateDeps,
  lookAgain: () => void,
): Publication | null {
  track.cancelWait();
  const views = viewsOf(track, deps);
  const { change, waitMs } = track.state ? routine(track, views, occasion, deps) : first(track, views, deps);
  track.cancelWait = waitMs === null ? NOTHING_TO_CANCEL : deps.clock.setTimer(waitMs, lookAgain);
  return change ? transit(track, change, views, occasion, deps) : null;
}

/** What would be answered with this state; changes nothing. */
export function foresee(
  track: Track,
  state: RecordState,
  occasion: Occasion,
  deps: EvaluateDeps,
): Pick<RecordState, 'activeTarget' | 'addresses'> {
  const imagined = { ...track, state };
  const { change } = routine(imagined, viewsOf(imagined, deps), occasion, deps);
  return change ? { activeTarget: change.target, addresses: change.addresses } : state;
}

interface Verdict {
  readonly change: Change | null;
  /** When to look again without being told; null: not at all. */
  readonly waitMs: number | null;
}

function first(track: Track, views: readonly TargetView[], { clock, endpoints }: EvaluateDeps): Verdict {
  const leftMs = track.createdAtMs + FIRST_ROUND_MS - clock.nowMs();
  const isDue = leftMs <= 0 || isFirstRoundOver(track, views, endpoints);
  return isDue ? { change: decideStart(views), waitMs: 0 } : { change: null, waitMs: leftMs };
}

function routine(track: Track, views: readonly TargetView[], occasion: Occasion, deps: EvaluateDeps): Verdict {
  const { record, state } = track;
  if (!state) throw new Error(`${record.name} has no state to decide from`);
  const input = {
    targets: views,
    allDown: record.allDown,
    failback: record.failback,
    override: state.override?.target ?? null,
    blind: deps.isBlind(),
    failbackOrdered: occasion.failbackOrdered,
    released: occasion.released,
  };
  const decision = decide(input, state);
  // A look right after a transition arms the wait for the failback that the transition may have made possible.
  return decision.kind === 'change' ? { change: decision, waitMs: 0 } : { change: null, waitMs: decision.recheckInMs };
}

function transit(
  track: Track,
  change: Change,
  views: readonly TargetView[],
  occasion: Occasion,
  { clock, endpoints, generation }: EvaluateDeps,
): Publication {
  const { record, family } = track;
  const before = track.state;
  const at = { nowMs: clock.nowMs(), epochMs: clock.epochMs() };
  const evidence = gatherEvidence(change, before, { record, family, views, endpoints, generation: generation() });
  const { firstFail } = evidence;
  const reason = describeChange(change, before, record, endpoints, occasion);
  track.state = applyDecision(before, change, at);
  track.last = { cause: change.cause, reason };
  return {
    record,
    transition: {
      atEpochMs: at.epochMs,
      record: record.name,
      zone: record.zone,
      cause: change.cause,
      fromTarget: before?.activeTarget ?? null,
      toTarget: change.target,
      fromAddresses: before?.addresses ?? null,
      toAddresses: change.addresses,
      reason,
      evidence,
      actor: occasion.order?.actor ?? 'prober',
      isDrill: occasion.drillEnded !== null || before?.override?.isDrill === true,
      firstFailAtEpochMs: firstFail?.startedAtEpochMs ?? null,
      detectedMs: firstFail ? Math.round(at.nowMs - firstFail.startedAtMs) : null,
    },
    state: { record: record.name, family, state: track.state },
  };
}
