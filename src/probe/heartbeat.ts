import { schedule } from 'node-cron';
import type { Clock, Log } from '../runtime/ports.ts';

/** After so long without a tick something is wrong with the ticking. */
const SILENCE_MS = 2_000;
/** The wall clock has been set, rather than slewed. */
const STEP_MS = 2_000;
/** So long before the next tick is due, to see a step of the wall clock before node-cron does. */
const AHEAD_MS = 2;

/** Begins to call back at every second; the returned function ends it. */
export type StartTicking = (onTick: () => void) => () => void;

/** One node-cron task for everything that is probed. */
export const tickBySecond: StartTicking = (onTick) => {
  let ended = false;
  const tick = () => {
    if (!ended) onTick();
  };
  // What is thrown in a task ends in node-cron's own log; from an immediate it ends the process, as a bug should.
  const task = schedule('* * * * * *', () => void setImmediate(tick), {
    timezone: 'UTC',
    suppressMissedWarning: true,
  });
  return () => {
    ended = true;
    void task.destroy();
  };
};

/**
 * A tick each second that goes on whatever happens to the wall clock.
 *
 * node-cron ticks by the wall clock: when that steps back it falls silent until the old time is reached again, and when it
 * steps forward it works through every missed second, an hour of CPU for a year. A watch on the monotonic clock starts it
 * anew in either case, and looks as late before each tick as it can: what steps after it has looked is worked through.
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
    this.#armWatch();
    this.#onBeat();
  }

  #armWatch(): void {
    this.#cancelWatch();
    const leftMs = 1_000 - (this.#clock.epochMs() % 1_000) - AHEAD_MS;
    this.#cancelWatch = this.#clock.setTimer(leftMs > 0 ? leftMs : leftMs + 1_000, () => this.#watch());
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
