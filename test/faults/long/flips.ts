/**
 * A thousand transitions a minute for five minutes. Proves that they are all in the table, and that they leave nothing behind in any
 * thread: the one that decides, those that answer, the one that writes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Stage, setStage, type Target } from '../stage.ts';
import { holdingsDuring, judgeHoldings, RESOURCES } from './process-watch.ts';
import type { Scenario } from './scenario.ts';

const MINUTES = 5;
const FLIPS_A_MINUTE = 1_000;
const SAMPLES = 20;
const QUERIES_PER_SECOND = 1_000;

export const flips: Scenario = {
  name: 'flips',
  proves: '1,000 transitions a minute for 5 minutes: each in the table, memory flat; no query lost',
  async run(scale, say) {
    const seconds = Math.max(20, MINUTES * 60 * scale);
    const stage = await setStage({ env: RESOURCES, workers: 2 });
    const before = stage.rows().length;
    const flipping = flip(stage, Math.round((seconds / 60) * FLIPS_A_MINUTE));
    const loading = stage.load(QUERIES_PER_SECOND, seconds);
    const work = Promise.all([flipping, loading]);
    const samples = await holdingsDuring(work, { served: stage.served(), everyMs: (seconds * 1_000) / SAMPLES, say });
    const [flipped, { sent, lost }] = await work;
    await sleep(1_000);
    const rows = stage.rows().length - before;
    await stage.close();
    const { isFlat, seen } = judgeHoldings(samples);
    return [
      {
        kept: isFlat && lost === 0 && rows === flipped,
        seen: `${flipped} transitions in ${seconds} s, ${rows} rows; ${sent} queries, ${lost} lost; ${seen}`,
      },
    ];
  },
};

/** Each at its time, or as soon as the one before it is decided. @returns how many */
async function flip(stage: Stage, count: number): Promise<number> {
  const startedMs = performance.now();
  for (let n = 0; n < count; n++) {
    const target: Target = n % 2 === 0 ? 'backup' : 'primary';
    await stage.switchTo(target);
    const dueMs = startedMs + ((n + 1) * 60_000) / FLIPS_A_MINUTE;
    await sleep(Math.max(0, dueMs - performance.now()));
  }
  return count;
}
