/**
 * The long scenarios of faults, one after the other, with a table at the end: `npm run faults`, or `npm run faults -- soak disk`.
 * FAULTS_SCALE=0.1 makes them shorter, for a look at the scenarios themselves. Root is needed for mounts and namespaces.
 */

import { churn } from './churn.ts';
import { disk } from './disk.ts';
import { flips } from './flips.ts';
import { fullLoad } from './full-load.ts';
import { handover } from './handover.ts';
import { kill } from './kill.ts';
import { network } from './network.ts';
import { pressure } from './pressure.ts';
import { processes } from './process.ts';
import { reloads } from './reloads.ts';
import type { Outcome, Scenario } from './scenario.ts';
import { soak } from './soak.ts';
import { start } from './start.ts';

const SCENARIOS: readonly Scenario[] = [
  start,
  kill,
  handover,
  disk,
  processes,
  network,
  pressure,
  flips,
  churn,
  reloads,
  fullLoad,
  soak,
];

const wanted = process.argv.slice(2);
const scale = Number(process.env.FAULTS_SCALE ?? 1);
const table: string[] = [];
let isKept = true;

for (const { name, proves, run } of SCENARIOS.filter((each) => wanted.length === 0 || wanted.includes(each.name))) {
  const startedMs = performance.now();
  const say = (line: string): void => void process.stderr.write(`${name}: ${line}\n`);
  say(proves);
  const outcomes: readonly Outcome[] = await run(scale, say).catch((error) => [
    { kept: false, seen: `it could not be played: ${error instanceof Error ? error.message : error}` },
  ]);
  say(`${Math.round((performance.now() - startedMs) / 1000)} s`);
  for (const { kept, seen } of outcomes) {
    isKept &&= kept;
    table.push(`| ${name} | ${seen} | ${kept ? 'kept' : '**not kept**'} |`);
  }
}

process.stdout.write(`| scenario | seen | |\n|---|---|---|\n${table.join('\n')}\n`);
process.exitCode = isKept ? 0 : 1;
