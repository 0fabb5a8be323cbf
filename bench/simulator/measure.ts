/** What a system made of many hours of one pattern. */
import type { Pattern } from './patterns.ts';
import { createRandom } from './random.ts';
import type { Answer, Flip, System } from './system.ts';
import type { Scenario } from './world.ts';

export interface Figures {
  readonly hours: number;
  /** From each fault to the first answer without the primary, ascending; only of faults that were noticed in time. */
  readonly detectionsMs: readonly number[];
  readonly missed: number;
  readonly flips: number;
  readonly wrongFlips: number;
  /** Hours in which the answer changed more than twice. */
  readonly restlessHours: number;
  /** Part of the time in which the answer was the primary while it was out of service. */
  readonly deadShare: number;
}

/** Every system meets the same hours: the scenario's randomness depends on the seed, the pattern and the hour alone. */
export function measure(system: System, pattern: Pattern, hours: number, seed: string): Figures {
  const detectionsMs: number[] = [];
  let [missed, flips, wrongFlips, restlessHours, deadMs, playedMs] = [0, 0, 0, 0, 0, 0];
  for (let hour = 0; hour < hours; hour++) {
    const scenario = pattern.scenario(createRandom(`${seed}/${pattern.name}/${hour}`));
    const played = system.play(scenario, createRandom(`${seed}/${pattern.name}/${hour}/${system.name}`));
    flips += played.length;
    wrongFlips += played.filter((flip) => isWrong(flip, scenario)).length;
    restlessHours += played.length > 2 ? 1 : 0;
    deadMs += deadTimeMs(played, scenario);
    playedMs += scenario.durationMs;
    for (const { fromMs, toMs } of scenario.faults) {
      const left = played.find(({ atMs, from }) => from === 'primary' && atMs >= fromMs && atMs < toMs);
      if (left) detectionsMs.push(left.atMs - fromMs);
      else missed++;
    }
  }
  detectionsMs.sort((a, b) => a - b);
  return { hours, detectionsMs, missed, flips, wrongFlips, restlessHours, deadShare: deadMs / playedMs };
}

/** The value below which this part of the ascending values lies; NaN of none. */
export function percentile(ascending: readonly number[], part: number): number {
  return ascending[Math.max(Math.ceil(ascending.length * part) - 1, 0)] ?? Number.NaN;
}

/** Leaving the primary while it serves, or going to it while it does not. The backup always serves. */
function isWrong({ atMs, from, to }: Flip, { faults }: Scenario): boolean {
  const isOut = faults.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
  return isOut ? to === 'primary' : from === 'primary';
}

function deadTimeMs(flips: readonly Flip[], { faults, durationMs }: Scenario): number {
  let total = 0;
  let sinceMs = 0;
  let answer: Answer = 'primary';
  for (const { atMs, to } of [...flips, { atMs: durationMs, to: 'primary' as const }]) {
    total += shareOnPrimary(answer) * overlapMs(faults, sinceMs, atMs);
    sinceMs = atMs;
    answer = to;
  }
  return total;
}

function shareOnPrimary(answer: Answer): number {
  return answer === 'any' ? 0.5 : answer === 'primary' ? 1 : 0;
}

function overlapMs(faults: Scenario['faults'], fromMs: number, toMs: number): number {
  return faults.reduce((sum, f) => sum + Math.max(0, Math.min(f.toMs, toMs) - Math.max(f.fromMs, fromMs)), 0);
}
