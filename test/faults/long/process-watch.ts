/** What a failoverd holds: memory, descriptors, and what keeps its main thread awake. */
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { residentMib } from '../../../bench/process-stats.ts';
import type { Served } from '../../helpers/serve.ts';
import { slope } from './scenario.ts';

export interface Holdings {
  readonly rssMib: number;
  readonly descriptors: number;
  readonly timers: number;
  /** Everything but timers. */
  readonly handles: number;
  /** What is alive in the heaps of the threads that last, after a collection; by name, those of one name together. */
  readonly liveMib: Readonly<Record<string, number>>;
}

/** How a watched failoverd is started. */
export const RESOURCES = { NODE_OPTIONS: `--import=${new URL('../preload/resources.mjs', import.meta.url)}` };

/** It comes and goes with each reload. */
const SHORT_LIVED = 'failoverd config';

/**
 * The failoverd must have been started with {@link RESOURCES}. RSS is that of before the collection that this costs: garbage
 * counts.
 */
export async function holdingsOf(served: Served): Promise<Holdings> {
  const pid = served.process.pid ?? 0;
  const rssMib = residentMib(pid);
  const descriptors = readdirSync(`/proc/${pid}/fd`).length;
  const from = served.lines.length;
  served.process.kill('SIGUSR2');
  const { resources, heaps } = JSON.parse(await served.line(/^\{"resources":/, from)) as Told;
  const { Timeout: timers = 0, ...others } = resources;
  const handles = Object.values(others).reduce((sum, count) => sum + count, 0);
  const liveMib: Record<string, number> = {};
  for (const { name, bytes } of heaps) {
    if (name !== SHORT_LIVED) liveMib[name] = Math.round(((liveMib[name] ?? 0) + bytes / 2 ** 20) * 100) / 100;
  }
  return { rssMib, descriptors, timers, handles, liveMib };
}

interface Told {
  readonly resources: Readonly<Record<string, number>>;
  readonly heaps: readonly { readonly name: string; readonly bytes: number }[];
}

/** Takes a sample at once, then every so often until the work is done, and one when that is over. */
export async function holdingsDuring<T>(
  work: Promise<T>,
  { served, everyMs, say }: { readonly served: Served; readonly everyMs: number; readonly say: (line: string) => void },
): Promise<readonly Holdings[]> {
  const samples: Holdings[] = [];
  const take = async (): Promise<void> => {
    samples.push(await holdingsOf(served));
    say(JSON.stringify(samples.at(-1)));
  };
  let isOver = false;
  const end = work.then(() => {
    isOver = true;
  });
  while (!isOver) {
    await take();
    await Promise.race([sleep(everyMs), end]);
  }
  await sleep(SETTLES_WITHIN_MS);
  await take();
  return samples;
}

/** Connections that have been closed are forgotten so soon. */
const SETTLES_WITHIN_MS = 1_000;

/** Less than this over the second half, by the line that fits best, is the garbage that a collector leaves for later. */
const FLAT_RSS_MIB = 10;
/** Of what is alive: caches and logs of a bounded size fill up. */
const FLAT_LIVE_MIB = 2;
/** Descriptors, timers, handles: probes under way come and go. */
const FLAT_COUNT = 5;

/** Whether the memory has not grown over the second half of the samples and the counts are those of the first, and what they show. */
export function judgeHoldings(samples: readonly Holdings[]): { readonly isFlat: boolean; readonly seen: string } {
  const late = samples.slice(Math.floor(samples.length / 2));
  const [first, middle, last] = [samples[0], late[0], late.at(-1)];
  if (!first || !middle || !last || late.length < 3) throw new Error('there are too few samples');
  const rssGrown = slope(late.map(({ rssMib }, index) => [index, rssMib])) * (late.length - 1);
  const liveGrown = sumOf(last.liveMib) - sumOf(middle.liveMib);
  const grows = (of: (held: Holdings) => number): boolean => of(last) > of(first) + FLAT_COUNT;
  const leaves = [
    grows(({ descriptors }) => descriptors),
    grows(({ timers }) => timers),
    grows(({ handles }) => handles),
  ].some(Boolean);
  const rss = samples.map(({ rssMib }) => rssMib);
  const alive = Object.entries(last.liveMib).map(
    ([name, mib]) => `${name.replace('failoverd ', '')} ${middle.liveMib[name] ?? 0} and ${mib}`,
  );
  const seen = [
    `RSS ${first.rssMib.toFixed(0)} MiB at first, ${middle.rssMib.toFixed(0)} half-way, ${last.rssMib.toFixed(0)} at last, ${Math.max(...rss).toFixed(0)} at most, ${rssGrown.toFixed(1)} MiB over the second half`,
    `alive in the heaps half-way and at last, MiB: ${alive.join(', ')}`,
    `descriptors ${first.descriptors} and ${last.descriptors}, timers ${first.timers} and ${last.timers}, other handles ${first.handles} and ${last.handles}`,
  ].join('; ');
  return { isFlat: rssGrown < FLAT_RSS_MIB && liveGrown < FLAT_LIVE_MIB && !leaves, seen };
}

function sumOf(mib: Holdings['liveMib']): number {
  return Object.values(mib).reduce((sum, each) => sum + each, 0);
}
