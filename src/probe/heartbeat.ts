import { type ScheduledTask, schedule } from 'node-cron';
import type { Clock, Log } from '../runtime/ports.ts';

/** After so long without a tick something is wrong with the ticking. */
const SILENCE_MS = 2_000;
/** The wall clock has been set, rather than slewed. */
const STEP_MS = 2_000;
/** How often both are looked for. */
const WATCH_MS = 1_000;
/** A second that begins sooner is not scheduled any more: it could have begun before node-cron looks at the clock. */
const NOTICE_MS = 50;

/** Begins to call back at every second; the returned function ends it. */
export type StartTicking = (onTick: () => void) => () => void;

/**
 * A tick at each second for everything that is probed, by a node-cron task for each second of the day. One task for every second
 * would work through all that a step of the wall clock leaves out, 12 s of CPU for a day and an hour for a year, one at a time:
 * this one is due again a day later, and runs once however late it is.
 */
export const tickBySecond: StartTicking = (onTick) => {
  let ended = false;
  let task: ScheduledTask;
  const tick = (): void => {
    if (ended) return;
    void task.destroy();
    task = scheduleNext(tick);
    onTick();
  };
  task = scheduleNext(tick);
  return () => {
    ended = true;
    void task.destroy();
  };
};

function scheduleNext(tick: () => void): ScheduledTask {
  const next = new Date(Math.floor((Date.now() + NOTICE_MS) / 1_000) * 1_000 + 1_000);
  const expression = `${next.getUTCSeconds()} ${next.getUTCMinutes()} ${next.getUTCHours()} * * *`;
  // What is thrown in a task ends in node-cron's own log; from an immediate it ends the process, as a bug should.
  return schedule(expression, () => void setImmediate(tick), {
    timezone: 'UTC',
    missedExecutionTolerance: Number.POSITIVE_INFINITY,
    suppressMissedWarning: true,
  });
}

/**
 * A tick each second that goes on whatever happens to the wall clock. node-cron ticks by it, and falls silent when it steps
 * back, until the old time is reached again: a watch on the monotonic clock starts the ticking anew.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #startTicking: StartTicking;
  #onBeat: () => void = () => {};
  #stopTicking: () => void = () => {};
  #cancelWatch: () => void = () => {};
  #lastBeatMs = 0;
  #wallOffsetMs = 0;

  constructor(clock: Clock, log: Log, startTicking: StartTicking = tickBySecond) {
    this.#clock = clock;
    this.#log = log;
    this.#startTicking = startTicking;
  }

  start(onBeat: () => void): void {
    this.#onBeat = onBeat;
    this.#restart();
  }

  stop(): void {
    this.#stopTicking();
    this.#cancelWatch();
  }

  #restart(): void {
    this.#stopTicking();
    this.#lastBeatMs = this.#clock.nowMs();
    this.#wallOffsetMs = this.#clock.epochMs() - this.#lastBeatMs;
    this.#stopTicking = this.#startTicking(() => this.#beat());
    this.#armWatch();
  }

  #beat(): void {
    this.#lastBeatMs = this.#clock.nowMs();
    this.#onBeat();
  }

  #armWatch(): void {
    this.#cancelWatch();
    this.#cancelWatch = this.#clock.setTimer(WATCH_MS, () => this.#watch());
  }

  #watch(): void {
    const nowMs = this.#clock.nowMs();
    const silentMs = nowMs - this.#lastBeatMs;
    const steppedMs = this.#clock.epochMs() - nowMs - this.#wallOffsetMs;
    if (silentMs < SILENCE_MS && Math.abs(steppedMs) < STEP_MS) {
      this.#armWatch();
      return;
    }
    this.#log.warn({ silentMs, steppedMs }, 'the second tick is started anew');
    this.#restart();
    this.#onBeat();
  }
}
