import type { Outcome } from './outcome.ts';

/** An endpoint's verdict, and how far the counting towards another one has come. */
export type Health =
  | { readonly status: 'unknown'; readonly fails: number }
  | { readonly status: 'up'; readonly fails: number }
  | { readonly status: 'down'; readonly passes: number };

export interface HealthPolicy {
  /** Consecutive fails that take `up` or `unknown` to `down`. */
  readonly fall: number;
  /** Consecutive passes that take `down` to `up`. */
  readonly rise: number;
}

/** `suspect`: failing, but not yet down; the endpoint is confirmed next. `changed`: the verdict is another one. */
export type HealthEffect = 'unchanged' | 'suspect' | 'changed';

export interface HealthStep {
  readonly health: Health;
  readonly effect: HealthEffect;
}

export const UNKNOWN: Health = { status: 'unknown', fails: 0 };

/**
 * Counts one outcome. Pure and total.
 *
 * | status        | pass                        | fail                              | inconclusive |
 * |---------------|-----------------------------|-----------------------------------|--------------|
 * | unknown       | up                          | fails + 1; down when that is fall | unchanged    |
 * | up            | fails = 0                   | fails + 1; down when that is fall | unchanged    |
 * | down          | passes + 1; up when rise    | passes = 0                        | unchanged    |
 */
export function step(_health: Health, _outcome: Outcome, _policy: HealthPolicy): HealthStep {
  throw new Error('not written yet');
}
