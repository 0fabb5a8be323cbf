/** What happens, told once to everybody who listens, and kept for a while for those who come back. */
import type { Sight } from '../core/sight.ts';
import type { TransitionView } from './history-report.ts';
import type { Clock, HistoryStatus } from './ports.ts';
import type { Alarm, RecordStatus, SecondaryStatus } from './status.ts';

/** Each kind of event with what it tells. Times are ISO 8601 UTC, names without the final dot. */
export interface EventData {
  /** Something else is answered: on its way to the DNS workers. Its id in the database is not known yet. */
  readonly transition: Omit<TransitionView, 'id' | 'evidence'>;
  /** What status shows of a record has changed: the answer, its orders, a verdict of its endpoints. */
  readonly record: RecordStatus;
  /** An alarm was raised, or resolved. */
  readonly alarm: Alarm & { readonly resolvedAt: string | null };
  /** An override was ordered, or ended (null). */
  readonly override: Pick<RecordStatus, 'record' | 'family' | 'override'>;
  readonly reload: ReloadEvent;
  readonly secondary: SecondaryStatus;
  readonly prober: { readonly sight: Sight };
  /** The probes of the last second at most. */
  readonly probes: readonly ProbePoint[];
  readonly history: HistoryStatus;
}

export interface ReloadEvent {
  readonly ok: boolean;
  /** The config in force now. */
  readonly generation: number;
  /** What changed, or why nothing did; one line. */
  readonly message: string;
}

export type ProbePoint = readonly [endpoint: string, atEpochMs: number, outcome: string, elapsedMs: number];

export type EventKind = keyof EventData;

export const EVENT_KINDS = [
  'transition',
  'record',
  'alarm',
  'override',
  'reload',
  'secondary',
  'prober',
  'probes',
  'history',
] as const satisfies readonly EventKind[];

export type Event = {
  readonly [Kind in EventKind]: {
    readonly kind: Kind;
    readonly data: EventData[Kind];
    /** `<start>-<sequence>`; null for what is not kept. */
    readonly id: string | null;
  };
}[EventKind];

export interface Events {
  emit<Kind extends EventKind>(kind: Kind, data: EventData[Kind]): void;
  /** Calls back for each event from now on, in order; the returned function ends that. */
  subscribe(listener: (event: Event) => void): () => void;
  /** The events after the one with this id; null when they are not all kept any more, or it is of another run. */
  since(id: string): readonly Event[] | null;
  /** The id of the last event that is kept. */
  lastId(): string;
}

const KEPT = 1000;
/** So frequent that keeping them would push out everything else; the database has them. */
const NOT_KEPT: readonly EventKind[] = ['probes'];

export function createEvents(clock: Pick<Clock, 'epochMs'>): Events {
  const start = clock.epochMs();
  const listeners = new Set<(event: Event) => void>();
  let kept: Event[] = [];
  let sequence = 0;
  const idOf = (number: number): string => `${start}-${number}`;

  return {
    emit(kind, data) {
      const isKept = !NOT_KEPT.includes(kind);
      if (isKept) sequence += 1;
      const event = { kind, data, id: isKept ? idOf(sequence) : null } as Event;
      if (isKept) kept.push(event);
      if (kept.length > 2 * KEPT) kept = kept.slice(-KEPT);
      for (const listener of listeners) listener(event);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    since(id) {
      const [run, number] = id.split('-');
      const missed = sequence - Number(number);
      const isKnown = run === String(start) && /^\d+$/.test(number ?? '') && missed >= 0 && missed <= kept.length;
      return isKnown ? kept.slice(kept.length - missed) : null;
    },
    lastId: () => idOf(sequence),
  };
}
