import { closeSync, existsSync, openSync, statSync } from 'node:fs';
import path from 'node:path';
import type Database from 'better-sqlite3';
import type { SetAside } from '../runtime/ports.ts';
import { codeOf, isDamage, messageOf, type Opened, openForReading, openForWriting, setAside } from './database.ts';
import { faultOf, HistoryFault } from './fault.ts';
import { type Drift, driftOf, type Footprint, isSameFile, takeFootprint } from './footprint.ts';
import { overlay } from './overlay.ts';
import type { Replies, RequestOf, WorkerData } from './protocol.ts';
import { pruneBatch } from './prune.ts';
import { type Restored, restoreFrom } from './restore.ts';
import { salvage } from './salvage.ts';
import { type Held, type Settled, settle } from './settle.ts';
import { leftUnwritten, writeLeft } from './waiting-left.ts';
import { appliedOf, createWriter, type Writer } from './writer.ts';

type Open = { -readonly [K in keyof Held]: Held[K] } & { readonly writer: Writer };

/** The one database file, seen from the history thread. Every method throws what {@link faultOf} understands; after that, `open` comes next. */
export interface Store {
  open(nowEpochMs: number): Replies['open'];
  restore(): Restored;
  commit(request: RequestOf<'commit'>): Replies['commit'];
  probes(request: RequestOf<'probes'>): Replies['probes'];
  prune(request: RequestOf<'prune'>): Replies['prune'];
  condemn(request: RequestOf<'condemn'>): null;
  close(): null;
}

export function createStore({ file, run }: WorkerData): Store {
  let held: Open | null = null;
  let everOpened = false;
  let hasWrittenLeft = false;
  /** What an opening did before it failed, still to be told. */
  let done: Pick<Replies['open'], 'setAside' | 'notes'> = { setAside: null, notes: [] };

  const use = <T>(action: (open: Open) => T): { value: T; drift: Drift } => {
    if (held === null) throw new HistoryFault('trouble', `${file}: it is not open`);
    const open = held;
    try {
      const { drift } = insistOnFile(file, open);
      const value = action(open);
      open.footprint = insistOnFile(file, open).footprint;
      return { value, drift };
    } catch (error) {
      noteFailure(open, error);
      throw error;
    }
  };

  const openAnew = (nowEpochMs: number): Pick<Replies['open'], 'setAside' | 'notes'> => {
    const settled = held === null ? null : settleNoting(file, held, nowEpochMs);
    if (settled?.keep) return { setAside: null, notes: [] };
    held = null;
    const taken = take(file, nowEpochMs);
    held = taken.open;
    const lost = taken.lost ?? settled?.lost;
    const notes = [settled?.note, lost && salvage(lost, held.db)].filter((note) => typeof note === 'string');
    return { setAside: taken.setAside ?? settled?.setAside ?? null, notes };
  };

  const restoring = (db: Database.Database): Restored => {
    const restored = restoreFrom(db);
    if (hasWrittenLeft) return restored;
    const left = leftUnwritten(file, run, (earlier) => appliedOf(db, earlier));
    return { ...restored, state: overlay(restored.state, left) };
  };

  return {
    open(nowEpochMs) {
      const { setAside, notes } = everOpened
        ? openAnew(nowEpochMs)
        : refuseImpossible(file, () => openAnew(nowEpochMs));
      everOpened = true;
      done = { setAside: setAside ?? done.setAside, notes: [...done.notes, ...notes] };
      const left = hasWrittenLeft ? [] : use(({ writer }) => writeLeft(file, run, writer, nowEpochMs)).value;
      hasWrittenLeft = true;
      const applied = use((open) => open.writer.applied(run)).value;
      const opened = { ...done, notes: [...done.notes, ...left], applied };
      done = { setAside: null, notes: [] };
      return opened;
    },
    restore: () => (held === null ? readBeside(file, restoring) : use(({ db }) => restoring(db)).value),
    commit: ({ entries, knowledge, nowEpochMs }) => ({
      applied: use((open) => open.writer.commit(run, entries, knowledge, nowEpochMs)).value,
    }),
    probes(batch) {
      const idle = batch.reports.length + batch.healths.length + batch.serials.length === 0;
      const { drift } = use((open) => idle || open.writer.probes(batch));
      return { touched: drift === 'touched' };
    },
    prune: (request) => ({ afterEndpoint: use((open) => pruneBatch(open.db, run, request)).value }),
    condemn({ inode, reason }) {
      if (held?.footprint[0]?.ino !== inode) return null;
      held.damage = reason;
      throw new HistoryFault('trouble', reason);
    },
    close() {
      held?.db.close();
      held = null;
      return null;
    },
  };
}

/** A write into a file without a name would be confirmed, and lost at the next start. */
function insistOnFile(file: string, open: Open): { drift: Drift; footprint: Footprint } {
  const footprint = takeFootprint(file);
  const drift = driftOf(open.footprint, footprint);
  if (drift === 'none' || drift === 'touched') return { drift, footprint };
  throw new HistoryFault('trouble', `${file}: ${DRIFTS[drift]}`);
}

const DRIFTS = {
  gone: 'it was deleted',
  replaced: 'it was replaced by another file',
  emptied: 'it was emptied',
  companions: 'its -wal or -shm file was deleted',
} as const;

function settleNoting(file: string, open: Open, nowEpochMs: number): Settled {
  try {
    return settle(file, open, nowEpochMs);
  } catch (error) {
    noteFailure(open, error);
    throw error;
  }
}

function noteFailure(open: Open, error: unknown): void {
  if (isDamage(error)) open.damage = messageOf(error);
  open.failed ||= !codeOf(error).startsWith('SQLITE_BUSY');
}

interface Taken {
  readonly open: Open;
  readonly setAside: SetAside | null;
  /** The damaged file that was set aside. */
  readonly lost: string | null;
}

/** Opens what lies at the path. What is no usable database is set aside, and a new one made. */
function take(file: string, nowEpochMs: number): Taken {
  const opened = holdable(file);
  switch (opened.kind) {
    case 'held':
      return { open: opened.open, setAside: null, lost: null };
    case 'newer':
      throw new HistoryFault('refused', `${file}: ${opened.reason}`);
    case 'unusable': {
      const aside = setAside(file, opened.label, nowEpochMs);
      const { open } = take(file, nowEpochMs);
      const lost = opened.label === 'damaged' ? aside : null;
      return { open, lost, setAside: { path: aside, reason: opened.reason, atEpochMs: nowEpochMs } };
    }
  }
}

/** Makes the file, so that it can be told whether it is still the same one when SQLite has opened it. */
function footprintOfNew(file: string): Footprint {
  if (!existsSync(file)) closeSync(openSync(file, 'ax', 0o644));
  return takeFootprint(file);
}

function holdable(file: string): Exclude<Opened, { kind: 'open' }> | { kind: 'held'; open: Open } {
  const [before] = footprintOfNew(file);
  const opened = openForWriting(file);
  if (opened.kind !== 'open') return opened;
  const { db } = opened;
  try {
    const writer = createWriter(db);
    const footprint = takeFootprint(file);
    if (!isSameFile(before, footprint[0]))
      throw new HistoryFault('trouble', `${file}: it was replaced while it was opened`);
    return { kind: 'held', open: { db, writer, footprint, failed: false, damage: null } };
  } catch (error) {
    db.close();
    if (codeOf(error) !== 'SQLITE_ERROR') throw error;
    return { kind: 'unusable', label: 'damaged', reason: messageOf(error) }; // it lacks a table or a column
  }
}

/** Where nothing is, and nothing can be made, the path itself is wrong: nobody would read the alarm of such a start. */
function refuseImpossible<T>(file: string, openAnew: () => T): T {
  const folder = path.dirname(file);
  const isNew = !(existsSync(file) && statSync(file).isFile());
  if (!existsSync(folder)) throw refusal(file, `the folder ${folder} does not exist`);
  if (isNew && existsSync(file)) throw refusal(file, 'something that is no file has that name');
  try {
    return openAnew();
  } catch (error) {
    if (isNew && codeOf(error) !== '') throw refusal(file, faultOf(file, error).reason.slice(file.length + 2));
    throw error;
  }
}

function refusal(file: string, why: string): HistoryFault {
  return new HistoryFault(
    'refused',
    `cannot make the database ${file}: ${why}; change "database" or the folder's permissions`,
  );
}

/** When it cannot be opened for writing, what it holds may still be readable. */
function readBeside<T>(file: string, read: (db: Database.Database) => T): T {
  const db = openForReading(file);
  try {
    return read(db);
  } finally {
    db.close();
  }
}
