/** From what the engine calls back to events. */
import { shown } from '../core/name.ts';
import type { ProbeReport } from '../core/outcome.ts';
import type { Transition } from '../core/transition.ts';
import type { EngineListeners } from './engine.ts';
import type { EventData, Events, ProbePoint } from './events.ts';
import type { Clock } from './ports.ts';
import type { RecordStatus } from './status.ts';
import type { Track } from './track.ts';

/** Several changes of a record within this time are one event. */
const RECORDS_EVERY_MS = 50;
/** Some 5 ms of work: what is left waits for the next turn. */
const RECORDS_A_TURN = 250;
const PROBES_EVERY_MS = 1000;

export interface EventFeedDeps {
  readonly clock: Clock;
  readonly events: Pick<Events, 'emit'>;
  /** Null while the record waits for its first decision. */
  readonly describe: (track: Track) => RecordStatus | null;
}

export interface EventFeed extends Omit<EngineListeners, 'onZone'> {
  stop(): void;
}

export function createEventFeed({ clock, events, describe }: EventFeedDeps): EventFeed {
  const changed = new Set<Track>();
  let probes: ProbePoint[] = [];
  let cancelRecords: (() => void) | null = null;
  let cancelProbes: (() => void) | null = null;

  const tellRecords = (): void => {
    const now = [...changed].slice(0, RECORDS_A_TURN);
    for (const track of now) changed.delete(track);
    cancelRecords = changed.size > 0 ? clock.setTimer(RECORDS_EVERY_MS, tellRecords) : null;
    for (const track of now) {
      const status = describe(track);
      if (status) events.emit('record', status);
    }
  };
  const tellProbes = (): void => {
    cancelProbes = null;
    const told = probes;
    probes = [];
    events.emit('probes', told);
  };

  return {
    onTransition: (transition) => events.emit('transition', transitionEvent(transition)),
    onChange(track) {
      changed.add(track);
      cancelRecords ??= clock.setTimer(RECORDS_EVERY_MS, tellRecords);
    },
    onOverride(track) {
      const status = describe(track);
      if (status) events.emit('override', { record: status.record, family: status.family, override: status.override });
    },
    onProbe(report) {
      probes.push(pointOf(report));
      cancelProbes ??= clock.setTimer(PROBES_EVERY_MS, tellProbes);
    },
    onSight: (sight) => events.emit('prober', { sight }),
    stop() {
      cancelRecords?.();
      cancelProbes?.();
    },
  };
}

function pointOf({ endpointId, startedAtEpochMs, outcome, elapsedMs }: ProbeReport): ProbePoint {
  return [endpointId, Math.round(startedAtEpochMs), outcome.outcome, Math.round(elapsedMs * 10) / 10];
}

/** As the API lists it. */
function transitionEvent(transition: Transition): EventData['transition'] {
  const { atEpochMs, firstFailAtEpochMs, evidence: _, zone: __, record, ...rest } = transition;
  return {
    at: new Date(atEpochMs).toISOString(),
    record: shown(record),
    ...rest,
    firstFailAt: firstFailAtEpochMs === null ? null : new Date(firstFailAtEpochMs).toISOString(),
  };
}
