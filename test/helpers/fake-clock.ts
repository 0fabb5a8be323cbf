import type { Clock } from '../../src/runtime/ports.ts';

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** A clock that moves only when it is told to. The wall clock can be moved apart from the monotonic one. */
export interface FakeClock extends Clock {
  /** Lets time pass and calls every timer that comes due, in order. */
  advance(byMs: number): void;
  /** Steps the wall clock alone. */
  stepWall(byMs: number): void;
  pendingTimers(): number;
}

export function createFakeClock(epochMs = Date.UTC(2026, 0, 1)): FakeClock {
  let nowMs = 1000;
  let wallOffsetMs = epochMs - nowMs;
  const timers = new Set<Timer>();

  const nextDue = (untilMs: number): Timer | undefined =>
    [...timers].filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0];

  return {
    nowMs: () => nowMs,
    epochMs: () => nowMs + wallOffsetMs,
    setTimer(delayMs, callback) {
      const timer = { dueMs: nowMs + Math.max(delayMs, 0), callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(byMs) {
      const untilMs = nowMs + byMs;
      for (let timer = nextDue(untilMs); timer; timer = nextDue(untilMs)) {
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.dueMs);
        timer.callback();
      }
      nowMs = untilMs;
    },
    stepWall(byMs) {
      wallOffsetMs += byMs;
    },
    pendingTimers: () => timers.size,
  };
}
