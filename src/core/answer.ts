/**
 * Which addresses of a target are answered. Each family by itself, because a family that a target has is never
 * answered empty: where no address of it qualifies, the next best ones stand in.
 */
import type { AddressView, TargetView } from './target-view.ts';

/** The addresses that are up, with those answered already that have no verdict yet; all of a family in which there is none. */
export function addressesToPublish(target: TargetView, answered: readonly string[]): readonly string[] {
  return byFamily(target, (view) => live(view, answered));
}

/** The same for a target that is kept though it is down: where none is up, those that were good last stay. */
export function addressesToKeep(target: TargetView, answered: readonly string[]): readonly string[] {
  return byFamily(
    target,
    (view) => live(view, answered),
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

function live({ address, status }: AddressView, answered: readonly string[]): boolean {
  return status === 'up' || (status === 'unknown' && answered.includes(address));
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
