import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Clock, History, HistoryUpkeep, Log, RestoredState, UpkeepResult } from '../runtime/ports.ts';
import { HistoryRefusedError } from '../runtime/ports.ts';
import { createChecker } from './checker.ts';
import { type CommitLog, createCommitLog } from './commit-log.ts';
import { createCondition } from './condition.ts';
import { createConfirmations } from './confirmations.ts';
import { inTime } from './in-time.ts';
import { createPresent } from './knowledge.ts';
import { createProbeBuffer } from './probe-buffer.ts';
import type { Reply, RequestOf } from './protocol.ts';
import { createPump, type Pump } from './pump.ts';
import { NOTHING_RESTORED, type Restored } from './restore.ts';
import { runAside } from './tasks.ts';
import { createThread } from './thread.ts';
import { createWaitingFile } from './waiting-file.ts';

/** Long, because a start without its state may move every record; a disk that takes longer is out of order. */
const RESTORE_WAIT_MS = 10_000;
const RESTORE_RETRY_MS = 100;
const CLOSE_WAIT_MS = 5_000;
/** A thread that hangs in the disk cannot be ended. */
const END_WAIT_MS = 1_000;
const PROBES_EVERY_MS = 1_000;

export interface HistoryOptions {
  /** The database file; it is made when it does not exist. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** The history in its own thread. Nothing is written before `restore` has settled. */
export function createHistory({ path: given, clock, log }: HistoryOptions): History & HistoryUpkeep {
  const file = path.resolve(given);
  const commits = createCommitLog();
  const probes = createProbeBuffer();
  const present = createPresent();
  const run = randomUUID();
  const waitingFile = createWaitingFile({ file, run, commits, clock, log });
  const confirmations = createConfirmations(clock, waitingFile.keep);
  const condition = createCondition(clock, () => commits.waitingCount);
  const thread = createThread({ file, run });
  const checker = createChecker(file, () => pump, clock, log);
  const onConfirmed = (seq: number): void => {
    confirmations.confirmed(seq);
    waitingFile.confirmed();
  };
  const onTouched = checker.touched;
  const pump = createPump({ thread, commits, probes, present, condition, clock, log, onConfirmed, onTouched });
  let running = false;
  let cancelTick = (): void => {};

  const tick = (): void => {
    pump.wakeForProbes({ all: false });
    cancelTick = clock.setTimer(PROBES_EVERY_MS, tick);
  };

  return {
    async restore() {
      const restored = await restoreInTime(pump, clock, log);
      present.restored(restored);
      running = true;
      tick();
      void checker.check();
      return restored;
    },
    commit(entry) {
      const { seq } = commits.append(entry);
      present.committed(entry);
      if (running) pump.wake();
      return confirmations.wait(seq);
    },
    recordProbe: (report) => probes.probe(report),
    recordSerial: (fact) => probes.serial(fact),
    recordHealth: (endpointId, health) => probes.health(endpointId, health),
    onStatus: condition.onStatus,
    status: condition.status,
    async close() {
      cancelTick();
      if (running) await inTime(clock, CLOSE_WAIT_MS, flush(pump));
      running = false;
      pump.stop();
      condition.end();
      if (commits.waitingCount > 0) logUnwritten(commits, await waitingFile.keep(), log);
      await inTime(clock, END_WAIT_MS, waitingFile.close());
      await inTime(clock, END_WAIT_MS, checker.stop()); // only the last connection that closes tidies up the log
      await inTime(clock, END_WAIT_MS, thread.close());
    },
    check: checker.check,
    prune: (retention) => pruneAll(pump, clock, retention),
    backup: (to) => runAside({ file, task: { kind: 'backup', to: path.resolve(to) } }),
    stats: () => ({
      queuedCommits: commits.waitingCount,
      queuedProbes: probes.waitingCount,
      droppedProbes: probes.droppedCount,
      threadRestarts: thread.restarts,
    }),
  };
}

/** @throws {HistoryRefusedError} */
async function restoreInTime(pump: Pump, clock: Clock, log: Log): Promise<RestoredState> {
  const untilMs = clock.nowMs() + RESTORE_WAIT_MS;
  const restored = await inTime(clock, RESTORE_WAIT_MS, restoreStubbornly(pump, clock, untilMs));
  if (restored === 'late' || restored === null) {
    log.error({}, 'the database cannot be read: starting without what it holds');
    return NOTHING_RESTORED;
  }
  for (const problem of restored.problems)
    log.error({}, `skipped a row of the database that makes no sense: ${problem}`);
  return restored.state;
}

async function restoreStubbornly(pump: Pump, clock: Clock, untilMs: number): Promise<Restored | null> {
  for (;;) {
    const refused = await pump.open();
    if (refused?.kind === 'refused') throw new HistoryRefusedError(refused.reason);
    const reply = await pump.ask<'restore'>({ kind: 'restore' });
    if (reply.ok) return reply.value;
    if (clock.nowMs() >= untilMs) return null;
    await new Promise<void>((resolve) => clock.setTimer(RESTORE_RETRY_MS, resolve));
  }
}

async function pruneAll(
  pump: Pump,
  clock: Clock,
  retention: { readonly probesMs: number; readonly transitionsMs: number | 'forever' },
): Promise<UpkeepResult> {
  for (let afterEndpoint: number | null = 0; afterEndpoint !== null; ) {
    const request: RequestOf<'prune'> = { kind: 'prune', nowEpochMs: clock.epochMs(), ...retention, afterEndpoint };
    const reply: Reply<'prune'> = await pump.upkeep<'prune'>(request);
    if (!reply.ok) return { ok: false, reason: reply.fault.reason };
    afterEndpoint = reply.value.afterEndpoint;
  }
  return { ok: true };
}

/** Writes everything that waits, and the ages of all verdicts with it. */
async function flush(pump: Pump): Promise<void> {
  pump.wakeForProbes({ all: true });
  await pump.idle();
}

/** The last place for what no database took: it can be written by hand from there. */
function logUnwritten(commits: CommitLog, isKept: boolean, log: Log): void {
  const kept = isKept ? ', but kept beside it for the next start' : '';
  for (const { transition } of commits.waiting(commits.waitingCount)) {
    if (transition !== null)
      log.error({ transition }, `not written to the database${kept}: ${transition.record} ${transition.reason}`);
  }
}
