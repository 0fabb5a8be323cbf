/** What the main thread asks of the history thread, one request at a time, and what comes back. */
import type { SetAside } from '../runtime/ports.ts';
import type { ProbeBatch } from './probe-buffer.ts';
import type { Restored } from './restore.ts';
import type { Knowledge, SequencedEntry } from './writer.ts';

export type Request =
  /** Makes the database usable, whatever has happened to it. */
  | { readonly kind: 'open'; readonly nowEpochMs: number }
  | { readonly kind: 'restore' }
  | {
      readonly kind: 'commit';
      readonly entries: readonly SequencedEntry[];
      readonly knowledge: Knowledge | null;
      readonly nowEpochMs: number;
    }
  /** The second's probes; comes also without any, to see whether the file is still there. */
  | ({ readonly kind: 'probes' } & ProbeBatch)
  /** Deletes one batch of what is older than the retention, beginning after this endpoint of the table `endpoints`. */
  | {
      readonly kind: 'prune';
      readonly nowEpochMs: number;
      readonly probesMs: number;
      readonly transitionsMs: number | 'forever';
      readonly afterEndpoint: number;
    }
  /** The check found damage in the file with this inode. */
  | { readonly kind: 'condemn'; readonly inode: number; readonly reason: string }
  | { readonly kind: 'close' };

export type RequestOf<K extends Request['kind']> = Extract<Request, { kind: K }>;

export interface Replies {
  readonly open: {
    /** The last commit of this run that the database holds; null when it never saw this run. */
    readonly applied: number | null;
    readonly setAside: SetAside | null;
    /** What was done to get here, for the log. */
    readonly notes: readonly string[];
  };
  readonly restore: Restored;
  readonly commit: { readonly applied: number };
  /** `touched`: somebody else has written to the database file since the last time; it should be checked. */
  readonly probes: { readonly touched: boolean };
  /** Where the next batch begins; null when nothing older is left. */
  readonly prune: { readonly afterEndpoint: number | null };
  readonly condemn: null;
  readonly close: null;
}

/** `refused`: no retry helps, the service must not start like this. `trouble`: it may pass. */
export interface Fault {
  readonly kind: 'refused' | 'trouble';
  /** One line for people. */
  readonly reason: string;
}

export type Reply<K extends Request['kind']> =
  | { readonly ok: true; readonly value: Replies[K] }
  | { readonly ok: false; readonly fault: Fault };

export interface WorkerData {
  readonly file: string;
  /** Names this run of failoverd in the table `writers`. */
  readonly run: string;
}
