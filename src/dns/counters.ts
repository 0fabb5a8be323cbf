/** What a worker counts, in typed arrays: counting costs nothing on the query path. */
import type { ResponderStats } from './responder.ts';
import { RCODE } from './wire.ts';

/** Why a message got no answer. */
export type DropReason = 'short' | 'qr' | 'long' | 'rate_limited';

const MAX_RCODE = 32;

export interface Counters {
  readonly queries: { udp: number; tcp: number };
  /** By rcode. */
  readonly responses: Float64Array;
  readonly drops: Record<DropReason, number>;
}

export function createCounters(): Counters {
  return {
    queries: { udp: 0, tcp: 0 },
    responses: new Float64Array(MAX_RCODE),
    drops: { short: 0, qr: 0, long: 0, rate_limited: 0 },
  };
}

export function countResponse(counters: Counters, rcode: number): void {
  counters.responses[rcode] = (counters.responses[rcode] ?? 0) + 1;
}

export function readCounters({ queries, responses, drops }: Counters): ResponderStats {
  const named = Object.entries(RCODE).map(([name, code]) => [name, responses[code] ?? 0] as const);
  return {
    queries: { ...queries },
    responses: Object.fromEntries(named.filter(([, count]) => count > 0)),
    drops: Object.fromEntries(Object.entries(drops).filter(([, count]) => count > 0)),
  };
}
