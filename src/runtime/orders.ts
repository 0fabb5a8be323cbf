/** What an operator may order for a record. An order that cannot be carried out is refused in words, and changes nothing. */
import type { RecordState } from '../core/decision.ts';
import type { OwnerName } from '../core/name.ts';
import type { TargetView } from '../core/target-view.ts';
import type { Controller } from './controller.ts';
import { type DrillOrder, drillOverride, noDrill } from './drill.ts';
import { type Occasion, ROUTINE } from './evaluate.ts';
import type { Clock } from './ports.ts';
import type { Order } from './reason.ts';
import { type Track, type TrackContext, viewsOf } from './track.ts';

export interface SwitchOrder extends Order {
  readonly target: string;
  /** Ends by itself after this time; null: stands until it is released. */
  readonly forMs: number | null;
  /** Also to a target that is not up. */
  readonly force: boolean;
}

export type OrderResult = { readonly ok: true } | { readonly ok: false; readonly problem: string };

/** Each order concerns all families of the record. */
export interface Orders {
  /** Answer with this target until further notice. */
  switchTo(record: OwnerName, order: SwitchOrder): OrderResult;
  /** Ends the override: the prober decides again, at once. */
  release(record: OwnerName, order: Order): OrderResult;
  /** Returns to a better target that is up, without waiting for `failback.after` and in spite of `failback: manual`. */
  failback(record: OwnerName, order: Order): OrderResult;
  /** Answers with this target no more while another is up. */
  drain(record: OwnerName, target: string, order: Order): OrderResult;
  undrain(record: OwnerName, target: string, order: Order): OrderResult;
  /** Answers with the first backup that is ready, for a time; ends earlier when that fails. */
  drill(record: OwnerName, order: DrillOrder): OrderResult;
}

export interface OrdersDeps {
  readonly clock: Pick<Clock, 'epochMs'>;
  readonly controller: Pick<Controller, 'tracksOf' | 'remember'>;
  readonly context: TrackContext;
  /** The prober cannot trust its own network. */
  readonly isBlind: () => boolean;
}

const DONE: OrderResult = { ok: true };

export function createOrders({ clock, controller, context, isBlind }: OrdersDeps): Orders {
  const views = (track: Track): readonly TargetView[] => viewsOf(track, context);

  /** Checks every track before it touches any. */
  const carryOut = (
    record: OwnerName,
    check: (track: DecidedTrack) => string | null,
    change: (state: RecordState, track: DecidedTrack) => RecordState,
    occasion: Occasion,
  ): OrderResult => {
    const tracks = controller.tracksOf(record);
    if (tracks.length === 0) return refused(`there is no record ${record.replace(/\.$/, '')}`);
    const decided = tracks.filter(isDecided);
    if (decided.length < tracks.length) return refused('the record waits for its first probe round; try again in 3 s');
    const problem = decided.map(check).find((found) => found !== null);
    if (problem) return refused(problem);
    for (const track of decided) controller.remember(track, change(track.state, track), occasion);
    return DONE;
  };

  const setDrained = (record: OwnerName, target: string, order: Order, isDrained: boolean): OrderResult =>
    carryOut(
      record,
      (track) => missing(track, target),
      (state) => ({
        ...state,
        drained: [...state.drained.filter((name) => name !== target), ...(isDrained ? [target] : [])],
      }),
      { ...ROUTINE, order },
    );

  return {
    switchTo: (record, order) =>
      carryOut(
        record,
        (track) => missing(track, order.target) ?? (order.force ? null : notUp(order.target, views(track))),
        (state) => ({ ...state, override: overrideOf(order, clock.epochMs()) }),
        { ...ROUTINE, order },
      ),
    release: (record, order) =>
      carryOut(
        record,
        ({ state }) => (state.override ? null : 'there is no override to release'),
        (state) => ({ ...state, override: null }),
        { ...ROUTINE, order, released: true },
      ),
    failback: (record, order) =>
      carryOut(
        record,
        (track) => noFailback(track, views(track)),
        (state) => state,
        { ...ROUTINE, order, failbackOrdered: true },
      ),
    drain: (record, target, order) => setDrained(record, target, order, true),
    undrain: (record, target, order) => setDrained(record, target, order, false),
    drill: (record, order) =>
      carryOut(
        record,
        (track) => noDrill(track, context, isBlind()),
        (state, track) => ({ ...state, override: drillOverride(track, context, order, clock.epochMs()) }),
        { ...ROUTINE, order },
      ),
  };
}

type DecidedTrack = Track & { state: RecordState };

function isDecided(track: Track): track is DecidedTrack {
  return track.state !== null;
}

function refused(problem: string): OrderResult {
  return { ok: false, problem };
}

function overrideOf({ target, reason, actor, forMs }: SwitchOrder, nowEpochMs: number): RecordState['override'] {
  return {
    target,
    reason,
    actor,
    setAtEpochMs: nowEpochMs,
    expiresAtEpochMs: forMs === null ? null : nowEpochMs + forMs,
    isDrill: false,
  };
}

function missing({ record }: Track, target: string): string | null {
  const names = record.targets.map(({ name }) => name);
  return names.includes(target) ? null : `there is no target "${target}"; the record has ${names.join(', ')}`;
}

function notUp(target: string, views: readonly TargetView[]): string | null {
  const view = views.find(({ name }) => name === target);
  return view === undefined || view.status === 'up'
    ? null
    : `${target} is ${view.status}; force the switch if you must`;
}

function noFailback({ state }: DecidedTrack, views: readonly TargetView[]): string | null {
  if (state.override) return `an override to ${state.override.target} stands; release it first`;
  const active = views.findIndex(({ name }) => name === state.activeTarget);
  const better = views.slice(0, Math.max(active, 0)).find(({ status, drained }) => status === 'up' && !drained);
  return better ? null : `no target that is better than ${state.activeTarget} is up`;
}
