import type { EndpointSpec } from '../core/check.ts';
import { type Counter, counterOf, type Health, healthOf, step, UNKNOWN } from '../core/health.ts';
import type { ProbeReport } from '../core/outcome.ts';
import type { CountedProbe } from '../core/transition.ts';
import type { Clock, NextProbe } from './ports.ts';

/** Reports kept of each endpoint as evidence, beyond what `fall` or `rise` needs. */
const SPARE_REPORTS = 2;

/** All that is known of one endpoint. Replaced, never changed, so that a reader can keep it. */
export interface EndpointState {
  readonly spec: EndpointSpec;
  readonly health: Health;
  /** What it was before the last probe. */
  readonly before: Health;
  /** When the verdict became what it is; null before the first. */
  readonly sinceEpochMs: number | null;
  /** Monotonic time since when it has been up without a single fail; null when it is not up or has just failed. */
  readonly stableSinceMs: number | null;
  /** The first bad probe of the failing streak that goes on; null when the last probe passed. */
  readonly firstFail: CountedProbe | null;
  /** The last good probe; null when none is known. */
  readonly lastPass: CountedProbe | null;
  /** The last reports, oldest first. */
  readonly recent: readonly CountedProbe[];
}

export interface Monitor {
  /** Makes these the endpoints that are counted. Those whose id stays keep their health. */
  setEndpoints(specs: readonly EndpointSpec[], restored?: ReadonlyMap<string, RestoredHealth>): void;
  /** Counts one report and says when to probe again. A report of an endpoint that is gone is dropped. */
  report(report: ProbeReport): NextProbe;
  /** Remembers every verdict as it is now, for {@link Monitor.rewind}. */
  mark(): void;
  /** Makes every verdict again what it was at the mark, with its counting begun anew: what was counted since proves nothing. */
  rewind(): void;
  get(endpointId: string): EndpointState | undefined;
  list(): Iterable<EndpointState>;
}

/** An endpoint's verdict as a restart finds it. Its counting starts anew. */
export interface RestoredHealth {
  readonly status: 'up' | 'down';
  readonly sinceEpochMs: number;
}

export interface MonitorDeps {
  readonly clock: Pick<Clock, 'nowMs' | 'epochMs'>;
  /** Called after the verdict of an endpoint has changed, and after its first report. */
  readonly onVerdict: (endpointId: string) => void;
}

/** Owns every endpoint's health: probes report to it alone, and it alone counts. */
export function createMonitor({ clock, onVerdict }: MonitorDeps): Monitor {
  let states = new Map<string, EndpointState>();
  let marked: ReadonlyMap<string, EndpointState> = new Map();

  return {
    setEndpoints(specs, restored) {
      const next = new Map<string, EndpointState>();
      for (const spec of specs) next.set(spec.id, states.get(spec.id) ?? freshState(spec, restored?.get(spec.id)));
      states = next;
    },
    report(report) {
      const before = states.get(report.endpointId);
      if (!before) return 'interval';
      const { health, changed, suspect } = step(before.health, report.outcome, before.spec.check);
      states.set(report.endpointId, counted(before, health, report, clock));
      if (changed || before.recent.length === 0) onVerdict(report.endpointId);
      return suspect ? 'confirm' : 'interval';
    },
    mark() {
      marked = new Map(states);
    },
    rewind() {
      for (const [id, state] of states) {
        const before = marked.get(id);
        if (before) states.set(id, rewound(state, before));
      }
    },
    get: (endpointId) => states.get(endpointId),
    list: () => states.values(),
  };
}

function freshState(spec: EndpointSpec, restored: RestoredHealth | undefined): EndpointState {
  const blank = { spec, stableSinceMs: null, firstFail: null, lastPass: null, recent: [] };
  if (!restored) return { ...blank, health: UNKNOWN, before: UNKNOWN, sinceEpochMs: null };
  const health = healthOf(restored.status);
  return { ...blank, health, before: health, sinceEpochMs: restored.sinceEpochMs };
}

/** The stable time goes on only where it has not been interrupted: a fail that proves nothing still is no pass. */
function rewound(now: EndpointState, before: EndpointState): EndpointState {
  const { sinceEpochMs } = before;
  const health = healthOf(before.health.status);
  return { ...now, health, before: health, sinceEpochMs, firstFail: null };
}

function counted(
  before: EndpointState,
  health: Health,
  report: ProbeReport,
  clock: Pick<Clock, 'nowMs' | 'epochMs'>,
): EndpointState {
  const { check } = before.spec;
  const counter = orEqual(counterOf(health, check), before.recent.at(-1)?.counter);
  const probe = { ...report, counter };
  return {
    spec: before.spec,
    health,
    before: before.health,
    sinceEpochMs: health.status === before.health.status ? before.sinceEpochMs : clock.epochMs(),
    stableSinceMs: stableSince(before, health, report, clock),
    firstFail: firstFail(before, probe),
    lastPass: report.outcome.outcome === 'pass' ? probe : before.lastPass,
    recent: [...before.recent, probe].slice(-(Math.max(check.fall, check.rise) + SPARE_REPORTS)),
  };
}

/** The one that is kept already, where it says the same: what is kept of thousands of endpoints is mostly passes. */
function orEqual(counter: Counter, kept: Counter | undefined): Counter {
  const isEqual = kept?.status === counter.status && kept.count === counter.count && kept.of === counter.of;
  return isEqual ? kept : counter;
}

/** An inconclusive probe says nothing, so it ends neither a stable time nor a failing streak. */
function stableSince(
  before: EndpointState,
  health: Health,
  { outcome }: ProbeReport,
  clock: Pick<Clock, 'nowMs'>,
): number | null {
  if (outcome.outcome === 'inconclusive') return before.stableSinceMs;
  if (outcome.outcome === 'fail' || health.status !== 'up') return null;
  return before.stableSinceMs ?? clock.nowMs();
}

function firstFail(before: EndpointState, probe: CountedProbe): CountedProbe | null {
  switch (probe.outcome.outcome) {
    case 'pass':
      return null;
    case 'fail':
      return before.firstFail ?? probe;
    case 'inconclusive':
      return before.firstFail;
  }
}
