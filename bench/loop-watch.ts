/**
 * Preloaded into a process (`NODE_OPTIONS=--import=…/loop-watch.ts`): writes what held its main event loop into the file that
 * LOOP_WATCH names, twice a second. A gap on the clock may be another process's doing; the CPU that this thread used within
 * it is its own. A timer fires once in a turn of the loop, so that what passes between two of its calls is a turn's work.
 */
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

export interface Turn {
  readonly atEpochMs: number;
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** One line of the file. */
export interface LoopSample {
  readonly rssBytes: number;
  /** Of the main thread, since its start. */
  readonly cpuMs: number;
  /** The turns since the sample before that took longer than {@link NOTED_MS} by either measure. */
  readonly turns: readonly Turn[];
}

const NOTED_MS = 5;

const file = process.env.LOOP_WATCH;
if (isMainThread && file) watch(file);

function watch(file: string): void {
  let last = { wallMs: performance.now(), cpuMs: cpuMs() };
  const seen: Turn[] = [];
  const look = (): void => {
    const now = { wallMs: performance.now(), cpuMs: cpuMs() };
    const turn = { atEpochMs: Date.now(), wallMs: now.wallMs - last.wallMs, cpuMs: now.cpuMs - last.cpuMs };
    if (Math.max(turn.wallMs, turn.cpuMs) > NOTED_MS) seen.push(turn);
    last = now;
  };
  const report = (): void => {
    const sample: LoopSample = { rssBytes: process.memoryUsage.rss(), cpuMs: cpuMs(), turns: seen.splice(0) };
    writeFileSync(file, `${JSON.stringify(sample)}\n`, { flag: 'a' });
  };
  setInterval(look, 1).unref();
  setInterval(report, 500).unref();
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
