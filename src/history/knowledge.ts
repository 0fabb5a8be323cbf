import type { CommitEntry, RestoredState, StoredRecordState } from '../runtime/ports.ts';
import { nameToText } from './rows.ts';
import type { Knowledge } from './writer.ts';

/** The present as the main thread knows it: what a database that has lost it is told. */
export interface Present {
  restored(state: RestoredState): void;
  committed(entry: CommitEntry): void;
  knowledge(): Knowledge;
}

export function createPresent(): Present {
  const states = new Map<string, StoredRecordState>();
  const serials = new Map<string, number>();
  const keep = (state: StoredRecordState): void => {
    states.set(`${state.record} ${state.family}`, state);
  };

  return {
    restored(state) {
      for (const stored of state.records.values()) stored.forEach(keep);
      for (const [zone, serial] of state.serials) serials.set(nameToText(zone), serial);
    },
    committed({ transition, state, serial }) {
      if (state !== null) keep(state);
      if (serial) serials.set(nameToText(serial.zone), serial.serial);
      if (transition !== null) serials.set(nameToText(transition.zone), transition.serial);
    },
    knowledge: () => ({ states: [...states.values()], serials: [...serials] }),
  };
}
