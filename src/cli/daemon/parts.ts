/** What a running failoverd consists of. */
import type { Config } from '../../config/config.ts';
import type { Alarms } from '../../runtime/alarms.ts';
import type { Engine } from '../../runtime/engine.ts';
import type { EventFeed } from '../../runtime/event-feed.ts';
import type { Events } from '../../runtime/events.ts';
import type { BoundAddress, DataPlane, History, HistoryReader, HistoryUpkeep } from '../../runtime/ports.ts';
import type { Secondaries } from '../../runtime/secondaries.ts';
import type { Tally } from '../../runtime/tally.ts';
import type { Notifications } from './notify.ts';

export interface Parts {
  readonly alarms: Alarms;
  readonly engine: Engine;
  readonly events: Events;
  readonly feed: EventFeed;
  readonly history: History & HistoryUpkeep;
  readonly reader: HistoryReader & { close(): Promise<void> };
  readonly dataPlane: DataPlane;
  readonly secondaries: Secondaries;
  readonly notifications: Notifications;
  readonly tally: Tally;
}

/** What changes while it runs. */
export interface Running {
  config: Config;
  addresses: readonly BoundAddress[];
  readonly startedAtEpochMs: number;
}

export async function stopParts(parts: Parts): Promise<void> {
  await stopDeciding(parts);
  await Promise.all([parts.dataPlane.stop(), parts.history.close()]);
}

/** What starts last stops first; the last connection to the database that closes is the one that writes. */
export async function stopDeciding({ engine, feed, notifications, reader, secondaries }: Parts): Promise<void> {
  secondaries.stop();
  await engine.stop();
  feed.stop();
  await notifications.stop();
  await reader.close();
}
