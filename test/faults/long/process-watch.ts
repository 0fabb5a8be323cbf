/** What a failoverd holds: memory, descriptors, and what keeps its main thread awake. */
import { readdirSync } from 'node:fs';
import { residentMib } from '../../../bench/process-stats.ts';
import type { Served } from '../../helpers/serve.ts';

export interface Holdings {
  readonly rssMib: number;
  readonly descriptors: number;
  readonly timers: number;
  /** Everything but timers. */
  readonly handles: number;
}

/** The failoverd must have been started with {@link RESOURCES}. */
export async function holdingsOf(served: Served): Promise<Holdings> {
  const pid = served.process.pid ?? 0;
  const from = served.lines.length;
  served.process.kill('SIGUSR2');
  const line = await served.line(/^\{"resources":/, from);
  const counts = Object.entries(JSON.parse(line).resources as Record<string, number>);
  const timers = counts.filter(([kind]) => kind === 'Timeout').reduce((sum, [, count]) => sum + count, 0);
  const all = counts.reduce((sum, [, count]) => sum + count, 0);
  return {
    rssMib: residentMib(pid),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    timers,
    handles: all - timers,
  };
}

export const RESOURCES = { NODE_OPTIONS: `--import=${new URL('../preload/resources.mjs', import.meta.url)}` };
