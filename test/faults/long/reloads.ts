/**
 * 1,000 reloads, every other one of a broken config, at 5,000 queries a second. Proves that none of them costs a query, and
 * that none leaves anything behind: descriptors, timers and handles are those of before, and the memory does not grow, neither
 * what is alive nor the process as a whole.
 */
import { writeFileSync } from 'node:fs';
import { type Stage, setStage } from '../stage.ts';
import { type Holdings, holdingsOf, judgeHoldings, RESOURCES } from './process-watch.ts';
import type { Outcome, Scenario } from './scenario.ts';

const RELOADS = 1_000;
const QUERIES_PER_SECOND = 5_000;
const LOAD_SECONDS = 20;
const SAMPLES = 20;

export const reloads: Scenario = {
  name: 'reloads',
  proves: '1,000 reloads, half of them broken, at 5,000 q/s: no query lost, nothing left behind, memory flat',
  async run(scale, say) {
    const count = Math.max(40, Math.round(RELOADS * scale));
    const stage = await setStage({ env: RESOURCES, workers: 2 });
    const samples: Holdings[] = [];
    let isOver = false;
    let sent = 0;
    let lost = 0;
    const loading = (async () => {
      while (!isOver) {
        const result = await stage.load(QUERIES_PER_SECOND, LOAD_SECONDS);
        sent += result.sent;
        lost += result.lost;
      }
    })();
    for (let n = 0; n < count; n++) {
      await reload(stage, n);
      if (n % Math.ceil(count / SAMPLES) !== 0) continue;
      samples.push(await holdingsOf(stage.served()));
      say(`${n} ${JSON.stringify(samples.at(-1))}`);
    }
    isOver = true;
    await loading;
    const { reloads: counted } = await stage.status();
    await stage.close();
    return [judge(samples, { sent, lost, counted })];
  },
};

async function reload(stage: Stage, n: number): Promise<void> {
  const isBroken = n % 2 === 1;
  const text = isBroken
    ? stage.text.replace('primary:', 'primry:')
    : stage.text.replace('ttl: 1s', `ttl: ${1 + (n % 60)}s`);
  writeFileSync(stage.configFile, text);
  const from = stage.served().lines.length;
  stage.served().process.kill('SIGHUP');
  await stage.served().line(isBroken ? /reload refused/ : /"msg":"reloaded/, from);
}

interface Counts {
  readonly sent: number;
  readonly lost: number;
  readonly counted: { readonly succeeded: number; readonly failed: number };
}

function judge(samples: readonly Holdings[], { sent, lost, counted }: Counts): Outcome {
  const { isFlat, seen } = judgeHoldings(samples);
  return {
    kept: lost === 0 && isFlat,
    seen: `${counted.succeeded} reloads and ${counted.failed} refused ones, ${sent} queries, ${lost} lost; ${seen}`,
  };
}
