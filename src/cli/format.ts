/** How times and names look to people. */

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** The two largest units of a duration: `3m 12s`, `14d 3h`, `5s`; below a second `850ms`. */
export function formatDuration(durationMs: number): string {
  const wholeMs = Math.max(Math.round(durationMs), 0);
  if (wholeMs < 1000) return `${wholeMs}ms`;
  const first = UNITS.findIndex(([, unitMs]) => wholeMs >= unitMs);
  let restMs = wholeMs;
  const parts: string[] = [];
  for (const [unit, unitMs] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(restMs / unitMs);
    if (count > 0) parts.push(`${count}${unit}`);
    restMs -= count * unitMs;
  }
  return parts.join(' ');
}

/** `3m 12s ago`; `now` for less than a second, also where the other clock is ahead. */
export function formatAge(durationMs: number): string {
  return durationMs < 1000 ? 'now' : `${formatDuration(durationMs)} ago`;
}

/** What was measured: `3.3 s`. */
export function formatSeconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}

/** A bound that was computed: `13.3 s`, rounded up so that it stays one. */
export function formatBound(durationMs: number): string {
  return formatSeconds(Math.ceil(durationMs / 100) * 100);
}

/** What was measured: `12.3 ms`. */
export function formatMilliseconds(durationMs: number): string {
  return `${durationMs.toFixed(1)} ms`;
}

/** `2026-01-31 12:00:41Z`, in UTC. */
export function formatTime(epochMs: number): string {
  return new Date(epochMs)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
}

/** `1 record`, `2 records` */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
