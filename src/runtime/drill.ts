/** A drill: a real switch to a backup that is put to the test, and ends by itself. */
import type { Override, RecordState } from '../core/decision.ts';
import type { TargetView } from '../core/target-view.ts';
import { describeTarget, type Order } from './reason.ts';
import { type Track, type TrackContext, viewsOf } from './track.ts';

export interface DrillOrder extends Order {
  readonly forMs: number;
}

type Active = Track & { readonly state: RecordState };

/** Why a drill cannot begin, for people; null when it can. */
export function noDrill(track: Active, context: TrackContext, isBlind: boolean): string | null {
  const { state } = track;
  const views = viewsOf(track, context);
  if (state.override) return `an override to ${state.override.target} stands; release it first`;
  if (isBlind) return 'the prober is blind: it cannot tell whether a backup is up';
  if (state.allDown) return 'no target is up';
  const [primary] = views;
  if (state.activeTarget !== primary?.name)
    return `it answers with ${state.activeTarget}: a drill leaves ${primary?.name}`;
  if (drillTarget(views, state)) return null;
  const spares = views.slice(1).map((view) => `${view.name} is ${stateOf(view)}`);
  return spares.length === 0 ? 'it has no backup' : `no backup is ready: ${spares.join(', ')}`;
}

/** @param track one that {@link noDrill} has nothing against. */
export function drillOverride(track: Active, context: TrackContext, order: DrillOrder, nowEpochMs: number): Override {
  const target = drillTarget(viewsOf(track, context), track.state);
  if (!target) throw new Error(`${track.record.name} has no target for a drill`);
  const { reason, actor, forMs } = order;
  const times = { setAtEpochMs: nowEpochMs, expiresAtEpochMs: nowEpochMs + forMs };
  return { target: target.name, reason, actor, ...times, isDrill: true };
}

/** Why the drill of a record must end before its time, for people; null when it need not, or there is none. */
export function drillFailure(track: Track, context: TrackContext): string | null {
  const { record, state } = track;
  if (!state?.override?.isDrill) return null;
  const { target } = state.override;
  const spec = record.targets.find(({ name }) => name === target);
  const isDown = viewsOf(track, context).some(({ name, status }) => name === target && status === 'down');
  return isDown && spec ? `the drill is over early: ${describeTarget(spec, context.endpoints)}` : null;
}

/** The first backup in order that would be trusted with a failover. */
function drillTarget(views: readonly TargetView[], state: RecordState): TargetView | undefined {
  return views.find((view) => view.name !== state.activeTarget && stateOf(view) === 'up');
}

function stateOf({ status, drained, flapping }: TargetView): string {
  if (drained) return 'drained';
  return flapping ? 'flapping' : status;
}
