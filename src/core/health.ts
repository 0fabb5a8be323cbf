import type { Outcome } from './outcome.ts';

/** An endpoint's verdict, and how far the counting towards another one has come. Plain data, JSON-safe. */
export type Health =
  | { readonly status: 'unknown'; readonly fails: number }
  | { readonly status: 'up'; readonly fails: number }
  | { readonly status: 'down'; readonly passes: number };

export type HealthStatus = Health['status'];

export interface HealthPolicy {
  /** Consecutive fails that take `up` or `unknown` to `down`; at least 1. */
  readonly fall: number;
  /** Consecutive passes that take `down` to `up`; at least 1. */
  readonly rise: number;
}

/**
 * `suspect`: failing, but not yet down: the endpoint is confirmed next. An inconclusive probe in the midst of a
 * confirmation leaves it suspect. `changed`: the verdict is another one.
 */
export type HealthEffect = 'unchanged' | 'suspect' | 'changed';

export interface HealthStep {
  readonly health: Health;
  readonly effect: HealthEffect;
}

export const UNKNOWN: Health = { status: 'unknown', fails: 0 };

/** The health of an endpoint whose verdict is known from before; its counting starts anew. */
export function healthOf(status: HealthStatus): Health {
  return status === 'down' ? { status, passes: 0 } : { status, fails: 0 };
}

/**
 * Counts one outcome. Pure and total.
 *
 * | status        | pass                        | fail                              | inconclusive |
 * |---------------|-----------------------------|-----------------------------------|--------------|
 * | unknown       | up                          | fails + 1; down when that is fall | unchanged    |
 * | up            | fails = 0                   | fails + 1; down when that is fall | unchanged    |
 * | down          | passes + 1; up when rise    | passes = 0                        | unchanged    |
 */
export function step(health: Health, { outcome }: Outcome, policy: HealthPolicy): HealthStep {
  const next = counted(health, outcome, policy);
  return { health: next, effect: effectOf(health, next) };
}

function counted(health: Health, outcome: Outcome['outcome'], policy: HealthPolicy): Health {
  switch (outcome) {
    case 'inconclusive':
      return health;
    case 'pass':
      return passed(health, policy.rise);
    case 'fail':
      return failed(health, policy.fall);
  }
}

function passed(health: Health, rise: number): Health {
  if (health.status !== 'down') return healthOf('up');
  const passes = health.passes + 1;
  return passes >= rise ? healthOf('up') : { status: 'down', passes };
}

function failed(health: Health, fall: number): Health {
  if (health.status === 'down') return healthOf('down');
  const fails = health.fails + 1;
  return fails >= fall ? healthOf('down') : { status: health.status, fails };
}

function effectOf(before: Health, after: Health): HealthEffect {
  if (after.status !== before.status) return 'changed';
  return after.status !== 'down' && after.fails > 0 ? 'suspect' : 'unchanged';
}
