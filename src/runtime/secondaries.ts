/** Tells the secondaries of each publication, and watches that they follow. */
import type { Config, SecondarySpec, ZoneSpec } from '../config/config.ts';
import { type OwnerName, shown } from '../core/name.ts';
import type { Alarms } from './alarms.ts';
import { createFollower, type Follower } from './follower.ts';
import type { Clock, SecondaryClient, SerialFact } from './ports.ts';
import type { SecondaryStatus } from './status.ts';

export interface SecondariesDeps {
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly client: SecondaryClient;
  /** Called when what is known of one has changed. */
  readonly onStatus: (status: SecondaryStatus) => void;
  /** Called when a secondary has acknowledged a serial, and when it is seen to serve another one. */
  readonly onSerial: (fact: SerialFact) => void;
}

export interface Secondaries {
  /** Makes these the secondaries. What is known of one that stays is kept. */
  configure(config: Pick<Config, 'zones' | 'keys'>): void;
  /** A zone is answered with a new serial. */
  published(zone: OwnerName, serial: number): void;
  list(): readonly SecondaryStatus[];
  stop(): void;
}

const ALARM = 'secondary_behind';

export function createSecondaries(deps: SecondariesDeps): Secondaries {
  let followers = new Map<string, Follower>();

  return {
    configure({ zones, keys }) {
      const before = followers;
      followers = new Map();
      for (const zone of zones) {
        for (const spec of zone.secondaries) {
          const key = keys.find(({ name }) => name === spec.key) ?? null;
          const id = JSON.stringify([zone.apex, zone.soa.refreshSeconds, spec, key]);
          followers.set(id, before.get(id) ?? newFollower(zone, spec, { ...spec, key }));
        }
      }
      for (const [id, follower] of before) if (!followers.has(id)) follower.stop();
      deps.alarms.keepOnly(ALARM, new Set([...followers.values()].map(({ subject }) => subject)));
    },
    published(zone, serial) {
      for (const follower of followers.values()) if (follower.zone === zone) follower.published(serial);
    },
    list: () => [...followers.values()].map((follower) => follower.status()),
    stop() {
      for (const follower of followers.values()) follower.stop();
    },
  };

  function newFollower({ apex, soa }: ZoneSpec, spec: SecondarySpec, to: Parameters<SecondaryClient['notify']>[0]) {
    const host = spec.address.includes(':') ? `[${spec.address}]` : spec.address;
    const address = `${host}:${spec.port}`;
    const key = { name: ALARM, subject: `${shown(apex)} ${address}` };
    return createFollower({
      ...deps,
      to,
      zone: apex,
      address,
      subject: key.subject,
      refreshMs: soa.refreshSeconds * 1000,
      onSerial: (event, serial) =>
        deps.onSerial({ atEpochMs: deps.clock.epochMs(), zone: apex, serial, event, secondary: address }),
      onBehind: (why) => deps.alarms.raise(key, `the secondary ${address} does not follow: ${why}`),
      onFollowing: () => deps.alarms.resolve(key),
    });
  }
}
