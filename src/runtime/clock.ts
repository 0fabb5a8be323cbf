import type { Clock } from './ports.ts';

/** The longest delay that setTimeout takes; a longer one would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The machine's clocks. Timers do not keep the process alive by themselves: sockets and workers do. */
export const systemClock: Clock = {
  // Not performance.now(): its origin is the thread's, and the DNS workers share times.
  nowMs: monotonicMs,
  epochMs: () => Date.now(),
  setTimer(delayMs, callback) {
    const dueMs = monotonicMs() + delayMs;
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const leftMs = dueMs - monotonicMs();
      timer = setTimeout(leftMs > MAX_DELAY_MS ? arm : callback, Math.min(Math.max(leftMs, 0), MAX_DELAY_MS));
      timer.unref();
    };
    arm();
    return () => clearTimeout(timer);
  },
};

function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
