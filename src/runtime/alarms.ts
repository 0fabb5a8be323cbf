import type { Clock, Log } from './ports.ts';
import type { Alarm } from './status.ts';

/** What an alarm is about: its name and subject together identify it. */
export interface AlarmKey {
  /** `history_degraded`, `prober_blind`, `backup_down`, … */
  readonly name: string;
  /** The record, endpoint or part that it concerns. */
  readonly subject: string;
}

export interface Alarms {
  /** Raises an alarm, or, when it stands already, renews its message. Logged once. */
  raise(key: AlarmKey, message: string): void;
  /** Ends an alarm; nothing happens when it does not stand. */
  resolve(key: AlarmKey): void;
  /** Ends every alarm of one name whose subject is not in the set. */
  keepOnly(name: string, subjects: ReadonlySet<string>): void;
  /** Those that stand, the oldest first. */
  list(): readonly Alarm[];
}

/** The alarms that stand now. */
export function createAlarms(clock: Pick<Clock, 'epochMs'>, log: Log): Alarms {
  const standing = new Map<string, Alarm>();
  const idOf = (key: AlarmKey): string => `${key.name}\0${key.subject}`;

  const resolve = (key: AlarmKey): void => {
    if (!standing.delete(idOf(key))) return;
    log.info({ alarm: key.name, subject: key.subject }, `alarm resolved: ${key.name} ${key.subject}`);
  };

  return {
    raise(key, message) {
      const known = standing.get(idOf(key));
      const since = known?.since ?? new Date(clock.epochMs()).toISOString();
      standing.set(idOf(key), { ...key, message, since });
      if (!known) log.warn({ alarm: key.name, subject: key.subject }, `alarm: ${message}`);
    },
    resolve,
    keepOnly(name, subjects) {
      for (const alarm of [...standing.values()]) {
        if (alarm.name === name && !subjects.has(alarm.subject)) resolve(alarm);
      }
    },
    list: () => [...standing.values()],
  };
}
