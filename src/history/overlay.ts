import type { OutboxChange, OutboxItem, RestoredOutbox } from '../runtime/outbox.ts';
import type { CommitEntry, RestoredRecordState, RestoredState } from '../runtime/ports.ts';

/** The state as it will be restored once these commits are in the database, in their order; for a start while they cannot be written. */
export function overlay(state: RestoredState, entries: readonly CommitEntry[]): RestoredState {
  const records = new Map(state.records);
  const serials = new Map(state.serials);
  const zones = new Map(state.zones);
  let { outbox = { pending: [], alarms: [] } } = state;
  for (const { transition, state: after, serial, published, outbox: changes } of entries) {
    if (after !== null) records.set(after.record, withState(records.get(after.record) ?? [], after, transition));
    for (const { zone, serial: given } of [transition, serial].filter((each) => each != null)) serials.set(zone, given);
    // Its secondaries are sent it whole once, instead of a change that follows on what is not there yet.
    if (published) zones.delete(published.zone);
    outbox = (changes ?? []).reduce(withChange, outbox);
  }
  return { ...state, records, serials, zones, outbox };
}

function withState(
  before: readonly RestoredRecordState[],
  after: NonNullable<CommitEntry['state']>,
  transition: CommitEntry['transition'],
): readonly RestoredRecordState[] {
  const isOther = ({ family }: RestoredRecordState): boolean => family !== after.family;
  const lastTransition = transition ?? before.find((state) => !isOther(state))?.lastTransition ?? null;
  return [...before.filter(isOther), { ...after, lastTransition }];
}

function withChange({ pending, alarms }: RestoredOutbox, change: OutboxChange): RestoredOutbox {
  const { id, sink } = change.kind === 'add' ? change.item : change;
  const others = pending.filter((item) => item.id !== id || item.sink !== sink);
  if (change.kind === 'settle') return { pending: others, alarms };
  const { item } = change;
  const isSameAlarm = (known: OutboxItem): boolean => known.sink === item.sink && known.subject === item.subject;
  const isAlarm = item.event === 'alarm';
  return {
    pending: [...others, item],
    alarms: isAlarm ? [...alarms.filter((known) => !isSameAlarm(known)), item] : alarms,
  };
}
