import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { createCourier } from '../../notify/courier.ts';
import { createOutbox, type Outbox } from '../../notify/outbox.ts';
import type { Alarms } from '../../runtime/alarms.ts';
import type { Clock, History, Log, RestoredState } from '../../runtime/ports.ts';

export interface NotificationsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly history: Pick<History, 'commit'>;
  readonly alarms: Alarms;
  readonly restored: RestoredState;
}

export interface Notifications extends Omit<Outbox, 'stop'> {
  /** What is under way is delivered again after the next start. */
  stop(): Promise<void>;
}

export function createNotifications({ restored, ...deps }: NotificationsDeps): Notifications {
  const courier = createCourier(deps);
  const createId = (): string => randomUUID().replaceAll('-', '');
  const { deliver } = courier;
  const options = { ...deps, deliver, createId, random: Math.random, source: hostname() };
  const outbox = createOutbox(options, restored.outbox);
  return {
    ...outbox,
    async stop() {
      outbox.stop();
      await courier.stop();
    },
  };
}
