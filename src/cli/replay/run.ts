/** Runs a recording through a policy, and sums up the transitions then and now. */
import { shown } from '../../core/name.ts';
import type { RecordSpec } from '../../core/record.ts';
import { type ReplayedTransition, replay } from '../../core/replay.ts';
import { newTally, type ReplayTally } from '../../core/replay-endpoint.ts';
import type { Recording } from '../../history/recording.ts';

/** Transitions that are listed; more of them are only counted. */
const MAX_LISTED = 1_000;
/** So many intervals before the time that is looked at prepare the counting: what tells a flapping endpoint looks back on 32 probes. */
const WARM_UP_INTERVALS = 40;

/** Times are ISO 8601 UTC. */
export interface ReplayReport {
  readonly record: string;
  /** The first probe that is recorded since the time asked for, and that time. */
  readonly from: string;
  readonly since: string;
  readonly to: string;
  readonly policies: { readonly recorded: readonly PolicyReport[]; readonly tried: readonly PolicyReport[] };
  /** How many policies the busiest endpoint was really probed under. */
  readonly recordedPolicies: number;
  readonly probes: Readonly<ReplayTally>;
  /** What came of the probes then, and what comes of them now. */
  readonly recorded: Summary;
  readonly replayed: Summary;
}

export interface PolicyReport {
  readonly address: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly confirmMs: number;
  readonly fall: number;
  readonly rise: number;
  readonly failbackAfterMs: number;
}

export interface Summary {
  readonly transitions: number;
  readonly failovers: number;
  /** Ordered, or of a config or a start: a replay has none of these. */
  readonly ordered: number;
  readonly looksWrong: number;
  /** From the first bad probe; null when none was measured. */
  readonly medianDetectedMs: number | null;
  readonly maxDetectedMs: number | null;
  /** How long another target than the primary was answered, summed over the families where they are decided apart. */
  readonly awayMs: number;
  /** The first 1,000. */
  readonly listed: readonly ListedTransition[];
}

export interface ListedTransition {
  readonly at: string;
  readonly family: string;
  readonly cause: string;
  readonly fromTarget: string | null;
  readonly toTarget: string;
  readonly detectedMs: number | null;
  /** How many of the fails that led to it nobody has recorded. */
  readonly inferredFails: number;
  /** A failover whose target passed a probe again before `failback.after` was over: when, after it; null otherwise. */
  readonly passedAgainMs: number | null;
}

export interface ReplayOrder {
  readonly record: RecordSpec;
  readonly tried: RecordSpec;
  readonly fromMs: number;
  readonly toMs: number;
}

export function runReplay(recording: Recording, { record, tried, fromMs: wantedMs, toMs }: ReplayOrder): ReplayReport {
  const endpoints = record.targets.flatMap((target) => target.endpoints);
  // Transitions are kept for longer than probes: then and now are compared over the same time.
  const firstMs = recording.firstMs(
    endpoints.map(({ id }) => id),
    wantedMs,
  );
  const fromMs = Math.min(firstMs ?? wantedMs, toMs);
  const intervalOf = new Map(endpoints.map(({ id, check }) => [id, check.intervalMs]));
  const warmUpMs =
    WARM_UP_INTERVALS * Math.max(...tried.targets.flatMap((t) => t.endpoints.map((e) => e.check.intervalMs)));
  const tally = newTally();
  const initial = (family: string) => {
    const last = recording.before(record.name, family, fromMs);
    return last && { activeTarget: last.toTarget, addresses: last.toAddresses, allDown: last.cause === 'all_down' };
  };
  const probesOf = (id: string) => ({
    probes: recording.probes(id, fromMs - warmUpMs, toMs),
    intervalMs: intervalOf.get(id) ?? 0,
  });
  const summary = (transitions: Iterable<ReplayedTransition>) =>
    summarize(transitions, { recording, record, tried, fromMs, toMs, initial });
  return {
    record: shown(record.name),
    from: iso(fromMs),
    since: iso(wantedMs),
    to: iso(toMs),
    policies: { recorded: policiesOf(record), tried: policiesOf(tried) },
    recordedPolicies: Math.max(...endpoints.map(({ id }) => recording.policies(id, fromMs, toMs))),
    recorded: summary(recordedTransitions(recording, record, fromMs, toMs)),
    replayed: summary(replay({ record: tried, recorded: probesOf, fromMs, toMs, initial }, tally)),
    probes: tally,
  };
}

function* recordedTransitions(
  recording: Recording,
  { name }: RecordSpec,
  fromMs: number,
  toMs: number,
): Generator<ReplayedTransition> {
  for (const { family, cause, ...rest } of recording.transitions(name, fromMs, toMs)) {
    yield {
      ...rest,
      inferredFails: 0,
      family: family as ReplayedTransition['family'],
      cause: cause as ReplayedTransition['cause'],
    };
  }
}

interface SummaryContext extends ReplayOrder {
  readonly recording: Recording;
  readonly initial: (family: string) => { readonly activeTarget: string } | null;
}

const BY_HEALTH: ReadonlySet<string> = new Set(['failover', 'failback', 'all_down', 'recovered']);

function summarize(transitions: Iterable<ReplayedTransition>, context: SummaryContext): Summary {
  const { record, fromMs, toMs } = context;
  const primary = record.targets[0]?.name ?? '';
  const away = new Map<string, number>(); // since when, by family
  for (const family of ['', '4', '6']) {
    const active = context.initial(family)?.activeTarget ?? primary;
    if (active !== primary) away.set(family, fromMs);
  }
  const counts = { transitions: 0, failovers: 0, ordered: 0, looksWrong: 0, awayMs: 0 };
  const listed: ListedTransition[] = [];
  const detected: number[] = [];
  for (const transition of transitions) {
    const { atMs, family, cause, fromTarget, toTarget, detectedMs, inferredFails } = transition;
    counts.transitions += 1;
    if (!BY_HEALTH.has(cause)) counts.ordered += 1;
    if (cause === 'failover' && fromTarget !== toTarget) counts.failovers += 1;
    counts.awayMs += atMs - (away.get(family) ?? atMs);
    away.delete(family);
    if (toTarget !== primary) away.set(family, atMs);
    const passedAgainMs = passedAgain(transition, context);
    if (passedAgainMs !== null) counts.looksWrong += 1;
    if (listed.length === MAX_LISTED) continue;
    if (detectedMs !== null) detected.push(detectedMs);
    listed.push({ at: iso(atMs), family, cause, fromTarget, toTarget, detectedMs, inferredFails, passedAgainMs });
  }
  for (const sinceMs of away.values()) counts.awayMs += toMs - sinceMs;
  detected.sort((a, b) => a - b);
  return {
    ...counts,
    medianDetectedMs: detected[Math.floor((detected.length - 1) / 2)] ?? null,
    maxDetectedMs: detected.at(-1) ?? null,
    listed,
  };
}

/** A target that was left because it failed, and passed a probe before a failback could be due, may have been left in vain. */
function passedAgain(transition: ReplayedTransition, { recording, record, tried }: SummaryContext): number | null {
  const { atMs, family, cause, fromTarget, toTarget } = transition;
  if (cause !== 'failover' || fromTarget === toTarget) return null;
  const left = record.targets.find(({ name }) => name === fromTarget);
  const ids = left?.endpoints.filter((e) => family === '' || `${e.family}` === family).map(({ id }) => id) ?? [];
  const passMs = recording.firstPassMs(ids, atMs, tried.failback.afterMs);
  return passMs === null ? null : passMs - atMs;
}

function policiesOf({ targets, failback }: RecordSpec): readonly PolicyReport[] {
  return targets.flatMap(({ endpoints }) =>
    endpoints.map(({ address, check: { intervalMs, timeoutMs, confirmMs, fall, rise } }) => ({
      ...{ address, intervalMs, timeoutMs, confirmMs, fall, rise },
      failbackAfterMs: failback.afterMs,
    })),
  );
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
