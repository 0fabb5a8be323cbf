import { isFlapping, remember } from './flapping.ts';
import type { Outcome } from './outcome.ts';

/** An endpoint's verdict, and how far the counting towards another one has come. Plain data, JSON-safe. */
export type Health = Verdict & {
  /** The last 32 conclusive outcomes: see `remember`. */
  readonly recent: number;
  /** Passing and failing by turns: the verdict is not worth much. */
  readonly flapping: boolean;
};

type Verdict =
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

/** How far the counting has come: fails of `fall` of an endpoint that is not down, passes of `rise` of one that is. */
export interface Counter {
  readonly status: HealthStatus;
  readonly count: number;
  readonly of: number;
}

export interface HealthStep {
  readonly health: Health;
  /** The verdict, or whether the endpoint flaps, is another one: a reason to decide again. */
  readonly changed: boolean;
  /** The next probe is a confirmation, soon and on a fresh connection. */
  readonly suspect: boolean;
}

export const UNKNOWN: Health = { status: 'unknown', fails: 0, recent: 0, flapping: false };

/** The health of an endpoint whose verdict is known from before; its counting starts anew. */
export function healthOf(status: HealthStatus): Health {
  return { ...verdict(status), recent: 0, flapping: false };
}

export function counterOf(health: Health, { fall, rise }: HealthPolicy): Counter {
  return health.status === 'down'
    ? { status: 'down', count: health.passes, of: rise }
    : { status: health.status, count: health.fails, of: fall };
}

/**
 * Counts one outcome. Pure and total.
 *
 * | status        | pass                        | fail                              | inconclusive |
 * |---------------|-----------------------------|-----------------------------------|--------------|
 * | unknown       | up                          | fails + 1; down when that is fall | unchanged    |
 * | up            | fails = 0                   | fails + 1; down when that is fall | unchanged    |
 * | down          | passes + 1; up when rise    | passes = 0                        | unchanged    |
 *
 * An endpoint is suspect from its first fail until it is down or passes; one that flaps, until its fails are many enough
 * to be trusted all the same. An inconclusive probe in the midst of that changes nothing about it.
 */
export function step(health: Health, { outcome }: Outcome, policy: HealthPolicy): HealthStep {
  const next = outcome === 'inconclusive' ? health : counted(health, outcome, policy);
  return {
    health: next,
    changed: next.status !== health.status || next.flapping !== health.flapping,
    suspect: isSuspect(next),
  };
}

function counted(health: Health, outcome: 'pass' | 'fail', policy: HealthPolicy): Health {
  const recent = remember(health.recent, outcome);
  const next = outcome === 'pass' ? passed(health, policy.rise) : failed(health, policy.fall);
  return { ...next, recent, flapping: isFlapping(recent, policy.rise) };
}

function passed(health: Verdict, rise: number): Verdict {
  if (health.status !== 'down') return verdict('up');
  const passes = health.passes + 1;
  return passes >= rise ? verdict('up') : { status: 'down', passes };
}

function failed(health: Verdict, fall: number): Verdict {
  if (health.status === 'down') return verdict('down');
  const fails = health.fails + 1;
  return fails >= fall ? verdict('down') : { status: health.status, fails };
}

function verdict(status: HealthStatus): Verdict {
  return status === 'down' ? { status, passes: 0 } : { status, fails: 0 };
}

function isSuspect(health: Health): boolean {
  return health.status === 'down' ? health.flapping && health.passes === 0 : health.fails > 0;
}
