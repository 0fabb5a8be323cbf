import { type FileHandle, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import type { Clock, Log } from '../runtime/ports.ts';
import type { CommitLog } from './commit-log.ts';
import { faultOf, HistoryFault } from './fault.ts';
import { inTime } from './in-time.ts';
import { entryLine, headerLine, waitingPlace } from './waiting-format.ts';
import type { SequencedEntry } from './writer.ts';

/** An answer whose commit is late waits so long for this, and no longer. A write into the page cache takes well below a millisecond. */
const KEEP_WAIT_MS = 100;
/** About 10,000 transitions. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Keeps the commits that a database is late with where a kill of this process does not reach them: in a file beside it, until
 * the database has them. The next start reads what is left there. While commits are confirmed in time nothing happens here.
 */
export interface WaitingFile {
  /** Puts all that waits into the file. @returns false when it cannot be put there in time: then the log says so. */
  keep(): Promise<boolean>;
  /** The database has taken more: a file of which nothing waits any more is removed. */
  confirmed(): void;
  /** Settles when nothing is being written. What still waits stays in the file. */
  close(): Promise<void>;
}

export interface WaitingFileDeps {
  /** The database. */
  readonly file: string;
  /** Names this run of failoverd. */
  readonly run: string;
  readonly commits: CommitLog;
  readonly clock: Clock;
  readonly log: Log;
}

interface Kept {
  readonly path: string;
  readonly handle: FileHandle;
  size: number;
  /** The commits that it holds, without a gap. */
  from: number;
  to: number;
}

export function createWaitingFile({ file, run, commits, clock, log }: WaitingFileDeps): WaitingFile {
  let kept: Kept | null = null;
  let isWanted = false;
  let isRunning = false;
  let isClosed = false;
  let lastRun = Promise.resolve();
  /** A write hangs: nobody waits for it a second time. */
  let isLate = false;
  /** The log has it already. */
  let isFailing = false;

  const notKept = (): readonly SequencedEntry[] => {
    const { from = 0, to = 0 } = kept ?? {};
    return commits.waiting(commits.waitingCount).filter(({ seq }) => seq < from || seq > to);
  };
  const append = async (entries: readonly SequencedEntry[]): Promise<void> => {
    kept ??= await makeNext(file, run);
    const isNew = kept.to === 0;
    const bytes = Buffer.from(entries.map(entryLine).join(''));
    if (kept.size + bytes.length > MAX_BYTES) throw new HistoryFault('trouble', `${kept.path}: it is full`);
    await writeAt(kept.handle, bytes, kept.size); // over what a write that failed has left
    kept.size += bytes.length;
    kept.from = Math.min(kept.from, entries[0]?.seq ?? kept.from);
    kept.to = Math.max(kept.to, entries.at(-1)?.seq ?? kept.to);
    isFailing = false;
    if (isNew) log.info({}, `the database is late: what waits for it is kept in ${kept.path}`);
  };
  const remove = async ({ path, handle }: Kept): Promise<void> => {
    kept = null;
    await handle.close();
    await rm(path, { force: true });
  };
  const fails = (reason: string): void => {
    if (!isFailing) log.error({}, `what waits for the database is not kept beside it, a kill may lose it: ${reason}`);
    isFailing = true;
  };
  const nextStep = (): (() => Promise<void>) | null => {
    const done = kept;
    if (done !== null && commits.confirmed >= done.to) return () => remove(done);
    const entries = isWanted ? notKept() : [];
    isWanted = false;
    return entries.length === 0 ? null : () => append(entries);
  };
  const work = async (): Promise<void> => {
    for (let step = nextStep(); step !== null; step = nextStep()) {
      await step().catch((error) => fails(faultOf(kept?.path ?? file, error).reason));
    }
    isRunning = false; // in the same turn as the decision that nothing is left, so that no wish is lost
    isLate = false;
  };
  const wake = (): void => {
    if (isRunning || isClosed) return;
    isRunning = true;
    lastRun = work();
  };

  return {
    async keep() {
      isWanted = true;
      wake();
      if (!isLate && (await inTime(clock, KEEP_WAIT_MS, lastRun)) === 'late') {
        isLate = isRunning;
        fails(`the disk has not answered for ${KEEP_WAIT_MS} ms`);
      }
      return notKept().length === 0;
    },
    confirmed() {
      if (kept !== null && commits.confirmed >= kept.to) wake();
    },
    async close() {
      while (isRunning) await lastRun;
      isClosed = true;
      await kept?.handle.close();
    },
  };
}

/** Makes the file after the last one that is there; only its owner can read it. It has its name when its first line is whole. */
async function makeNext(file: string, run: string): Promise<Kept> {
  const place = waitingPlace(file);
  const last = place.numbers(await readdir(place.folder)).at(-1) ?? 0;
  const path = place.path(last + 1);
  const unfinished = `${path}.unfinished`;
  const header = headerLine(run);
  try {
    await writeFile(unfinished, header, { mode: 0o600 });
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  return { path, handle: await open(path, 'r+'), size: header.length, from: Number.POSITIVE_INFINITY, to: 0 };
}

async function writeAt(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
