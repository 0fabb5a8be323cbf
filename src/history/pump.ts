import type { Clock, Log } from '../runtime/ports.ts';
import type { CommitLog } from './commit-log.ts';
import type { Condition } from './condition.ts';
import type { Present } from './knowledge.ts';
import type { ProbeBuffer } from './probe-buffer.ts';
import type { Fault, Replies, Reply, Request, RequestOf } from './protocol.ts';
import type { HistoryThread } from './thread.ts';

const COMMITS_A_BATCH = 64;
/** A request that takes longer means trouble, though an answer may still come. */
const SLOW_AFTER_MS = 2_000;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;

export interface PumpDeps {
  readonly thread: HistoryThread;
  readonly commits: CommitLog;
  readonly probes: ProbeBuffer;
  readonly present: Present;
  readonly condition: Condition;
  readonly clock: Clock;
  readonly log: Log;
  /** The database holds all commits up to this one. */
  readonly onConfirmed: (seq: number) => void;
  /** Somebody else has written to the database file. */
  readonly onTouched: () => void;
}

/** Moves what waits into the database, one request after the other: commits before probes before upkeep. Knows how to begin again. */
export interface Pump {
  /** One request out of order, for the start. */
  ask<K extends Request['kind']>(request: RequestOf<K>): Promise<Reply<K>>;
  open(): Promise<Fault | null>;
  /** There is something to do. */
  wake(): void;
  /** A second is over. `all`: with the latest age of every verdict. */
  wakeForProbes(options: { readonly all: boolean }): void;
  /** Asks when nothing more urgent waits. A fault ends it; nothing is tried again. */
  upkeep<K extends Request['kind']>(request: RequestOf<K>): Promise<Reply<K>>;
  /** Settles when nothing waits any more, or after `stop`. */
  idle(): Promise<void>;
  stop(): void;
}

export function createPump(deps: PumpDeps): Pump {
  const { thread, commits, probes, present, condition, clock, log } = deps;
  const jobs: (() => Promise<Fault | null>)[] = [];
  let open = false;
  let everOpen = false;
  let mustTellPresent = false;
  let probesDue = false;
  let takeAllVerdicts = false;
  let isRunning = false;
  let lastRun = Promise.resolve();
  let retryMs = FIRST_RETRY_MS;
  let stopped = false;
  let endPause = (): void => {};

  const ask = async <K extends Request['kind']>(request: RequestOf<K>): Promise<Reply<K>> => {
    const slow = `the database has not answered for ${SLOW_AFTER_MS / 1_000} s`;
    const cancel = clock.setTimer(SLOW_AFTER_MS, () => condition.fails(slow));
    const reply = await thread.ask(request);
    cancel();
    if (!reply.ok) {
      open = false;
      condition.fails(reply.fault.reason);
    }
    return reply;
  };

  const openDatabase = async (): Promise<Fault | null> => {
    const reply = await ask<'open'>({ kind: 'open', nowEpochMs: clock.epochMs() });
    if (!reply.ok) return reply.fault;
    opened(reply.value);
    return null;
  };

  const opened = ({ applied, setAside, notes }: Replies['open']): void => {
    if (everOpen && (applied === null || applied < commits.confirmed)) {
      mustTellPresent = true;
      probes.forgetWritten();
    }
    open = true;
    everOpen = true;
    if (setAside !== null) {
      log.error(
        { ...setAside },
        `the database could not be used (${setAside.reason}): it was set aside as ${setAside.path}`,
      );
      condition.wasSetAside(setAside);
    }
    for (const note of notes) log.warn({}, note);
    confirm(applied ?? 0);
  };

  const confirm = (seq: number): void => {
    commits.confirm(seq);
    deps.onConfirmed(seq);
  };

  const works = (): void => {
    retryMs = FIRST_RETRY_MS;
    condition.works();
  };

  const writeCommits = async (): Promise<Fault | null> => {
    const entries = commits.waiting(COMMITS_A_BATCH);
    const tells = mustTellPresent && entries.length === commits.waitingCount;
    const knowledge = tells ? present.knowledge() : null;
    const reply = await ask<'commit'>({ kind: 'commit', entries, knowledge, nowEpochMs: clock.epochMs() });
    if (!reply.ok) return reply.fault;
    if (tells) mustTellPresent = false;
    confirm(reply.value.applied);
    works();
    return null;
  };

  const writeProbes = async (): Promise<Fault | null> => {
    const batch = probes.take({ all: takeAllVerdicts });
    const reply = await ask<'probes'>({ kind: 'probes', ...batch });
    if (!reply.ok) {
      probes.putBack(batch);
      return reply.fault;
    }
    probes.written();
    probesDue = probes.waitingCount > 0;
    works();
    if (reply.value.touched) deps.onTouched();
    return null;
  };

  /** What is to be done next; null when nothing is. */
  const nextJob = (): (() => Promise<Fault | null>) | null => {
    const hasCommits = commits.waitingCount > 0 || mustTellPresent;
    if (!hasCommits && !probesDue && jobs.length === 0) return null;
    if (!open) return openDatabase;
    if (hasCommits) return writeCommits;
    if (probesDue) return writeProbes;
    return jobs.shift() ?? null;
  };

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.setTimer(ms, resolve);
      endPause = () => {
        cancel();
        resolve();
      };
    });

  const run = async (): Promise<void> => {
    for (let job = nextJob(); job !== null && !stopped; job = nextJob()) {
      if ((await job()) === null) continue;
      await pause(retryMs);
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    }
    isRunning = false; // in the same turn as the decision that nothing is left, so that no wake is lost
  };

  const wake = (): void => {
    if (isRunning || stopped) return;
    isRunning = true;
    lastRun = run();
  };

  return {
    ask,
    open: openDatabase,
    wake,
    wakeForProbes({ all }) {
      probesDue = true;
      takeAllVerdicts = all;
      wake();
    },
    upkeep<K extends Request['kind']>(request: RequestOf<K>) {
      return new Promise<Reply<K>>((resolve) => {
        jobs.push(async () => {
          const reply = await ask<K>(request);
          resolve(reply);
          return reply.ok ? null : reply.fault;
        });
        wake();
      });
    },
    idle: async () => {
      while (isRunning) await lastRun;
    },
    stop() {
      stopped = true;
      endPause();
    },
  };
}
