/** The seam between the runtime and the history. */
import type { RecordState } from '../core/decision.ts';
import type { ZoneDelta } from '../core/journal.ts';
import type { OwnerName } from '../core/name.ts';
import type { ProbeReport } from '../core/outcome.ts';
import type { Transition } from '../core/transition.ts';
import type { ZoneContent } from '../core/zone.ts';
import type { HistoryQueries, ReadResult } from './history-report.ts';
import type { OutboxChange, RestoredOutbox } from './outbox.ts';

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
  /** The order behind it, or one that was refused. */
  readonly audit?: AuditEntry;
}

/** An order over the admin API. */
export interface AuditEntry {
  readonly atEpochMs: number;
  readonly actor: string;
  readonly reason: string;
  /** `switch`, `release`, `reload`, … */
  readonly action: string;
  /** In full, without the final dot; null: it concerns no single record. */
  readonly record: string | null;
  /** What was ordered beyond that; becomes JSON. */
  readonly detail: Readonly<Record<string, unknown>>;
  /** `done`, or why not. */
  readonly outcome: string;
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
