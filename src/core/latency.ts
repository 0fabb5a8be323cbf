/** How long something took, counted by ranges: cheap to count, and small whatever is counted. */

/** The upper ends of the ranges, inclusive; what took longer is in one more. */
export type BoundsMs = readonly number[];

/** From what a query costs to what nobody should wait for. */
export const ANSWER_BOUNDS_MS: BoundsMs = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 50, 250];

/** For probes, up to the longest timeout that one is likely to have. */
export const PROBE_BOUNDS_MS: BoundsMs = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];

/** Plain data: it can cross threads. */
export interface Latency {
  /** For each range, and for all beyond. */
  readonly counts: readonly number[];
  readonly sumMs: number;
}

export interface LatencyCounter {
  /** Counts so many that took the same time each. */
  count(elapsedMs: number, times: number): void;
  read(): Latency;
}

export function createLatencyCounter(boundsMs: BoundsMs): LatencyCounter {
  const counts = new Float64Array(boundsMs.length + 1);
  let sumMs = 0;
  return {
    count(elapsedMs, times) {
      let range = 0;
      while (range < boundsMs.length && elapsedMs > (boundsMs[range] ?? 0)) range += 1;
      counts[range] = (counts[range] ?? 0) + times;
      sumMs += elapsedMs * times;
    },
    read: () => ({ counts: [...counts], sumMs }),
  };
}

/** @param a with the same bounds as b; an empty one has none */
export function addLatency(a: Latency, b: Latency): Latency {
  const [longer, other] = a.counts.length >= b.counts.length ? [a, b] : [b, a];
  return {
    counts: longer.counts.map((count, range) => count + (other.counts[range] ?? 0)),
    sumMs: a.sumMs + b.sumMs,
  };
}

export const NO_LATENCY: Latency = { counts: [], sumMs: 0 };
