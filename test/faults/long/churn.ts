/**
 * Thousands of TCP connections a second, each for one query, for three minutes. Proves that a connection leaves nothing behind:
 * every one is answered, and the memory is at last what it was half-way.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { compile } from '../../../bench/compile.ts';
import { type Stage, setStage } from '../stage.ts';
import { holdingsDuring, judgeHoldings, RESOURCES } from './process-watch.ts';
import type { Scenario } from './scenario.ts';

const SECONDS = 180;
const SAMPLES = 20;
/** Under way at any time; fewer than the server allows. */
const WINDOW = 200;

export const churn: Scenario = {
  name: 'churn',
  proves: '3 minutes of short TCP connections, as many as there can be: each answered, memory flat',
  async run(scale, say) {
    const seconds = Math.max(20, SECONDS * scale);
    const stage = await setStage({ env: RESOURCES, workers: 2 });
    const connecting = connectAndAsk(stage, seconds);
    const samples = await holdingsDuring(connecting, {
      served: stage.served(),
      everyMs: (seconds * 1_000) / SAMPLES,
      say,
    });
    const { opened, failed } = await connecting;
    await stage.close();
    const { isFlat, seen } = judgeHoldings(samples);
    const rate = Math.round(opened / seconds);
    return [
      {
        kept: isFlat && failed === 0,
        seen: `${opened} TCP connections in ${seconds} s (${rate} a second), ${failed} failed; ${seen}`,
      },
    ];
  },
};

interface ChurnResult {
  readonly opened: number;
  readonly answered: number;
  readonly failed: number;
}

async function connectAndAsk({ dnsPort, queryFile }: Stage, seconds: number): Promise<ChurnResult> {
  const args = ['127.0.0.1', dnsPort, queryFile, seconds, WINDOW, 0].map(String);
  const child = spawn(compile('churn'), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the program that connects ended with ${code}`);
  return JSON.parse(Buffer.concat(chunks).toString());
}
