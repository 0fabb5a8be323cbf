/** What an operator may order for a record. An order that cannot be carried out is refused in words, and changes nothing. */
import type { RecordState } from '../core/decision.ts';
import { type OwnerName, shown } from '../core/name.ts';
import type { TargetView } from '../core/target-view.ts';
import type { Controller, Foreseen } from './controller.ts';
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

/** The orders, each for all families of the record. */
export interface OrderBook<Result> {
  /** Answer with this target until further notice. */
  switchTo(record: OwnerName, order: SwitchOrder): Result;
  /** Ends the override: the prober decides again, at once. */
  release(record: OwnerName, order: Order): Result;
  /** Returns to a better target that is up, without waiting for `failback.after` and in spite of `failback: manual`. */
  failback(record: OwnerName, order: Order): Result;
  /** Answers with this target no more while another is up. */
  drain(record: OwnerName, target: string, order: Order): Result;
  undrain(record: OwnerName, target: string, order: Order): Result;
  /** Answers with the first backup that is ready, for a time; ends earlier when that fails. */
  drill(record: OwnerName, order: DrillOrder): Result;
}

export interface Orders extends OrderBook<OrderResult> {
  /** What each order would do; changes nothing. */
  readonly preview: OrderBook<PreviewResult>;
  /** Of the record; null when there is none. */
  generation(record: OwnerName): number | null;
}

export interface Answered {
  /** Where the families are decided apart and differ, both. */
  readonly target: string;
  readonly addresses: readonly string[];
}

export interface Preview {
  readonly from: Answered;
  readonly wouldAnswer: Answered;
  /** What speaks against it, one line each. */
  readonly warnings: readonly string[];
}

export type PreviewResult =
  | { readonly ok: true; readonly preview: Preview }
  | { readonly ok: false; readonly problem: string };

export interface OrdersDeps {
  readonly clock: Pick<Clock, 'epochMs'>;
  readonly controller: Pick<Controller, 'tracksOf' | 'remember' | 'foresee'>;
  readonly context: TrackContext;
  /** The prober cannot trust its own network. */
  readonly isBlind: () => boolean;
}

/** What an order does to each track of its record. */
interface Work {
  /** Why it cannot be carried out; null when it can. */
  readonly check: (track: DecidedTrack) => string | null;
  readonly change: (state: RecordState, track: DecidedTrack) => RecordState;
  readonly occasion: Occasion;
}

export function createOrders(deps: OrdersDeps): Orders {
  const { controller, context } = deps;
  /** Every track is checked before any is touched. */
  const tracksFor = (record: OwnerName, { check }: Work): readonly DecidedTrack[] | string => {
    const tracks = controller.tracksOf(record);
    if (tracks.length === 0) return `there is no record ${shown(record)}`;
    const decided = tracks.filter(isDecided);
    if (decided.length < tracks.length) return 'the record waits for its first probe round; try again in 3 s';
    return decided.map(check).find((found) => found !== null) ?? decided;
  };
  const carryOut = (record: OwnerName, work: Work): OrderResult => {
    const tracks = tracksFor(record, work);
    if (typeof tracks === 'string') return { ok: false, problem: tracks };
    for (const track of tracks) controller.remember(track, work.change(track.state, track), work.occasion);
    return { ok: true };
  };
  const preview = (record: OwnerName, work: Work): PreviewResult => {
    const tracks = tracksFor(record, work);
    if (typeof tracks === 'string') return { ok: false, problem: tracks };
    const foreseen = tracks.map((track) => controller.foresee(track, work.change(track.state, track), work.occasion));
    const warnings = tracks.flatMap((track, index) =>
      warningsOf(viewsOf(track, context), foreseen[index]?.activeTarget),
    );
    const states = tracks.map(({ state }) => state);
    return { ok: true, preview: { from: answered(states), wouldAnswer: answered(foreseen), warnings } };
  };

  return {
    ...bookOf(carryOut, deps),
    preview: bookOf(preview, deps),
    generation: (record) => controller.tracksOf(record)[0]?.version.generation ?? null,
  };
}

function bookOf<Result>(
  deal: (record: OwnerName, work: Work) => Result,
  { clock, context, isBlind }: OrdersDeps,
): OrderBook<Result> {
  const views = (track: Track): readonly TargetView[] => viewsOf(track, context);
  const setDrained = (record: OwnerName, target: string, order: Order, isDrained: boolean): Result =>
    deal(record, {
      check: (track) => missing(track, target),
      change: (state) => ({
        ...state,
        drained: [...state.drained.filter((name) => name !== target), ...(isDrained ? [target] : [])],
      }),
      occasion: { ...ROUTINE, order },
    });
  return {
    switchTo: (record, order) =>
      deal(record, {
        check: (track) => missing(track, order.target) ?? (order.force ? null : notUp(order.target, views(track))),
        change: (state) => ({ ...state, override: overrideOf(order, clock.epochMs()) }),
        occasion: { ...ROUTINE, order },
      }),
    release: (record, order) =>
      deal(record, {
        check: ({ state }) => (state.override ? null : 'there is no override to release'),
        change: (state) => ({ ...state, override: null }),
        occasion: { ...ROUTINE, order, released: true },
      }),
    failback: (record, order) =>
      deal(record, {
        check: (track) => noFailback(track, views(track)),
        change: (state) => state,
        occasion: { ...ROUTINE, order, failbackOrdered: true },
      }),
    drain: (record, target, order) => setDrained(record, target, order, true),
    undrain: (record, target, order) => setDrained(record, target, order, false),
    drill: (record, order) =>
      deal(record, {
        check: (track) => noDrill(track, context, isBlind()),
        change: (state, track) => ({ ...state, override: drillOverride(track, context, order, clock.epochMs()) }),
        occasion: { ...ROUTINE, order },
      }),
  };
}

function answered(states: readonly Foreseen[]): Answered {
  const targets = new Set(states.map(({ activeTarget }) => activeTarget));
  return { target: [...targets].join(', '), addresses: states.flatMap(({ addresses }) => addresses) };
}

function warningsOf(views: readonly TargetView[], target: string | undefined): readonly string[] {
  const view = views.find(({ name }) => name === target);
  if (view === undefined) return [];
  return [
    ...(view.status === 'up' ? [] : [`${view.name} is ${view.status}`]),
    ...(view.drained ? [`${view.name} is drained`] : []),
  ];
}

type DecidedTrack = Track & { state: RecordState };

function isDecided(track: Track): track is DecidedTrack {
  return track.state !== null;
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
