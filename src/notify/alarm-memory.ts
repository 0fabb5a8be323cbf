import type { AlarmChange, Alarms } from '../runtime/alarms.ts';
import type { OutboxItem } from '../runtime/outbox.ts';
import type { Clock } from '../runtime/ports.ts';
import type { AlarmNews } from './notification.ts';

/** After a start, what was told before it has so long to be raised again. */
const SETTLE_MS = 60_000;

export interface AlarmMemoryDeps {
  readonly clock: Clock;
  readonly alarms: Pick<Alarms, 'list'>;
  readonly tell: (change: AlarmChange) => void;
}

/** What the sinks were told of alarms, over restarts: nobody hears twice of one that stands, and everybody of its end. */
export interface AlarmMemory {
  changed(change: AlarmChange): void;
  stop(): void;
}

/** @param told the last notification of each alarm for each sink, before the restart */
export function createAlarmMemory({ clock, alarms, tell }: AlarmMemoryDeps, told: readonly OutboxItem[]): AlarmMemory {
  const raised = told.map(({ body }) => JSON.parse(body) as AlarmNews).filter(({ resolvedAt }) => resolvedAt === null);
  const before = new Map(raised.map((news) => [keyOf(news), news]));

  const forgetEnded = (): void => {
    const standing = new Set(alarms.list().map(keyOf));
    for (const [key, news] of before) {
      if (!standing.has(key)) tell({ ...news, resolvedAt: new Date(clock.epochMs()).toISOString() });
    }
    before.clear();
  };
  const cancel = before.size > 0 ? clock.setTimer(SETTLE_MS, forgetEnded) : () => {};

  return {
    changed(change) {
      const isKnown = before.has(keyOf(change));
      if (isKnown && change.resolvedAt === null) return;
      before.delete(keyOf(change));
      tell(change);
    },
    stop: cancel,
  };
}

function keyOf({ name, subject }: Pick<AlarmNews, 'name' | 'subject'>): string {
  return `${name} ${subject}`;
}
