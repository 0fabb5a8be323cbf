/** One decision unit: a record, or one address family of it where A and AAAA are decided apart. */
import type { RecordState } from '../core/decision.ts';
import { UNKNOWN } from '../core/health.ts';
import type { OwnerName } from '../core/name.ts';
import type { RecordSpec } from '../core/record.ts';
import { type Family, foldTargets, type TargetView } from '../core/target-view.ts';
import type { TransitionCause } from '../core/transition.ts';
import type { Monitor } from './monitor.ts';
import type { Clock } from './ports.ts';

export interface Track {
  readonly record: RecordSpec;
  readonly family: Family;
  /** Shared by the families of the record. `generation` rises with every config, transition and order; it never comes again, also not after a restart. */
  readonly version: { generation: number };
  /** Monotonic time since when it is decided. */
  readonly createdAtMs: number;
  /** Null until the first decision. */
  state: RecordState | null;
  /** Why it is answered: the last transition, for people. */
  last: { readonly cause: TransitionCause; readonly reason: string } | null;
  /** Ends the timer that waits for a failback, or for the first probe round. */
  cancelWait: () => void;
  /** Ends the timer of the override's expiry. */
  cancelExpiry: () => void;
}

/** One for all: a timer that is over would be kept by what cancels it, ten thousand times. */
export const NOTHING_TO_CANCEL = (): void => {};

export function createTrack(record: RecordSpec, family: Family, createdAtMs: number, version: Track['version']): Track {
  const idle = { cancelWait: NOTHING_TO_CANCEL, cancelExpiry: NOTHING_TO_CANCEL };
  return { record, family, version, createdAtMs, state: null, last: null, ...idle };
}

export function stopTimers(track: Track): void {
  track.cancelWait();
  track.cancelExpiry();
}

/** The same decision unit of another generation of the config has the same key. */
export function trackKey(record: OwnerName, family: Family): string {
  return `${record}/${family}`;
}

/** What a track's targets depend on beside its own state. */
export interface TrackContext {
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly endpoints: Pick<Monitor, 'get'>;
  /** Targets of the record that are drained beside those that an operator has drained. */
  readonly maintained: (record: OwnerName) => readonly string[];
}

/** Its targets as the decision sees them now. */
export function viewsOf(track: Track, { clock, endpoints, maintained }: TrackContext): readonly TargetView[] {
  return foldTargets(track.record, track.family, {
    healthOf: (id) => endpoints.get(id) ?? { health: UNKNOWN, stableSinceMs: null },
    drained: [...(track.state?.drained ?? []), ...maintained(track.record.name)],
    nowMs: clock.nowMs(),
  });
}

/**
 * Whether the first decision can be made: going through the targets in order, one is up before one is met that has
 * not been probed yet; or all have been probed.
 */
export function isFirstRoundOver(track: Track, views: readonly TargetView[], endpoints: Pick<Monitor, 'get'>): boolean {
  for (const target of track.record.targets) {
    const view = views.find(({ name }) => name === target.name);
    if (!view) continue;
    if (view.status === 'up') return true;
    const isProbed = target.endpoints.every(({ id }) => (endpoints.get(id)?.recent.length ?? 0) > 0);
    if (!isProbed) return false;
  }
  return true;
}
