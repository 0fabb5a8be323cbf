/**
 * Which addresses of a target are answered. Each family by itself, because a family that a target has is never
 * answered empty: where no address of it qualifies, the next best ones stand in.
 */
import type { AddressView, TargetView } from './target-view.ts';

/**
 * The addresses that are up, with those answered already that have no verdict yet, and without those that flap and are
 * not answered; in a family without any such, those that are up at all, else those that may be, else all.
 */
export function addressesToPublish(target: TargetView, answered: readonly string[]): readonly string[] {
  return byFamily(target, (view) => isGood(view, answered), isUp, mayBeUp);
}

/** The same for a target that is kept though it is down: where none is up, those that were good last stay. */
export function addressesToKeep(target: TargetView, answered: readonly string[]): readonly string[] {
  return byFamily(
    target,
    (view) => isGood(view, answered),
    isUp,
    ({ address }) => answered.includes(address),
  );
}

/** The addresses that are answered already, less those that the config has no more. */
export function addressesToHold(target: TargetView, answered: readonly string[]): readonly string[] {
  return byFamily(target, ({ address }) => answered.includes(address));
}

/** Whether two answers hold the same addresses; the order of an RRset means nothing (RFC 2181 §5). */
export function sameAddresses(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((address) => b.includes(address));
}

function isGood({ address, status, flapping }: AddressView, answered: readonly string[]): boolean {
  const isAnswered = answered.includes(address);
  return status === 'up' ? isAnswered || !flapping : status === 'unknown' && isAnswered;
}

function isUp({ status }: AddressView): boolean {
  return status === 'up';
}

function mayBeUp({ status }: AddressView): boolean {
  return status !== 'down';
}

type Qualifies = (view: AddressView) => boolean;

/** For each family those that meet the first criterion that any meets; all when none meets one. */
function byFamily(target: TargetView, ...criteria: readonly Qualifies[]): readonly string[] {
  const chosen = ([4, 6] as const).flatMap((family) => {
    const members = target.addresses.filter((view) => view.family === family);
    const criterion = criteria.find((qualifies) => members.some(qualifies));
    return criterion ? members.filter(criterion) : members;
  });
  return target.addresses.filter((view) => chosen.includes(view)).map(({ address }) => address);
}
