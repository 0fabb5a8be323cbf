import type { CheckSpec } from './check.ts';
import type { RecordSpec } from './record.ts';

/** How far the interval between two probes may be stretched at random. */
export const JITTER = 0.05;

/** How long a transition may wait for its commit before it is answered all the same. */
export const COMMIT_WAIT_MS = 100;

/** Upper bounds, in milliseconds, from the moment at which a target fails for good. */
export interface Prediction {
  /** Until it is down, when its failure shows at once: a killed process, a closed port, an error status. */
  readonly crashMs: number;
  /** Until it is down, when every probe runs into its timeout: a hanging process, a lost host. */
  readonly hangMs: number;
  /** Until a client that honours the TTL follows: `hangMs`, the wait for the commit, the TTL. */
  readonly clientMs: number;
}

/**
 * The worst case over all endpoints of a record: the failure comes right after the server has answered a probe.
 * The next probe starts an interval later, 5 % jitter included; `fall - 1` confirmations follow, each `confirm` after
 * the start of the one before, but not before that has ended; the last one's verdict is the transition.
 */
export function predict(record: RecordSpec): Prediction {
  const checks = record.targets.flatMap(({ endpoints }) => endpoints.map(({ check }) => check));
  const hangMs = Math.max(...checks.map((check) => detectionMs(check, check.timeoutMs)));
  return {
    crashMs: Math.max(...checks.map((check) => detectionMs(check, 0))),
    hangMs,
    clientMs: hangMs + COMMIT_WAIT_MS + record.ttlSeconds * 1000,
  };
}

/** @param failsAfterMs how long a probe takes to fail. */
function detectionMs({ intervalMs, confirmMs, fall }: CheckSpec, failsAfterMs: number): number {
  return intervalMs * (1 + JITTER) + (fall - 1) * Math.max(confirmMs, failsAfterMs) + failsAfterMs;
}
