/** What has happened since the start, counted: probes and transitions. */
import {
  createLatencyCounter,
  type Latency,
  type LatencyCounter,
  NO_LATENCY,
  PROBE_BOUNDS_MS,
} from '../core/latency.ts';
import type { ProbeReport } from '../core/outcome.ts';
import type { Transition, TransitionCause } from '../core/transition.ts';

/** Of one endpoint. */
export interface EndpointTally {
  readonly pass: number;
  readonly fail: number;
  readonly inconclusive: number;
  /** When the certificate that it showed last expires; null where it showed none. */
  readonly certificateExpiresAtEpochMs: number | null;
}

/** Plain data. */
export interface TallyReport {
  /** Goes on counting. */
  readonly endpoints: ReadonlyMap<string, EndpointTally>;
  /** Fails by reason. */
  readonly reasons: Readonly<Record<string, number>>;
  /** By outcome. */
  readonly durations: Readonly<Record<ProbeReport['outcome']['outcome'], Latency>>;
  readonly transitions: Readonly<Partial<Record<TransitionCause, number>>>;
}

export interface Tally {
  probe(report: ProbeReport): void;
  transition(transition: Transition): void;
  /** Forgets the endpoints that the config no longer has. */
  keepOnly(isKept: (endpointId: string) => boolean): void;
  report(): TallyReport;
}

export function createTally(): Tally {
  const endpoints = new Map<string, { -readonly [K in keyof EndpointTally]: EndpointTally[K] }>();
  const reasons: Record<string, number> = {};
  const transitions: Partial<Record<TransitionCause, number>> = {};
  const durations: Record<string, LatencyCounter> = {};

  const readDuration = (outcome: string): Latency => durations[outcome]?.read() ?? NO_LATENCY;

  return {
    probe({ endpointId, outcome, elapsedMs, certificateExpiresAtEpochMs }) {
      const counts = endpoints.get(endpointId) ?? {
        pass: 0,
        fail: 0,
        inconclusive: 0,
        certificateExpiresAtEpochMs: null,
      };
      counts[outcome.outcome] += 1;
      if (certificateExpiresAtEpochMs !== undefined) counts.certificateExpiresAtEpochMs = certificateExpiresAtEpochMs;
      endpoints.set(endpointId, counts);
      if (outcome.outcome === 'fail') reasons[outcome.reason] = (reasons[outcome.reason] ?? 0) + 1;
      durations[outcome.outcome] ??= createLatencyCounter(PROBE_BOUNDS_MS);
      durations[outcome.outcome]?.count(elapsedMs, 1);
    },
    transition({ cause }) {
      transitions[cause] = (transitions[cause] ?? 0) + 1;
    },
    keepOnly(isKept) {
      for (const id of endpoints.keys()) if (!isKept(id)) endpoints.delete(id);
    },
    report: () => ({
      endpoints,
      reasons: { ...reasons },
      durations: { pass: readDuration('pass'), fail: readDuration('fail'), inconclusive: readDuration('inconclusive') },
      transitions: { ...transitions },
    }),
  };
}
