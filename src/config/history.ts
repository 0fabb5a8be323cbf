/** The section `history`: how long what happened is kept. */
import type * as z from 'zod';
import type { HistorySpec } from './config.ts';
import { duration, section, wordOr } from './values.ts';

export const historySchema = section({
  /** Each probe. */
  probes: duration('1m', '3650d').default(14 * 86_400_000),
  /** Each transition. */
  transitions: wordOr('forever', duration('1d', '36500d')).default('forever'),
}).prefault({});

export function resolveHistory({ probes, transitions }: z.output<typeof historySchema>): HistorySpec {
  return { probesMs: probes, transitionsMs: transitions };
}
