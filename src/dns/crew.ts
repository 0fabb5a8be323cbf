/** The workers of the pool: so many as are wanted, each replaced when it dies. */
import type { Worker } from 'node:worker_threads';
import type { Clock, Log } from '../runtime/ports.ts';
import { type BindFault, listenError } from './claim.ts';
import type { WorkerStats } from './protocol.ts';
import { clearRow, type QuotaMemory } from './tcp-quota.ts';
import { within } from './within.ts';
import { addStats, NO_STATS, settled } from './worker-stats.ts';
import { createWorkerThread, type WorkerThread } from './worker-thread.ts';

/** The pause before a dead worker is replaced, doubled each time while none lives for {@link STABLE_MS}. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 10_000;
const STABLE_MS = 10_000;

/** How often each worker is asked for a sign of life, and for how many beats it may owe one. */
const PULSE_EVERY_MS = 1000;
const MISSES_ALLOWED = 10;

/** What a worker that leaves has for its TCP replies, and the thread for its end. */
const FINISH_WITHIN_MS = 4500;
const END_WITHIN_MS = 5000;

const STATS_WITHIN_MS = 500;

export interface CrewDeps {
  /** Starts a thread that counts its TCP connections in this row. */
  readonly spawn: (row: number) => Worker;
  /** Brings a new worker up to date and lets it bind its addresses. */
  readonly prepare: (thread: WorkerThread) => Promise<BindFault | null | 'ended'>;
  readonly quotaMemory: QuotaMemory;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Crew {
  /** Those that are there, ready or not. */
  threads(): readonly WorkerThread[];
  /**
   * Makes it so many workers; settles when all answer, and when those that are too many have left.
   * @throws {ListenError} when one could not bind: then it is as it was.
   */
  resize(size: number): Promise<void>;
  /** Starts others in the place of all workers, and lets these leave once those answer. @throws {ListenError} as before. */
  renew(): Promise<void>;
  /** The sum over all workers, the dead ones too. */
  stats(): Promise<WorkerStats>;
  readonly size: number;
  readonly restarts: number;
  stop(): Promise<void>;
}

interface Member {
  readonly thread: WorkerThread;
  readonly row: number;
  readonly bornMs: number;
  readonly ready: Promise<BindFault | null | 'ended'>;
  stats: WorkerStats;
  misses: number;
  isLeaving: boolean;
}

export function createCrew({ spawn, prepare, quotaMemory, clock, log }: CrewDeps): Crew {
  const members = new Set<Member>();
  const pauses = new Set<() => void>(); // each cancels the replacement that it is the pause before
  let size = 0;
  let restarts = 0;
  let earlyDeaths = 0;
  let ofDead = NO_STATS;

  const hire = (): Member => {
    const row = freeRow(members);
    clearRow(quotaMemory, row);
    const thread = createWorkerThread(spawn(row));
    const ready = prepare(thread);
    const member: Member = { thread, row, bornMs: clock.nowMs(), ready, stats: NO_STATS, misses: 0, isLeaving: false };
    members.add(member);
    void thread.ended.then((why) => bury(member, why));
    return member;
  };

  const present = (): Member[] => [...members].filter(({ isLeaving }) => !isLeaving);

  const bury = (member: Member, why: string): void => {
    members.delete(member);
    ofDead = addStats(ofDead, settled(member.stats));
    if (member.isLeaving) return;
    const livedMs = clock.nowMs() - member.bornMs;
    earlyDeaths = livedMs < STABLE_MS ? earlyDeaths + 1 : 0;
    log.error({ reason: why, livedMs: Math.round(livedMs) }, 'a DNS worker died');
    replaceSoon();
  };

  const replaceSoon = (): void => {
    const pauseMs = FIRST_PAUSE_MS * 2 ** Math.max(0, earlyDeaths - 1);
    const cancel = clock.setTimer(Math.min(pauseMs, LONGEST_PAUSE_MS), () => {
      pauses.delete(cancel);
      if (present().length < size) void replace();
    });
    pauses.add(cancel);
  };

  const replace = async (): Promise<void> => {
    restarts += 1;
    const member = hire();
    const fault = await member.ready;
    if (fault === null || fault === 'ended') return;
    log.error({}, listenError(fault).message);
    await member.thread.end(); // and so it is buried, and replaced after a longer pause
  };

  const dismiss = async (member: Member): Promise<void> => {
    member.isLeaving = true;
    const leaving = member.thread.ask({ kind: 'stop', withinMs: FINISH_WITHIN_MS });
    const last = await within(clock, END_WITHIN_MS, leaving, 'ended' as const);
    if (last !== 'ended') member.stats = last;
    await member.thread.end();
  };

  /** @throws {ListenError} when one cannot bind; then all of them have left again. */
  const hireAll = async (count: number): Promise<void> => {
    const hired = Array.from({ length: count }, hire);
    const faults = await Promise.all(hired.map(({ ready }) => ready));
    const fault = faults.find((outcome) => outcome !== null);
    if (fault === undefined) return;
    await Promise.all(hired.map(dismiss));
    if (fault === 'ended') throw new Error('a DNS worker ended while it started');
    throw listenError(fault);
  };

  const ask = async (member: Member): Promise<void> => {
    const stats = await member.thread.ask({ kind: 'stats' });
    if (stats === 'ended') return;
    member.stats = stats;
    member.misses = 0;
  };

  /** Misses are counted by beats, not by the clock: a control plane that was stopped itself must not blame its workers. */
  const beat = (): void => {
    for (const member of members) {
      member.misses += 1;
      if (member.misses === 1) void ask(member);
      if (member.misses === MISSES_ALLOWED + 1) void member.thread.end();
    }
    cancelPulse = clock.setTimer(PULSE_EVERY_MS, beat);
  };
  let cancelPulse = clock.setTimer(PULSE_EVERY_MS, beat);

  return {
    threads: () => present().map(({ thread }) => thread),
    async resize(wanted) {
      if (wanted > size) await hireAll(wanted - size);
      size = wanted;
      await Promise.all(present().slice(wanted).map(dismiss));
      if (present().length < size) replaceSoon(); // one died meanwhile
    },
    async renew() {
      const old = present();
      await hireAll(size);
      await Promise.all(old.map(dismiss));
      if (present().length < size) replaceSoon();
    },
    async stats() {
      await Promise.all([...members].map((member) => within(clock, STATS_WITHIN_MS, ask(member), null)));
      return [...members].reduce((sum, { stats }) => addStats(sum, stats), ofDead);
    },
    get size() {
      return size;
    },
    get restarts() {
      return restarts;
    },
    async stop() {
      cancelPulse();
      for (const cancel of pauses) cancel();
      size = 0;
      await Promise.all([...members].map(dismiss));
    },
  };
}

function freeRow(members: ReadonlySet<Member>): number {
  const taken = new Set([...members].map(({ row }) => row));
  let row = 0;
  while (taken.has(row)) row += 1;
  return row;
}
