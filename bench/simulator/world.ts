/** What is really the case: which server works when, and what a probe of it would find. */
import type { Random } from './random.ts';

export type Target = 'primary' | 'backup';
export type Subject = Target | 'witness1' | 'witness2';

/** How a server, or the path to it, is at one moment. */
export type Condition =
  | { readonly kind: 'ok' }
  /** The process is gone: the system refuses connections at once. */
  | { readonly kind: 'refusing' }
  /** The system accepts the connection, and the process never answers. */
  | { readonly kind: 'hanging' }
  /** Nothing comes back at all. */
  | { readonly kind: 'unreachable' }
  /** This share of the requests is answered with an error. */
  | { readonly kind: 'failing'; readonly share: number }
  /** Each packet, either way, is lost with this probability; TCP repeats it. */
  | { readonly kind: 'lossy'; readonly loss: number }
  /** This share of the probes never gets an answer, however often TCP repeats. */
  | { readonly kind: 'losing'; readonly share: number };

/** One run of one outage pattern. The backup is always in service; what is in question is the primary. */
export interface Scenario {
  readonly durationMs: number;
  /** @param vantage where the probe comes from: 0 is where a single prober stands, the others are elsewhere. */
  condition(subject: Subject, atMs: number, vantage: number): Condition;
  /** When the primary is out of service, in order. What a prober can see of it is another matter. */
  readonly faults: readonly { readonly fromMs: number; readonly toMs: number }[];
}

export interface Probe {
  readonly passes: boolean;
  readonly tookMs: number;
}

export interface ProbeLimits {
  readonly connectMs: number;
  /** From the connection to the answer. */
  readonly responseMs: number;
  /** The whole attempt. */
  readonly totalMs: number;
}

const RTT_MS = 20;
const SERVICE_MS = 5;
/** Linux repeats a SYN after 1 s (RFC 6298 §2.1), data after 200 ms and the round trip; each time twice as late. */
const SYN_RTO_MS = 1000;
const DATA_RTO_MS = 200 + RTT_MS;
/** Beyond any timeout that is played here. */
const FOREVER_MS = 60_000;

/** Probes once. The condition is that of the moment at which the probe starts. */
export function probe(condition: Condition, limits: ProbeLimits, random: Random): Probe {
  switch (condition.kind) {
    case 'ok':
      return { passes: true, tookMs: 2 * RTT_MS + SERVICE_MS };
    case 'refusing':
      return { passes: false, tookMs: RTT_MS };
    case 'hanging':
      return within(RTT_MS, FOREVER_MS, limits);
    case 'unreachable':
      return within(FOREVER_MS, 0, limits);
    case 'failing':
      return { passes: !random.chance(condition.share), tookMs: 2 * RTT_MS + SERVICE_MS };
    case 'losing':
      return random.chance(condition.share)
        ? within(FOREVER_MS, 0, limits)
        : { passes: true, tookMs: 2 * RTT_MS + SERVICE_MS };
    case 'lossy': {
      const connectMs = exchangeMs(condition.loss, SYN_RTO_MS, random);
      return within(connectMs, SERVICE_MS + exchangeMs(condition.loss, DATA_RTO_MS, random), limits);
    }
  }
}

/** What a prober with these limits makes of an attempt that would take so long. */
function within(connectMs: number, responseMs: number, limits: ProbeLimits): Probe {
  if (connectMs > limits.connectMs) return { passes: false, tookMs: Math.min(limits.connectMs, limits.totalMs) };
  const tookMs = connectMs + Math.min(responseMs, limits.responseMs);
  if (tookMs > limits.totalMs) return { passes: false, tookMs: limits.totalMs };
  return { passes: responseMs <= limits.responseMs, tookMs };
}

/** How long one packet and its answer take when both may be lost, and the first is then repeated. */
function exchangeMs(loss: number, rtoMs: number, random: Random): number {
  let waitedMs = 0;
  for (let rto = rtoMs; waitedMs < FOREVER_MS && random.chance(1 - (1 - loss) ** 2); rto *= 2) waitedMs += rto;
  return waitedMs + RTT_MS;
}
