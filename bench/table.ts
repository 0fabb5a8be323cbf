/** Medians of the runs, as a table for people. */
import type { Measurement } from './measure.ts';

const COLUMNS = {
  'cpu µs': (m) => m.cpuUs.toFixed(2),
  '× c-echo': (m, floorUs) => (m.cpuUs / floorUs).toFixed(2),
  'user µs': (m) => m.userUs.toFixed(2),
  'q/s': (m) => m.queriesPerSecond.toFixed(0),
  'p50 µs': (m) => m.latencyUs.p50.toFixed(0),
  'p99 µs': (m) => m.latencyUs.p99.toFixed(0),
  'p99.9 µs': (m) => m.latencyUs.p999.toFixed(0),
  'max µs': (m) => m.latencyUs.max.toFixed(0),
  'wire p99 µs': (m) => m.wireUs?.p99.toFixed(0) ?? '–',
  'lost %': (m) => ((100 * m.lost) / m.sent).toFixed(3),
  'NXDOMAIN %': (m) => ((100 * (m.rcodes[3] ?? 0)) / m.answered).toFixed(1),
  'client µs': (m) => m.clientCpuUs.toFixed(2),
  MiB: (m) => m.residentMib.toFixed(0),
  'busy other': (m) => m.busyOther.toFixed(2),
} satisfies Record<string, (measurement: Measurement, floorUs: number) => string>;

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return ((sorted[middle] ?? Number.NaN) + (sorted[sorted.length - 1 - middle] ?? Number.NaN)) / 2;
}

/** The median of every number in equally shaped values. */
function medianOf<T>(values: readonly T[]): T {
  const first = values[0] as T;
  if (typeof first === 'number') return median(values as readonly number[]) as T;
  if (typeof first !== 'object' || first === null) return first as T;
  const keys = Object.keys(first) as (keyof T)[];
  const entries = keys.map((key) => [key, medianOf(values.map((value) => value[key]))]);
  return (Array.isArray(first) ? entries.map(([, value]) => value) : Object.fromEntries(entries)) as T;
}

/** One measurement for each name: the median of its runs, figure by figure. */
export function medians(names: readonly string[], runs: readonly Measurement[]): Measurement[] {
  return names.map((name) => medianOf(runs.filter((run) => run.name === name)));
}

/** A Markdown table. Ratios are to `c-echo` where it was measured. */
export function formatTable(measurements: readonly Measurement[]): string {
  const floorUs = measurements.find(({ name }) => name === 'c-echo')?.cpuUs ?? Number.NaN;
  const head = ['server', ...Object.keys(COLUMNS)];
  const rows = measurements.map((m) => [
    m.name,
    ...Object.values(COLUMNS).map((format) => format(m, floorUs).replace('NaN', '–')),
  ]);
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}
