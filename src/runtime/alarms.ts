import type { Clock, Log } from './ports.ts';
import type { Alarm } from './status.ts';

/** What an alarm is about: its name and subject together identify it. */
export interface AlarmKey {
  /** `history_degraded`, `prober_blind`, `backup_down`, … */
  readonly name: string;
  /** The record, endpoint or part that it concerns. */
  readonly subject: string;
}

/** An alarm that was raised, or, with the time at which that happened, resolved. */
export interface AlarmChange extends Alarm {
  readonly resolvedAt: string | null;
}

export interface ResolvedAlarm extends Alarm {
  readonly resolvedAt: string;
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
  /** The last ones that were resolved in this run, the newest first. */
  resolved(): readonly ResolvedAlarm[];
  /** Calls back when an alarm is raised or resolved, not when its message is renewed. */
  onChange(listener: (change: AlarmChange) => void): void;
}

/** How many of the resolved ones are kept. */
const KEPT = 100;

/** The alarms that stand now, and those that stood lately. */
export function createAlarms(clock: Pick<Clock, 'epochMs'>, log: Log): Alarms {
  const standing = new Map<string, Alarm>();
  let resolved: readonly ResolvedAlarm[] = [];
  const listeners: ((change: AlarmChange) => void)[] = [];
  const idOf = (key: AlarmKey): string => `${key.name}\0${key.subject}`;

  const now = (): string => new Date(clock.epochMs()).toISOString();
  const tell = (change: AlarmChange): void => {
    for (const listener of listeners) listener(change);
  };

  const resolve = (key: AlarmKey): void => {
    const alarm = standing.get(idOf(key));
    if (!alarm) return;
    standing.delete(idOf(key));
    log.info({ alarm: key.name, subject: key.subject }, `alarm resolved: ${key.name} ${key.subject}`);
    const past = { ...alarm, resolvedAt: now() };
    resolved = [past, ...resolved].slice(0, KEPT);
    tell(past);
  };

  return {
    raise(key, message) {
      const known = standing.get(idOf(key));
      const alarm = { name: key.name, subject: key.subject, message, since: known?.since ?? now() };
      standing.set(idOf(key), alarm);
      if (known) return;
      log.warn({ alarm: key.name, subject: key.subject }, `alarm: ${message}`);
      tell({ ...alarm, resolvedAt: null });
    },
    resolve,
    keepOnly(name, subjects) {
      for (const alarm of [...standing.values()]) {
        if (alarm.name === name && !subjects.has(alarm.subject)) resolve(alarm);
      }
    },
    list: () => [...standing.values()],
    resolved: () => resolved,
    onChange: (listener) => void listeners.push(listener),
  };
}
