/** What is answered for a record. The decision table, in one pure function. */
import { addressesToHold, addressesToKeep, addressesToPublish, sameAddresses } from './answer.ts';
import { failbackHoldMs } from './failback.ts';
import type { AllDownPolicy, FailbackPolicy } from './record.ts';
import type { TargetView } from './target-view.ts';
import type { TransitionCause } from './transition.ts';

/** An operator's order to answer with a named target. */
export interface Override {
  readonly target: string;
  readonly reason: string;
  readonly actor: string;
  readonly setAtEpochMs: number;
  /** Wall time, for people and for a restart; the runtime ends it by the monotonic clock. */
  readonly expiresAtEpochMs: number | null;
  /** A drill: it ends as soon as its target fails, and the record then returns at once. */
  readonly isDrill: boolean;
}

/** What is answered for a record (or for one of its families), and what is remembered between decisions. Plain data, JSON-safe. */
export interface RecordState {
  readonly activeTarget: string;
  /** What is published now. Empty only under `all_down: nodata`. */
  readonly addresses: readonly string[];
  /** Whether `all_down` decides what is answered. */
  readonly allDown: boolean;
  /** When the last transition was. */
  readonly sinceEpochMs: number;
  readonly override: Override | null;
  readonly drained: readonly string[];
  /** How often a failback was soon followed by another failover: doubles `failback.after` each time, up to 1 h. */
  readonly failbackPenalty: number;
  /** The failback that brought the record to where it still is; null when something else did. */
  readonly lastFailback: Moment | null;
}

/** One instant on both clocks: what is compared is monotonic, what is written down is wall time. */
export interface Moment {
  readonly nowMs: number;
  readonly epochMs: number;
}

export interface DecisionInput {
  /** In order of preference; the first is the primary. Never empty. */
  readonly targets: readonly TargetView[];
  readonly allDown: AllDownPolicy;
  readonly failback: FailbackPolicy;
  /** The override's target, or null. One that is not among the targets is no override. */
  readonly override: string | null;
  /** The prober cannot trust its own network, and `on_blind` is `hold`. */
  readonly blind: boolean;
  /** An operator asked for the failback now: it waits for neither `failback.after` nor `manual`. */
  readonly failbackOrdered: boolean;
  /** An override has just ended, by order or by its expiry: what follows from that at once has the cause `release`. */
  readonly released: boolean;
}

/** `recheckInMs`: when a failback that is being waited for may be due; null when nothing is waited for. */
export interface Keep {
  readonly kind: 'keep';
  readonly recheckInMs: number | null;
}

export interface Change {
  readonly kind: 'change';
  readonly cause: TransitionCause;
  readonly target: string;
  readonly addresses: readonly string[];
  readonly allDown: boolean;
  /** The number of the row of the table that fired; null at the start. */
  readonly row: number | null;
  /** That row, in its words. */
  readonly rule: string;
}

export type Decision = Keep | Change;

/** What the rules look at. */
interface Situation {
  readonly input: DecisionInput;
  readonly current: RecordState;
  /** The active target; undefined when the config has it no more. */
  readonly active: TargetView | undefined;
  /** The targets that may become active, in order: up and not drained, or, only when there is none, up and drained. */
  readonly usable: readonly TargetView[];
}

const HOLD: Keep = { kind: 'keep', recheckInMs: null };

/**
 * Decides what is answered. Pure and total. The first row that fits fires; a row whose result is what is answered
 * already is no transition. Deciding again with the same input after a transition keeps it.
 *
 * |  # | override | prober | targets                                            | active target becomes                  | cause      |
 * |----|----------|--------|----------------------------------------------------|----------------------------------------|------------|
 * |  1 | set      | any    | any                                                | the override's target                  | override   |
 * |  2 | none     | any    | active drained, another up and not drained         | the first such in order, at once       | config     |
 * |  3 | none     | blind  | any                                                | unchanged                              | –          |
 * |  4 | none     | ok     | active down but flapping, and so is all that is up | unchanged                              | –          |
 * |  5 | none     | ok     | none up, some without a verdict                    | unchanged                              | –          |
 * |  6 | none     | ok     | none up                                            | by `all_down`                          | all_down   |
 * |  7 | none     | ok     | one up again after all were down                   | the first up in order, at once         | recovered  |
 * |  8 | none     | ok     | active without a verdict                           | unchanged                              | –          |
 * |  9 | none     | ok     | active down, another up                            | the first up in order, at once         | failover   |
 * | 10 | none     | ok     | active up, a better one up and `failback` ordered  | the better one                         | failback   |
 * | 11 | none     | ok     | the same, not ordered, `failback: manual`          | unchanged                              | –          |
 * | 12 | none     | ok     | a better one up for `failback.after` without a fail| the better one                         | failback   |
 * | 13 | none     | ok     | active up, and no better target is ready           | unchanged                              | –          |
 *
 * - "Up" in rows 7 to 13 means up and not drained; a drained target counts only when no other is up. In row 12 a target
 *   that flaps is not ready.
 * - Row 4 also holds an `all_down: keep` when the target that was kept flaps: nothing else up is better than it.
 * - Where the active target stays (rows 1 and 13), its answer follows its addresses: one that goes down leaves it
 *   (`failover`), one that comes up joins it (`recovered`).
 * - What follows at once from the end of an override has the cause `release`, but in row 6.
 * - "Unchanged" in rows 3, 4, 5 and 8 stops at the config: a target or an address that it has no more is answered no more
 *   (`config`). Where another is up, row 9 leaves such a target (`config`).
 */
export function decide(input: DecisionInput, current: RecordState): Decision {
  const active = input.targets.find(({ name }) => name === current.activeTarget);
  const decision = byTable({ input, current, active, usable: usableOf(input.targets) });
  const isRelease = input.released && decision.kind === 'change' && !decision.allDown;
  return isRelease ? { ...decision, cause: 'release' } : decision;
}

/** What a record without a persisted state starts with: the first target in order whose probe passed, else the primary. */
export function decideStart(targets: readonly TargetView[]): Change {
  const passed = usableOf(targets)[0];
  const target = passed ?? first(targets);
  return {
    kind: 'change',
    cause: 'start',
    target: target.name,
    addresses: addressesToPublish(target, []),
    allDown: false,
    row: null,
    rule: passed ? 'start: the first target in order whose probe passed' : 'start: no probe passed, the primary',
  };
}

function byTable(situation: Situation): Decision {
  const { input, current, active, usable } = situation;
  const [best] = usable;
  const ordered = input.targets.find(({ name }) => name === input.override);
  if (ordered) return override(situation, ordered);
  if (active?.drained && best && !best.drained) {
    return move(current, best, 'config', 2, 'active drained, another up: the first up in order, at once');
  }
  if (input.blind) return hold(situation, 3, 'prober blind: unchanged');
  if (isTossUp(situation)) return hold(situation, 4, 'active flapping, and so is all that is up: unchanged');
  if (!best) return noneUp(situation);
  if (current.allDown)
    return move(current, best, 'recovered', 7, 'up again after all were down: the first up in order');
  switch (active?.status) {
    case undefined:
      return move(current, best, 'config', 9, 'active not in the config: the first up in order');
    case 'unknown':
      return hold(situation, 8, 'active without a verdict: unchanged');
    case 'down':
      return move(current, best, 'failover', 9, 'active down, another up: the first up in order, at once');
    case 'up':
      return activeUp(situation, active);
  }
}

/** Row 4: the active target looks down, but it flaps, and there is none that does not. */
function isTossUp({ input, current, active, usable }: Situation): boolean {
  const isDown = current.allDown ? input.allDown === 'keep' : active?.status === 'down';
  return isDown && active?.flapping === true && usable.every(({ flapping }) => flapping);
}

function override({ input, current, active }: Situation, ordered: TargetView): Decision {
  const isNew = ordered !== active || current.allDown;
  if (isNew) return move(current, ordered, 'override', 1, "override: the override's target");
  const choose = input.blind ? addressesToHold : addressesToPublish;
  return stay(current, ordered, choose(ordered, current.addresses), 1);
}

/** Rows 10 to 13. */
function activeUp({ input, current }: Situation, active: TargetView): Decision {
  const better = input.targets
    .slice(0, input.targets.indexOf(active))
    .filter(({ status, drained }) => status === 'up' && !drained);
  const [preferred] = better;
  if (preferred && input.failbackOrdered) {
    return move(current, preferred, 'failback', 10, 'failback ordered, a better one up: the better one');
  }
  const holdMs = failbackHoldMs(input.failback, current.failbackPenalty);
  const waiting = input.failback.mode === 'auto' ? better.filter(({ flapping }) => !flapping) : [];
  const ready = waiting.find(({ stableMs }) => stableMs >= holdMs);
  if (ready) {
    return move(current, ready, 'failback', 12, 'a better one up for failback.after without a fail: the better one');
  }
  const decision = stay(current, active, addressesToPublish(active, current.addresses), 13);
  if (decision.kind === 'change' || waiting.length === 0) return decision;
  return { kind: 'keep', recheckInMs: holdMs - Math.max(...waiting.map(({ stableMs }) => stableMs)) };
}

/** Rows 5 and 6. */
function noneUp(situation: Situation): Decision {
  const hasAllVerdicts = situation.input.targets.every(({ status }) => status === 'down');
  return hasAllVerdicts ? allDown(situation, 6) : hold(situation, 5, 'none up, some without a verdict: unchanged');
}

/**
 * Row 6: none is up, so the policy says what is answered. A drained target only when all are.
 * @param row the one that fired: another one where its "unchanged" keeps what row 6 answered before.
 */
function allDown({ input, current, active }: Situation, row: number): Decision {
  const isHeld = row !== 6;
  const undrained = input.targets.filter(({ drained }) => !drained);
  const pool = undrained.length > 0 ? undrained : input.targets;
  const primary = first(pool);
  const stays = active ?? primary;
  const answer = (target: TargetView, addresses: readonly string[]): Decision =>
    change(current, {
      cause: 'all_down',
      target: target.name,
      addresses,
      allDown: true,
      row,
      rule: `none up: all_down ${input.allDown}`,
    });
  const keep = isHeld ? addressesToHold : addressesToKeep;
  const publish = isHeld ? addressesToHold : addressesToPublish;
  switch (input.allDown) {
    case 'keep':
      return answer(stays, keep(stays, current.addresses));
    case 'primary':
      return answer(primary, publish(primary, current.addresses));
    case 'backup': {
      const backup = pool.find((target) => target !== input.targets[0]) ?? primary;
      return answer(backup, publish(backup, current.addresses));
    }
    case 'all':
      return answer(stays, allAddresses(pool));
    case 'nodata':
      return answer(stays, isHeld && current.addresses.length > 0 ? addressesToHold(stays, current.addresses) : []);
  }
}

/** Changes nothing but what the config no longer allows: a target, an address or a policy that it does not have. */
function hold(situation: Situation, row: number, rule: string): Decision {
  const { input, current, active, usable } = situation;
  if (!active) {
    const next = usable[0] ?? input.targets.find(({ status }) => status === 'unknown') ?? first(input.targets);
    return move(current, next, 'config', row, `active not in the config; ${rule}`);
  }
  return current.allDown
    ? allDown(situation, row)
    : stay(current, active, addressesToHold(active, current.addresses), row);
}

/** The same target, with the addresses of it that are answered now. */
function stay(current: RecordState, target: TargetView, addresses: readonly string[], row: number): Decision {
  const because = (cause: TransitionCause, rule: string): Decision =>
    change(current, { cause, target: target.name, addresses, allDown: false, row, rule });
  if (!sameAddresses(current.addresses, addressesToHold(target, current.addresses))) {
    return because('config', 'an answered address is not in the config');
  }
  return current.addresses.every((address) => addresses.includes(address))
    ? because('recovered', 'an address of the active target is up: it joins the answer')
    : because('failover', 'an address of the active target is down: it leaves the answer');
}

function move(current: RecordState, target: TargetView, cause: TransitionCause, row: number, rule: string): Decision {
  const addresses = addressesToPublish(target, current.addresses);
  return change(current, { cause, target: target.name, addresses, allDown: false, row, rule });
}

/** A transition, unless it is what is answered already. */
function change(current: RecordState, next: Omit<Change, 'kind'>): Decision {
  const isSame =
    next.target === current.activeTarget &&
    next.allDown === current.allDown &&
    sameAddresses(next.addresses, current.addresses);
  return isSame ? HOLD : { kind: 'change', ...next };
}

function usableOf(targets: readonly TargetView[]): readonly TargetView[] {
  const up = targets.filter(({ status }) => status === 'up');
  const undrained = up.filter(({ drained }) => !drained);
  return undrained.length > 0 ? undrained : up;
}

function allAddresses(targets: readonly TargetView[]): readonly string[] {
  return [...new Set(targets.flatMap(({ addresses }) => addresses.map(({ address }) => address)))];
}

/** @throws RangeError when there is none: a record without a target is a bug of the caller. */
function first(targets: readonly TargetView[]): TargetView {
  const [target] = targets;
  if (!target) throw new RangeError('a record must have at least one target');
  return target;
}
