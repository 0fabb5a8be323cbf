/**
 * Ten minutes of as many queries as are answered, over UDP. Proves that nothing piles up for a query: the memory is at last what it was
 * half-way, in every thread, and no query is lost.
 */
import { setStage } from '../stage.ts';
import { holdingsDuring, judgeHoldings, RESOURCES } from './process-watch.ts';
import type { Scenario } from './scenario.ts';

const SECONDS = 600;
const SAMPLES = 20;

export const fullLoad: Scenario = {
  name: 'full-load',
  proves: '10 minutes at the full rate: memory flat; no query lost',
  async run(scale, say) {
    const seconds = Math.max(20, SECONDS * scale);
    const stage = await setStage({ env: RESOURCES, workers: 2 });
    const loading = stage.load(0, seconds);
    const samples = await holdingsDuring(loading, {
      served: stage.served(),
      everyMs: (seconds * 1_000) / SAMPLES,
      say,
    });
    const { answered, lost, latencyUs } = await loading;
    await stage.close();
    const { isFlat, seen } = judgeHoldings(samples);
    const rate = Math.round(answered / seconds);
    return [
      {
        kept: isFlat && lost === 0,
        seen: `${answered} queries in ${seconds} s (${rate} a second), ${lost} lost, p99 ${(latencyUs.p99 / 1000).toFixed(1)} ms; ${seen}`,
      },
    ];
  },
};
