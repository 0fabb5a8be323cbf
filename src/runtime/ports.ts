/**
 * The seams between the runtime and its adapters. The runtime knows these interfaces only; `main` puts the adapters in.
 */
import type { EndpointSpec } from '../core/check.ts';
import type { RecordState } from '../core/decision.ts';
import type { ZoneDelta } from '../core/journal.ts';
import type { Latency } from '../core/latency.ts';
import type { OwnerName } from '../core/name.ts';
import type { ProbeReport } from '../core/outcome.ts';
import type { Sight, WitnessSpec } from '../core/sight.ts';
import type { Transition } from '../core/transition.ts';
import type { ZoneChange, ZoneContent } from '../core/zone.ts';
import type { HistoryQueries, ReadResult } from './history-report.ts';
import type { OutboxChange, RestoredOutbox } from './outbox.ts';

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
  /** Makes these the endpoints that are probed. Those whose id stays keep their schedule; a running probe of one that goes is dropped. */
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

/** What a restart brings back. Everything is by the names of the config that wrote it; what no longer exists is ignored. */
export interface RestoredState {
  readonly records: ReadonlyMap<OwnerName, readonly RestoredRecordState[]>;
  readonly serials: ReadonlyMap<OwnerName, number>;
  /** By endpoint id. Their counting starts anew: an old verdict needs the full `fall` or `rise` before it flips anything. */
  readonly endpoints: ReadonlyMap<string, RestoredHealth>;
  /** The zones that have secondaries, as they were published last, with their journals. */
  readonly zones: ReadonlyMap<OwnerName, ZoneContent>;
  /** Absent: there is nothing to be told. */
  readonly outbox?: RestoredOutbox;
}

/** The state of one record (of one of its families, where they are decided apart), with what was answered. */
export interface StoredRecordState {
  readonly record: OwnerName;
  /** '' when A and AAAA are decided together, else the family. */
  readonly family: '' | '4' | '6';
  readonly state: RecordState;
}

export interface RestoredRecordState extends StoredRecordState {
  /** What led to this state: why it is answered, for people. Null when it never changed, or the row is past its retention. */
  readonly lastTransition: Pick<Transition, 'atEpochMs' | 'cause' | 'reason'> | null;
}

/** An endpoint's verdict, as it is kept for a restart. */
export interface StoredHealth {
  readonly status: 'up' | 'down';
  /** When the verdict became what it is. */
  readonly sinceEpochMs: number;
}

export interface RestoredHealth extends StoredHealth {
  /** The last probe that is known to have been counted; up to 30 s older than the truth after a kill -9. */
  readonly probedAtEpochMs: number;
}

/** The history thread, seen from the main thread. No method throws for what a disk can do: see {@link HistoryStatus}. */
export interface History {
  /**
   * What the database holds for a restart; empty when it cannot be read within 10 s.
   * @throws {HistoryRefusedError} when the service must not start with this database path.
   */
  restore(): Promise<RestoredState>;
  /**
   * Writes a transition with the state and serial that go with it, in one transaction.
   * Settles when it is committed, or after 100 ms: then it stays queued and is written, once, when the database works again.
   */
  commit(entry: CommitEntry): Promise<'committed' | 'queued'>;
  /** Queues a probe's report; the oldest ones are dropped when the database is away for long. */
  recordProbe(report: ProbeReport): void;
  /** Queues how far a serial has come; kept for explanations only, so that one may be lost when the process is killed. */
  recordSerial(fact: SerialFact): void;
  /** Keeps an endpoint's verdict for a restart; to be called whenever it changes. Its age follows from {@link recordProbe}. */
  recordHealth(endpointId: string, health: StoredHealth): void;
  /** Called whenever {@link HistoryStatus} changes. */
  onStatus(listener: (status: HistoryStatus) => void): void;
  status(): HistoryStatus;
  /** Writes what is queued, 5 s at most, and closes. */
  close(): Promise<void>;
}

/** How far a zone's serial has come: it was handed to the DNS workers, a secondary has taken note of it, a secondary answers it. */
export interface SerialFact {
  readonly atEpochMs: number;
  readonly zone: OwnerName;
  readonly serial: number;
  readonly event: 'published' | 'acknowledged' | 'served';
  /** `198.51.100.53:53`; null for `published`. */
  readonly secondary: string | null;
}

/** What housekeeping and metrics ask of the history. Nothing here throws for what a disk can do either. */
export interface HistoryUpkeep {
  /** Deletes what is older, in batches between which commits go on; settles when nothing older is left. */
  prune(retention: { readonly probesMs: number; readonly transitionsMs: number | 'forever' }): Promise<UpkeepResult>;
  /** Runs SQLite's quick_check beside the history thread; a damaged database is set aside. */
  check(): Promise<UpkeepResult>;
  /** Writes a consistent copy into a new file while everything goes on. */
  backup(file: string): Promise<UpkeepResult>;
  stats(): HistoryStats;
}

/** The questions to the database, asked beside the history thread: no answer delays a commit. What a disk can do is a value. */
export type HistoryReader = {
  readonly [Name in keyof HistoryQueries]: (
    ...args: Parameters<HistoryQueries[Name]>
  ) => Promise<ReadResult<ReturnType<HistoryQueries[Name]>>>;
};

export type UpkeepResult = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export interface HistoryStats {
  readonly queuedCommits: number;
  readonly queuedProbes: number;
  /** Probes that were never written because the database was away for too long. */
  readonly droppedProbes: number;
  readonly threadRestarts: number;
}

export interface CommitEntry {
  /** Null when only the state changes and the answer stays: a drain, an override that names the active target. */
  readonly transition: Transition | null;
  /** Null only for an entry that keeps a serial, or tells something. */
  readonly state: StoredRecordState | null;
  /** A zone's serial that no transition carries: each start and each reload gives one. */
  readonly serial?: { readonly zone: OwnerName; readonly serial: number };
  /** What is published with it, of a zone that has secondaries. */
  readonly published?: PublishedZone;
  /** What is to be told of it, or was told. Alone it needs neither transition nor state. */
  readonly outbox?: readonly OutboxChange[];
}

/** A publication as it is kept for IXFR: the change, or the whole zone where what was before is not known. */
export interface PublishedZone {
  readonly zone: OwnerName;
  readonly step:
    | { readonly kind: 'delta'; readonly delta: ZoneDelta }
    | { readonly kind: 'whole'; readonly content: ZoneContent };
}

/** `degraded`: commits are not confirmed; transitions wait in memory, none is dropped. */
export type HistoryStatus =
  | { readonly status: 'ok'; readonly setAside?: SetAside }
  | {
      readonly status: 'degraded';
      readonly reason: string;
      readonly sinceEpochMs: number;
      readonly queued: number;
      readonly setAside?: SetAside;
    };

/** A database that could not be used and was kept under another name, never overwritten. Reported until the next start. */
export interface SetAside {
  readonly path: string;
  readonly reason: string;
  readonly atEpochMs: number;
}

/** A refused start: `/var/lib/failoverd.db has schema version 7, this failoverd knows up to 1; install the newer one`. */
export class HistoryRefusedError extends Error {
  override readonly name = 'HistoryRefusedError';
}
