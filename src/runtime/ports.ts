/**
 * The seams between the runtime and its adapters. The runtime knows these interfaces only; `main` puts the adapters in.
 */
import type { EndpointSpec } from '../core/check.ts';
import type { Latency } from '../core/latency.ts';
import type { OwnerName } from '../core/name.ts';
import type { ProbeReport } from '../core/outcome.ts';
import type { Sight, WitnessSpec } from '../core/sight.ts';
import type { ZoneChange, ZoneContent } from '../core/zone.ts';

export * from './history-port.ts';

/**
 * What V8 may take for the young generation of a thread that leaves little garbage behind, in MiB: three semispaces of one each.
 * It keeps what it once took, be it for the first second only.
 */
export const FRUGAL_THREAD = { maxYoungGenerationSizeMb: 3 } as const;

/** Time, as a parameter. Everything that is compared or waited for is monotonic; wall time is only written down. */
export interface Clock {
  /** Monotonic milliseconds, from an arbitrary origin that all threads share. */
  nowMs(): number;
  /** Wall-clock milliseconds since the epoch. */
  epochMs(): number;
  /** Calls back once, not before `delayMs` have passed; the returned function cancels it. */
  setTimer(delayMs: number, callback: () => void): () => void;
}

/** A line for people that a machine can parse: the fields go into the log as they are. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Which pause follows a probe: the ordinary interval, or the short one that confirms a first fail. */
export type NextProbe = 'interval' | 'confirm';

/** The prober: probes every endpoint on its schedule and hands each report to the one who counts. */
export interface Prober {
  /**
   * Makes these the endpoints that are probed, those that are new for the first time in this order. Those whose id stays keep
   * their schedule; a running probe of one that goes is dropped.
   */
  setEndpoints(endpoints: readonly EndpointSpec[]): void;
  /** Takes over what the config's `prober` says; at the start, and whenever a reload changes it. */
  configure(settings: ProberSettings): void;
  /** Brings an endpoint's next probe forward to now. */
  probeNow(endpointId: string): void;
  start(): void;
  /** Ends every probe and timer; settles when no socket is left. */
  stop(): Promise<void>;
  stats(): ProberStats;
  /** Whether it can trust its own network: what is counted as a fail now may be its own. */
  sight(): Sight;
  witnesses(): readonly WitnessReport[];
}

/** What is known of one witness. */
export interface WitnessReport {
  /** As written in the config, without the query of a URL. */
  readonly witness: string;
  /** `unknown`: it has not been asked yet. */
  readonly status: 'unknown' | 'up' | 'down';
  readonly lastProbe: ProbeReport | null;
}

/** The config's `prober`, but for what a blind prober means for the decision. */
export interface ProberSettings {
  /** Probes that run at once, at most. */
  readonly concurrency: number;
  readonly witnesses: readonly WitnessSpec[];
  /** So many witnesses down at once: the prober is blind. */
  readonly blindWhen: number;
}

export interface ProberStats {
  readonly endpoints: number;
  readonly running: number;
  /** Probes that are due but wait for a place under `prober.concurrency`. */
  readonly waiting: number;
  /** How late the most overdue probe is. */
  readonly lagMs: number;
}

/** Called once for each finished probe, in the order in which they finish. */
export type OnReport = (report: ProbeReport) => NextProbe;

/**
 * Called when {@link Prober.sight} has changed. As long as it is not `clear` nothing should flip. What failed while it was
 * `blind` proves nothing: when that ends, every endpoint needs its full `fall` again, counted from then on.
 */
export type OnSight = (sight: Sight, before: Sight) => void;

export interface DataPlaneOptions {
  readonly listen: readonly { readonly host: string; readonly port: number }[];
  /** Worker threads. */
  readonly workers: number;
  readonly dns: DnsOptions;
}

/** The config's `dns`, resolved. */
export interface DnsOptions {
  readonly sockets: 'auto' | 'batched' | 'dgram';
  readonly ednsSizeBytes: number;
  readonly rateLimit: {
    /** 0: off. */
    readonly responsesPerSecond: number;
    readonly slip: number;
    readonly ipv4PrefixBits: number;
    readonly ipv6PrefixBits: number;
  };
  readonly cookies: boolean;
  /**
   * Each 16 bytes in hex, shared by the servers that answer on one address: the first one makes cookies, all of them verify
   * (RFC 9018 §5). Empty: the process makes its own.
   */
  readonly cookieSecrets: readonly string[];
  readonly nsid: string | null;
  /** What `version.bind` and `version.server`, CHAOS TXT, answer; null: REFUSED. `id.server` answers the NSID. */
  readonly chaosVersion: string | null;
  readonly tcp: {
    readonly maxConnections: number;
    readonly maxPerClient: number;
    readonly idleTimeoutMs: number;
  };
  /** Who may transfer which zone; absent: nobody may. */
  readonly transfer?: TransferOptions;
}

export interface TransferOptions {
  /** The shared secrets that requests may be signed with (RFC 8945), in base64. */
  readonly keys: readonly {
    readonly name: OwnerName;
    readonly algorithm: 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512';
    readonly secret: string;
  }[];
  readonly secondaries: readonly {
    readonly zone: OwnerName;
    readonly address: string;
    /** The key that its requests must be signed with; null: the address is enough. */
    readonly key: OwnerName | null;
  }[];
}

/** Where a secondary is, and the key that what goes there is signed with. */
export interface SecondaryAddress {
  readonly address: string;
  readonly port: number;
  readonly key: TransferOptions['keys'][number] | null;
}

/** Talks to secondaries. Each call is one datagram and its reply, 2 s at most; the caller repeats. */
export interface SecondaryClient {
  /** Says that a zone has changed (RFC 1996). Succeeds when that is acknowledged. */
  notify(to: SecondaryAddress, zone: OwnerName): Promise<SecondaryReply<null>>;
  /** Asks which serial is served. */
  serial(to: SecondaryAddress, zone: OwnerName): Promise<SecondaryReply<number>>;
}

export type SecondaryReply<T> =
  | { readonly ok: true; readonly value: T }
  /** In words, for people. */
  | { readonly ok: false; readonly reason: string };

/** A socket of the data plane as it really is bound. */
export interface BoundAddress {
  readonly host: string;
  readonly port: number;
}

/** Counters since the start, summed over all workers. */
export interface DataPlaneStats {
  readonly workers: number;
  readonly sockets: 'batched' | 'dgram';
  readonly queries: { readonly udp: number; readonly tcp: number };
  /** By rcode name: `NOERROR`, `NXDOMAIN`, … */
  readonly responses: Readonly<Record<string, number>>;
  /** By reason: `qr`, `port`, `short`, `rate_limited`, … */
  readonly drops: Readonly<Record<string, number>>;
  /** Those of `responses` that went over TCP. */
  readonly responsesOverTcp: Readonly<Record<string, number>>;
  /** Responses that rate limiting made short, beside the `drops`. */
  readonly slips: number;
  /** From a query's arrival in its worker to its response. */
  readonly latency: Latency;
  readonly tcpConnections: number;
  readonly workerRestarts: number;
}

/** The DNS workers. Each holds a complete copy of every zone and goes on answering from it whatever happens here. */
export interface DataPlane {
  /**
   * Binds and serves. Settles when every worker answers.
   * @throws {ListenError} when an address cannot be bound: the one line for the operator is its message.
   */
  start(zones: readonly ZoneContent[]): Promise<readonly BoundAddress[]>;
  /** Hands one publication to every worker; returns at once. */
  publish(change: ZoneChange): void;
  /** Swaps all zones at once (reload). */
  replace(zones: readonly ZoneContent[]): void;
  /** Changes what a reload may change; settles when the new sockets answer, before the old ones close. */
  reconfigure(options: DataPlaneOptions): Promise<readonly BoundAddress[]>;
  /** Whether every worker answers a query that is put to it from within, within 1 s. */
  alive(): Promise<boolean>;
  /** Asks every worker's counters. */
  stats(): Promise<DataPlaneStats>;
  /** Finishes the TCP replies under way, 5 s at most. */
  stop(): Promise<void>;
}

/** Refused sockets: `127.0.0.1:53 (UDP) is taken by another process; stop it or change "listen"`. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}
