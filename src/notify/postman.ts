import type { OutboxItem, SinkSpec } from '../runtime/outbox.ts';
import type { Clock, Log } from '../runtime/ports.ts';
import type { SinkStatus } from '../runtime/status.ts';
import { foldingOf, render } from './formats.ts';
import type { Deliver, Delivered } from './message.ts';
import type { News, Notification } from './notification.ts';
import { createQueue, type Waiting } from './queue.ts';

/** A sink that has failed for so long raises an alarm; what passes sooner is no news. */
const ALARM_AFTER_MS = 60_000;

export interface PostmanDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly deliver: Deliver;
  /** The name of this host, for the messages. */
  readonly source: string;
  /** These need not be kept any more. */
  readonly onSettled: (items: readonly Waiting[], how: 'delivered' | 'expired') => void;
  /** Null: the sink works again. */
  readonly onTrouble: (reason: string | null) => void;
}

export type PostmanStats = Omit<SinkStatus, 'sink' | 'format'>;

/** Takes to one sink what waits for it: one message after the other. */
export interface Postman {
  /** From now on it delivers there, also what has failed before; null: it only keeps what waits. */
  serve(sink: SinkSpec | null): void;
  add(item: OutboxItem, news: News): void;
  /** It took a test: what waits is tried at once. */
  tested(): void;
  stats(): PostmanStats;
  stop(): void;
}

/** Attempts that fail, from the first one on. */
interface Trouble {
  readonly sinceMs: number;
  readonly since: string;
  readonly reason: string;
}

export function createPostman(deps: PostmanDeps): Postman {
  const { clock, log } = deps;
  const queue = createQueue(deps.random);
  let sink: SinkSpec | null = null;
  let isBusy = false;
  let isSoon = false;
  let isStopped = false;
  let added = 0;
  let trouble: Trouble | null = null;
  let lastDeliveredAt: string | null = null;
  let cancel: (() => void) | null = null;
  const counts = { delivered: 0, failedAttempts: 0, expired: 0 };

  const nowIso = (): string => new Date(clock.epochMs()).toISOString();
  const halt = (): void => {
    cancel?.();
    cancel = null;
    isSoon = false;
  };
  const workIn = (delayMs: number): void => {
    cancel?.();
    cancel = clock.setTimer(Math.max(0, delayMs), () => {
      cancel = null;
      void work();
    });
  };
  const arm = (): void => {
    const nextMs = sink === null || isStopped ? null : queue.nextMs(sink.maxAgeMs);
    if (nextMs !== null) workIn(nextMs - clock.nowMs());
  };
  /** Once for all that is added in one turn. */
  const workSoon = (): void => {
    if (isBusy || isSoon || isStopped || sink === null) return;
    isSoon = true;
    workIn(0);
  };
  const work = async (): Promise<void> => {
    isSoon = false;
    if (sink === null || isBusy) return;
    const to = sink;
    giveUpOld(to);
    const batch = queue.take(clock.nowMs(), foldingOf(to.format));
    if (batch.length > 0) {
      isBusy = true;
      const notifications = batch.map(({ notification }) => notification);
      const message = render(to, notifications, { source: deps.source, nowEpochMs: clock.epochMs() });
      const result = await deps.deliver(message);
      isBusy = false;
      settle(batch, result, to);
    }
    arm();
  };
  const settle = (batch: readonly Waiting[], result: Delivered, { id }: SinkSpec): void => {
    if (isStopped && !result.ok) return;
    if (result.ok) {
      queue.delivered(batch);
      counts.delivered += batch.length;
      deps.onSettled(batch, 'delivered');
      reached(id);
      return;
    }
    queue.failed(batch, result, clock.nowMs());
    counts.failedAttempts += 1;
    const { reason } = result;
    if (trouble === null) log.warn({ sink: id, reason }, `${id}: not delivered: ${reason}`);
    const { sinceMs, since } = trouble ?? { sinceMs: clock.nowMs(), since: nowIso() };
    trouble = { sinceMs, since, reason };
    const isLong = clock.nowMs() - sinceMs >= ALARM_AFTER_MS;
    if (isLong && sink !== null) deps.onTrouble(`${reason}; ${queue.size} wait`);
  };
  const reached = (id: string): void => {
    if (trouble !== null) log.info({ sink: id }, `${id} takes notifications again`);
    trouble = null;
    lastDeliveredAt = nowIso();
    deps.onTrouble(null);
  };
  const giveUpOld = ({ id, maxAgeMs }: SinkSpec): void => {
    const old = queue.expire(clock.nowMs() - maxAgeMs);
    if (old.length === 0) return;
    counts.expired += old.length;
    log.error(
      { sink: id, messages: old.slice(0, 20).map(({ item }) => item.id) },
      `${id}: gave up ${old.length} notifications that could not be delivered within ${maxAgeMs / 1000} s`,
    );
    deps.onSettled(old, 'expired');
  };

  const retry = (): void => {
    halt();
    queue.retryNow();
    if (queue.size > 0) workSoon();
  };

  return {
    serve(next) {
      sink = next;
      retry();
    },
    tested() {
      if (sink === null) return;
      reached(sink.id);
      retry();
    },
    add(item, news) {
      const { id, atEpochMs } = item;
      const notification: Notification = { id, at: new Date(atEpochMs).toISOString(), news };
      const ageMs = Math.max(0, clock.epochMs() - atEpochMs);
      added += 1;
      queue.add({ item, notification, order: added, bornMs: clock.nowMs() - ageMs, attempts: 0 });
      workSoon();
    },
    stats: () => ({
      ...{ waiting: queue.size, ...counts, lastDeliveredAt },
      failing: trouble && { since: trouble.since, reason: trouble.reason },
    }),
    stop() {
      isStopped = true;
      halt();
    },
  };
}
