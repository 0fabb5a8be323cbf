import type { CommitEntry } from '../runtime/ports.ts';
import type { SequencedEntry } from './writer.ts';

/** Confirmed commits that are kept, to be written again into a database that was replaced or set aside. */
const KEPT_CONFIRMED = 500;

/**
 * The commits of this run in their order: first some that a database has confirmed, then all that wait.
 * What waits is never dropped, however long that takes.
 */
export interface CommitLog {
  append(entry: CommitEntry): SequencedEntry;
  /** The oldest ones that wait. */
  waiting(limit: number): readonly SequencedEntry[];
  readonly waitingCount: number;
  /** The last commit that the database holds. Lower than before: it has lost some, and those that are still kept wait again. */
  confirm(seq: number): void;
  readonly confirmed: number;
}

export function createCommitLog(): CommitLog {
  let entries: SequencedEntry[] = [];
  let lastSeq = 0;
  let confirmed = 0;
  const confirmedCount = (): number => entries.length - (lastSeq - confirmed);

  return {
    append(entry) {
      lastSeq += 1;
      const sequenced = { ...entry, seq: lastSeq };
      entries.push(sequenced);
      return sequenced;
    },
    waiting: (limit) => entries.slice(confirmedCount(), confirmedCount() + limit),
    get waitingCount() {
      return lastSeq - confirmed;
    },
    confirm(seq) {
      const oldestKept = lastSeq - entries.length;
      confirmed = Math.min(Math.max(seq, oldestKept), lastSeq);
      if (confirmedCount() > 2 * KEPT_CONFIRMED) entries = entries.slice(confirmedCount() - KEPT_CONFIRMED);
    },
    get confirmed() {
      return confirmed;
    },
  };
}
