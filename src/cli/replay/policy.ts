/** The policy that a replay tries: the config's, with what the command line says otherwise. */

import type { CheckSpec } from '../../core/check.ts';
import { parseDuration } from '../../core/duration.ts';
import type { RecordSpec } from '../../core/record.ts';
import type { Values } from '../command.ts';
import { formatDuration } from '../format.ts';
import type { Found } from '../records.ts';

export const POLICY_OPTIONS = {
  interval: { value: 'duration', help: 'from one probe to the next' },
  timeout: { value: 'duration', help: 'how long a probe may take' },
  confirm: { value: 'duration', help: 'from a failed probe to its confirmation' },
  fall: { value: 'n', help: 'fails in a row until it is down' },
  rise: { value: 'n', help: 'passes in a row until it is up again' },
  'failback-after': { value: 'duration', help: 'how long a better target must have been up' },
} as const;

/** Null: as the config has it. */
export interface Overrides {
  readonly intervalMs: number | null;
  readonly timeoutMs: number | null;
  readonly confirmMs: number | null;
  readonly fall: number | null;
  readonly rise: number | null;
  readonly failbackAfterMs: number | null;
}

export function readOverrides(given: Values<typeof POLICY_OPTIONS>): Found<Overrides> {
  const problems: string[] = [];
  const read = (name: keyof typeof POLICY_OPTIONS, parse: (text: string) => number | undefined, what: string) => {
    const text = given[name];
    const value = text === undefined ? null : parse(text);
    if (value === undefined) problems.push(`--${name} must be ${what}, found "${text}"`);
    return value ?? null;
  };
  const duration = (name: keyof typeof POLICY_OPTIONS) => read(name, positive, 'a duration such as 500ms, 10s or 5m');
  const number = (name: 'fall' | 'rise') => read(name, whole, 'a whole number above 0');
  const value = {
    intervalMs: duration('interval'),
    timeoutMs: duration('timeout'),
    confirmMs: duration('confirm'),
    fall: number('fall'),
    rise: number('rise'),
    failbackAfterMs: duration('failback-after'),
  };
  const [message] = problems;
  return message === undefined ? { ok: true, value } : { ok: false, message };
}

function positive(text: string): number | undefined {
  const ms = parseDuration(text);
  return ms === undefined || ms <= 0 ? undefined : ms;
}

function whole(text: string): number | undefined {
  const n = Number(text);
  return Number.isSafeInteger(n) && n > 0 ? n : undefined;
}

/** The record under another policy. */
export function withPolicy(record: RecordSpec, overrides: Overrides): Found<RecordSpec> {
  const targets = record.targets.map((target) => ({
    ...target,
    endpoints: target.endpoints.map((endpoint) => ({ ...endpoint, check: checkWith(endpoint.check, overrides) })),
  }));
  const slow = targets.flatMap(({ endpoints }) => endpoints).find(({ check }) => check.timeoutMs >= check.intervalMs);
  if (slow) {
    const [timeout, interval] = [slow.check.timeoutMs, slow.check.intervalMs].map(formatDuration);
    return { ok: false, message: `the timeout (${timeout}) must be shorter than the interval (${interval})` };
  }
  const afterMs = overrides.failbackAfterMs ?? record.failback.afterMs;
  return { ok: true, value: { ...record, targets, failback: { ...record.failback, afterMs } } };
}

function checkWith(check: CheckSpec, { intervalMs, timeoutMs, confirmMs, fall, rise }: Overrides): CheckSpec {
  return {
    ...check,
    intervalMs: intervalMs ?? check.intervalMs,
    timeoutMs: timeoutMs ?? check.timeoutMs,
    confirmMs: confirmMs ?? check.confirmMs,
    fall: fall ?? check.fall,
    rise: rise ?? check.rise,
  };
}
