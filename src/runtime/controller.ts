import type { RecordState } from '../core/decision.ts';
import type { OwnerName } from '../core/name.ts';
import type { RecordSpec } from '../core/record.ts';
import { restoreState } from '../core/record-state.ts';
import { type Family, familiesOf } from '../core/target-view.ts';
import { drillFailure } from './drill.ts';
import { type EvaluateDeps, evaluate, foresee, type Occasion, ROUTINE } from './evaluate.ts';
import type { RestoredRecordState, RestoredState, StoredRecordState } from './ports.ts';
import type { Publication } from './publisher.ts';
import { createTrack, stopTimers, type Track, trackKey } from './track.ts';

const FAMILIES: readonly Family[] = ['', '4', '6'];
/** A drill does not end while the prober is blind, for nothing flips then: it is looked at again after so long. */
const DRILL_RECHECK_MS = 1000;
const DRILL_OVER = 'the drill is over';

export interface ControllerDeps extends EvaluateDeps {
  /** Takes each transition of a record that runs. */
  readonly publish: (publication: Publication) => void;
  /** Keeps a state that changed without a transition. */
  readonly save: (state: StoredRecordState) => void;
  /** Called after each look at a record, whether anything changed or not. */
  readonly onDecided: (track: Track) => void;
  /** Called when something that shows of a record has changed; not for what a new config changes. */
  readonly onChange: (track: Track) => void;
  /** Called when an override was ordered, or has ended. */
  readonly onOverride: (track: Track) => void;
}

export type Foreseen = Pick<RecordState, 'activeTarget' | 'addresses'>;

/** Decides for every record, whenever something that it depends on changes. */
export interface Controller {
  /**
   * Makes these the records that are decided. Those that were decided before keep what they answer, as far as the config
   * still has it; the others take it from `restored`, or wait for their first probe round.
   * @returns the transitions that follow from the change itself, not yet published.
   */
  setRecords(records: readonly RecordSpec[], restored: RestoredState | null): readonly Publication[];
  /** Looks again at the records that depend on an endpoint. */
  endpointChanged(endpointId: string): void;
  /** Looks again at one record. */
  lookAt(record: OwnerName): void;
  /** Looks again at every record. */
  lookAtAll(): void;
  /** Changes what is remembered of a record by an operator's order, and decides anew with it. */
  remember(track: Track, state: RecordState, occasion: Occasion): void;
  /** What would be answered if it were remembered. */
  foresee(track: Track, state: RecordState, occasion: Occasion): Foreseen;
  tracks(): readonly Track[];
  /** The tracks of one record: one, or one for each family. */
  tracksOf(record: OwnerName): readonly Track[];
  stop(): void;
}

export function createController(deps: ControllerDeps): Controller {
  let tracks = new Map<string, Track>();
  let byEndpoint = new Map<string, Track[]>();

  const decideNow = (track: Track, occasion: Occasion): Publication | null => {
    const publication = evaluate(track, occasion, deps, () => look(track));
    deps.onDecided(track);
    return publication;
  };
  const look = (track: Track): void => {
    const failure = deps.isBlind() ? null : drillFailure(track, deps);
    if (failure !== null) {
      endOverride(track, failure);
      return;
    }
    const publication = decideNow(track, ROUTINE);
    if (!publication) return;
    deps.publish(publication);
    changed(track);
  };
  const changed = (track: Track): void => {
    track.version.generation += 1;
    deps.onChange(track);
  };
  const remember = (track: Track, state: RecordState, occasion: Occasion): void => {
    const isOverride = track.state?.override !== state.override;
    const endsDrill = track.state?.override?.isDrill === true && !state.override;
    track.state = state;
    armExpiry(track);
    const publication = decideNow(track, endsDrill ? afterDrill(occasion) : occasion);
    if (publication) deps.publish(publication);
    else deps.save({ record: track.record.name, family: track.family, state });
    changed(track);
    if (isOverride) deps.onOverride(track);
  };
  const endOverride = (track: Track, drillEnded: string | null): void => {
    if (track.state) remember(track, { ...track.state, override: null }, { ...ROUTINE, released: true, drillEnded });
  };
  const armExpiry = (track: Track): void => {
    track.cancelExpiry();
    const expiresAtEpochMs = track.state?.override?.expiresAtEpochMs ?? null;
    if (expiresAtEpochMs === null) return;
    const isDrill = track.state?.override?.isDrill === true;
    const expire = (): void => {
      if (isDrill && deps.isBlind()) track.cancelExpiry = deps.clock.setTimer(DRILL_RECHECK_MS, expire);
      else endOverride(track, isDrill ? DRILL_OVER : null);
    };
    track.cancelExpiry = deps.clock.setTimer(expiresAtEpochMs - deps.clock.epochMs(), expire);
  };

  const tracksOf = (record: OwnerName): readonly Track[] =>
    FAMILIES.flatMap((family) => tracks.get(trackKey(record, family)) ?? []);

  return {
    setRecords(records, restored) {
      const before = tracks;
      for (const track of before.values()) stopTimers(track);
      tracks = createTracks(records, before, deps.clock);
      byEndpoint = indexByEndpoint(tracks.values());
      return [...tracks].flatMap(([key, track]) => {
        const known = before.get(key) ?? restored?.records.get(track.record.name)?.find(isOf(track)) ?? null;
        const { released, isDrill } = inherit(track, known, deps);
        armExpiry(track);
        const occasion = { ...ROUTINE, released };
        return decideNow(track, isDrill ? afterDrill(occasion) : occasion) ?? [];
      });
    },
    endpointChanged(endpointId) {
      for (const track of byEndpoint.get(endpointId) ?? []) {
        look(track);
        deps.onChange(track);
      }
    },
    lookAt(record) {
      for (const track of tracksOf(record)) {
        look(track);
        deps.onChange(track);
      }
    },
    lookAtAll() {
      for (const track of tracks.values()) look(track);
    },
    remember,
    foresee: (track, state, occasion) => foresee(track, state, occasion, deps),
    tracks: () => [...tracks.values()],
    tracksOf,
    stop() {
      for (const track of tracks.values()) stopTimers(track);
    },
  };
}

function createTracks(
  records: readonly RecordSpec[],
  before: ReadonlyMap<string, Track>,
  clock: EvaluateDeps['clock'],
): Map<string, Track> {
  const versionOf = ({ name }: RecordSpec): Track['version'] => {
    const known = FAMILIES.map((family) => before.get(trackKey(name, family))).find((track) => track !== undefined);
    return { generation: (known?.version.generation ?? clock.epochMs()) + 1 };
  };
  const tracks = records.flatMap((record) => {
    const version = versionOf(record);
    return familiesOf(record).map((family) => createTrack(record, family, clock.nowMs(), version));
  });
  return new Map(tracks.map((track) => [trackKey(track.record.name, track.family), track]));
}

function isOf(track: Track): (stored: RestoredRecordState) => boolean {
  return ({ family }) => family === track.family;
}

/** Takes over what the same record answered under the config before, or before the restart. */
function inherit(
  track: Track,
  known: Track | RestoredRecordState | null,
  { clock }: EvaluateDeps,
): { readonly released: boolean; readonly isDrill: boolean } {
  if (!known?.state) return { released: false, isDrill: false };
  const at = { nowMs: clock.nowMs(), epochMs: clock.epochMs() };
  track.state = restoreState(known.state, track.record.targets, at);
  track.last = 'last' in known ? known.last : known.lastTransition;
  const released = known.state.override !== null && track.state.override === null;
  return { released, isDrill: released && known.state.override?.isDrill === true };
}

/** Whatever ended a drill: the record returns at once, as a failback that was ordered does. */
function afterDrill(occasion: Occasion): Occasion {
  const drillEnded = occasion.drillEnded ?? occasion.order?.reason ?? DRILL_OVER;
  return { ...occasion, failbackOrdered: true, drillEnded };
}

/** Which tracks an endpoint matters to; each once, however many of its targets have the endpoint. */
function indexByEndpoint(tracks: Iterable<Track>): Map<string, Track[]> {
  const index = new Map<string, Track[]>();
  for (const track of tracks) {
    for (const { endpoints } of track.record.targets) {
      for (const { id } of endpoints) {
        const dependents = index.get(id);
        if (!dependents) index.set(id, [track]);
        else if (dependents.at(-1) !== track) dependents.push(track);
      }
    }
  }
  for (const [id, dependents] of index) index.set(id, [...dependents]); // V8 leaves room for sixteen more in each
  return index;
}
