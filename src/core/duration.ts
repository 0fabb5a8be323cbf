/** Durations as people write them: a number and a unit. */

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads `500ms 5s 1m 1h 14d`, a number and a unit; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit] = /^(\d{1,12}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(text) ?? [];
  if (number === undefined || unit === undefined) return undefined;
  const ms = Number(number) * (UNIT_MS[unit] ?? Number.NaN);
  return Number.isInteger(Math.round(ms * 1e6) / 1e6) ? Math.round(ms) : undefined;
}

/** The shortest way to write a duration. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  const unit = ['d', 'h', 'm', 's'].find((name) => ms % (UNIT_MS[name] ?? Number.NaN) === 0) ?? 'ms';
  return `${ms / (UNIT_MS[unit] ?? Number.NaN)}${unit}`;
}
