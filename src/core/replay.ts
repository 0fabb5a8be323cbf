/** A record's recorded probes through another policy: the transitions that would have come of them. */
import { leftEndpoints } from './culprit.ts';
import { type Change, decide, decideStart, type RecordState } from './decision.ts';
import { UNKNOWN } from './health.ts';
import { merge } from './merge.ts';
import type { RecordSpec } from './record.ts';
import { applyDecision } from './record-state.ts';
import { type Counted, type RecordedProbe, type ReplayTally, replayEndpoint } from './replay-endpoint.ts';
import { type Family, familiesOf, foldTargets, type TargetView } from './target-view.ts';
import type { TransitionCause } from './transition.ts';

export interface ReplayInput {
  /** With the policy that is tried: that of its checks, and its failback. */
  readonly record: RecordSpec;
  /** The recorded probes of an endpoint in order, and the interval with which they were recorded. */
  readonly recorded: (endpointId: string) => { readonly probes: Iterable<RecordedProbe>; readonly intervalMs: number };
  /** Nothing is decided before: what was recorded earlier only prepares the counting. */
  readonly fromMs: number;
  readonly toMs: number;
  /** What was answered at that time; null: not known, then it starts as a record without a state does. */
  readonly initial: (family: Family) => Pick<RecordState, 'activeTarget' | 'addresses' | 'allDown'> | null;
}

export interface ReplayedTransition {
  readonly atMs: number;
  readonly family: Family;
  readonly cause: TransitionCause;
  readonly fromTarget: string | null;
  readonly toTarget: string;
  /** From the first bad probe; null when no failure led to it. */
  readonly detectedMs: number | null;
  /** How many of the fails that led to it are inferred. */
  readonly inferredFails: number;
}

interface Track {
  readonly family: Family;
  state: RecordState | null;
  /** When to look again without being told. */
  lookAtMs: number;
}

/** Yields the transitions in order. Holds one probe of each endpoint at a time. */
export function* replay(input: ReplayInput, tally: ReplayTally): Generator<ReplayedTransition> {
  const { record, fromMs, toMs } = input;
  const known = new Map<string, Counted>();
  const tracks = familiesOf(record).map((family) => newTrack(input, family));
  const look = (track: Track, nowMs: number) => lookAt(track, record, known, nowMs);
  const lookInTime = function* (untilMs: number): Generator<ReplayedTransition> {
    for (;;) {
      const due = tracks.reduce((first, track) => (track.lookAtMs < first.lookAtMs ? track : first));
      if (due.lookAtMs > untilMs) return;
      yield* look(due, due.lookAtMs);
    }
  };
  for (const counted of merge(streamsOf(input, tally), ({ atMs }) => atMs)) {
    if (counted.atMs >= fromMs) yield* lookInTime(counted.atMs);
    const isFirst = !known.has(counted.endpointId);
    known.set(counted.endpointId, counted);
    if (counted.atMs < fromMs || !(counted.changed || isFirst)) continue;
    for (const track of tracks) yield* look(track, counted.atMs);
  }
  yield* lookInTime(toMs);
}

function streamsOf({ record, recorded }: ReplayInput, tally: ReplayTally): readonly Iterable<Counted>[] {
  const endpoints = new Map(record.targets.flatMap((target) => target.endpoints.map((e) => [e.id, e] as const)));
  return [...endpoints].map(([endpointId, { check: policy }]) => {
    const { probes, intervalMs: recordedIntervalMs } = recorded(endpointId);
    return replayEndpoint(probes, { endpointId, policy, recordedIntervalMs }, tally);
  });
}

function newTrack({ initial, fromMs }: ReplayInput, family: Family): Track {
  const answered = initial(family);
  const memory = { sinceEpochMs: fromMs, override: null, drained: [], failbackPenalty: 0, lastFailback: null };
  return {
    family,
    state: answered && { ...answered, ...memory },
    lookAtMs: fromMs,
  };
}

/** Decides, and once more after each transition: that may be what the next one waits for. */
function* lookAt(
  track: Track,
  record: RecordSpec,
  known: ReadonlyMap<string, Counted>,
  nowMs: number,
): Generator<ReplayedTransition> {
  for (;;) {
    track.lookAtMs = Number.POSITIVE_INFINITY;
    const targets = foldTargets(record, track.family, {
      healthOf: (id) => known.get(id) ?? { health: UNKNOWN, stableSinceMs: null },
      drained: [],
      nowMs,
    });
    const change = track.state ? changeOf(track, track.state, record, targets, nowMs) : startOf(targets);
    if (!change) return;
    const before = track.state;
    track.state = applyDecision(before, change, { nowMs, epochMs: nowMs });
    yield transitionOf(track.family, change, before, record, known, nowMs);
  }
}

/** A target that is up, and none without a verdict before it. */
function startOf(targets: readonly TargetView[]): Change | null {
  const first = targets.find(({ status }) => status !== 'down');
  return first?.status === 'unknown' ? null : decideStart(targets);
}

function changeOf(
  track: Track,
  state: RecordState,
  { allDown, failback }: RecordSpec,
  targets: readonly TargetView[],
  nowMs: number,
): Change | null {
  const nothingOrdered = { override: null, blind: false, failbackOrdered: false, released: false };
  const decision = decide({ targets, allDown, failback, ...nothingOrdered }, state);
  if (decision.kind === 'change') return decision;
  if (decision.recheckInMs !== null) track.lookAtMs = nowMs + decision.recheckInMs;
  return null;
}

function transitionOf(
  family: Family,
  change: Change,
  before: RecordState | null,
  record: RecordSpec,
  known: ReadonlyMap<string, Counted>,
  nowMs: number,
): ReplayedTransition {
  const failing = leftEndpoints(change, before, record).flatMap(({ id }) => known.get(id) ?? []);
  const first = failing.reduce<Counted | null>((best, counted) => {
    if (counted.firstFailAtMs === null) return best;
    return best?.firstFailAtMs != null && best.firstFailAtMs <= counted.firstFailAtMs ? best : counted;
  }, null);
  return {
    atMs: nowMs,
    family,
    cause: change.cause,
    fromTarget: before?.activeTarget ?? null,
    toTarget: change.target,
    detectedMs: first?.firstFailAtMs == null ? null : nowMs - first.firstFailAtMs,
    inferredFails: first?.inferredFails ?? 0,
  };
}
