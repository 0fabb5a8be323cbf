/** The simulator's tables, in Markdown. */
import { DEFAULTS, failoverd } from './failoverd.ts';
import { type Figures, measure, percentile } from './measure.ts';
import { FAULTS, FLAPPING, LOSSES, PARTITION, type Pattern } from './patterns.ts';
import { gdnsd, powerdns, route53 } from './peers.ts';
import type { System } from './system.ts';

const FAST = { ...DEFAULTS, intervalMs: 1000, timeoutMs: 500, confirmMs: 200 };
const PATIENT = {
  ...DEFAULTS,
  intervalMs: 10_000,
  timeoutMs: 4000,
  fall: 5,
  failback: { mode: 'auto', afterMs: 300_000 },
} as const;

export const SYSTEMS: readonly System[] = [
  failoverd('failoverd', DEFAULTS),
  failoverd('failoverd with witnesses', { ...DEFAULTS, witnesses: true }),
  failoverd('failoverd, fast', FAST),
  failoverd('failoverd, patient', PATIENT),
  gdnsd,
  powerdns,
  route53,
];

export interface Options {
  readonly seed: string;
  readonly hours: number;
  /** Told after each cell how many hours it took to fill. */
  readonly onProgress: (hours: number) => void;
}

export function tables({ seed, hours, onProgress }: Options): string {
  const table = (corner: string, patterns: readonly Pattern[], cell: (figures: Figures) => string): string => {
    const head = [corner, ...SYSTEMS.map(({ name }) => name)];
    const rows = patterns.map((pattern) => [
      pattern.name,
      ...SYSTEMS.map((system) => {
        const figures = measure(system, pattern, hours, seed);
        onProgress(hours);
        return cell(figures);
      }),
    ]);
    return markdown([head, ...rows]);
  };
  return [
    'Parameters, and the worst case that failoverd predicts for a crash and for a hang.',
    markdown([['', 'parameters', 'predicted'], ...SYSTEMS.map(parametersOf)]),
    'Seconds from the fault to the changed answer: half of them within / 99 of 100 within / the longest.',
    table('the primary fails', FAULTS, detection),
    'Wrong flips an hour, and the part of the hours with more than two flips.',
    table('both work', [...LOSSES, PARTITION], wrongFlips),
    'Flips an hour, and the part of the time in which a dead primary was answered while the backup worked. The primary is dead half of the time.',
    table('up and down by turns', FLAPPING, restlessness),
  ].join('\n\n');
}

function markdown([head = [], ...rows]: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function parametersOf({ name, parameters, predicted }: System): readonly string[] {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  return [name, parameters, predicted ? `${seconds(predicted.crashMs)}, ${seconds(predicted.hangMs)}` : '–'];
}

function detection({ detectionsMs, missed }: Figures): string {
  if (detectionsMs.length === 0) return 'never';
  const seconds = [percentile(detectionsMs, 0.5), percentile(detectionsMs, 0.99), percentile(detectionsMs, 1)];
  const share = missed / (missed + detectionsMs.length);
  const misses = missed === 0 ? '' : ` (${percent(share)} missed)`;
  return seconds.map((ms) => (ms / 1000).toFixed(1)).join(' / ') + misses;
}

function wrongFlips({ wrongFlips, restlessHours, hours }: Figures): string {
  return `${rate(wrongFlips / hours)}, ${percent(restlessHours / hours)}`;
}

function restlessness({ flips, hours, deadShare }: Figures): string {
  return `${rate(flips / hours)}, ${percent(deadShare)}`;
}

function rate(value: number): string {
  return value === 0 ? '0' : value >= 10 ? value.toFixed(0) : value.toFixed(value >= 0.1 ? 1 : 3);
}

function percent(share: number): string {
  return share === 0 ? '0 %' : `${(100 * share).toFixed(1)} %`;
}
