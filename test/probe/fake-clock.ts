import type { Clock } from '../../src/runtime/ports.ts';

/** A clock that stands still until it is told to go on. Timers fire in order of their due times. */
export class FakeClock implements Clock {
  #nowMs = 0;
  #wallOffsetMs = 1_700_000_000_000;
  readonly #timers = new Set<{ atMs: number; callback: () => void }>();

  nowMs(): number {
    return this.#nowMs;
  }

  epochMs(): number {
    return this.#nowMs + this.#wallOffsetMs;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Lets time pass, timer by timer. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const next = [...this.#timers].sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
    }
    this.#nowMs = untilMs;
  }

  /** Lets time pass while nothing runs: what fell due meanwhile fires late. */
  stall(byMs: number): void {
    this.#nowMs += byMs;
  }

  /** Sets the wall clock; the monotonic one goes on. */
  step(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }
}
