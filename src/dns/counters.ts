/** What a worker counts, in typed arrays: counting costs nothing on the query path. */
import { ANSWER_BOUNDS_MS, createLatencyCounter, type LatencyCounter } from '../core/latency.ts';
import type { ResponderStats } from './responder.ts';
import { RCODE } from './wire.ts';

/** Why a message got no answer. */
export type DropReason = 'short' | 'qr' | 'long' | 'rate_limited';

const MAX_RCODE = 32;

export interface Counters {
  readonly queries: { udp: number; tcp: number };
  /** By rcode. */
  readonly responses: Float64Array;
  readonly responsesOverTcp: Float64Array;
  slips: number;
  readonly latency: LatencyCounter;
  readonly drops: Record<DropReason, number>;
}

export function createCounters(): Counters {
  return {
    queries: { udp: 0, tcp: 0 },
    responses: new Float64Array(MAX_RCODE),
    responsesOverTcp: new Float64Array(MAX_RCODE),
    slips: 0,
    latency: createLatencyCounter(ANSWER_BOUNDS_MS),
    drops: { short: 0, qr: 0, long: 0, rate_limited: 0 },
  };
}

export function countResponse({ responses, responsesOverTcp }: Counters, rcode: number, isUdp: boolean): void {
  responses[rcode] = (responses[rcode] ?? 0) + 1;
  if (!isUdp) responsesOverTcp[rcode] = (responsesOverTcp[rcode] ?? 0) + 1;
}

export function readCounters(counters: Counters): ResponderStats {
  const { queries, drops, slips, latency } = counters;
  return {
    queries: { ...queries },
    responses: byName(counters.responses),
    responsesOverTcp: byName(counters.responsesOverTcp),
    slips,
    latency: latency.read(),
    drops: Object.fromEntries(Object.entries(drops).filter(([, count]) => count > 0)),
  };
}

function byName(counts: Float64Array): Readonly<Record<string, number>> {
  const named = Object.entries(RCODE).map(([name, code]) => [name, counts[code] ?? 0] as const);
  return Object.fromEntries(named.filter(([, count]) => count > 0));
}
