import { type OwnerName, shown } from '../core/name.ts';
import { compareSerials } from '../core/serial.ts';
import type { Clock, SecondaryAddress, SecondaryClient } from './ports.ts';
import type { SecondaryStatus } from './status.ts';

export interface FollowerDeps {
  readonly clock: Clock;
  readonly client: SecondaryClient;
  readonly zone: OwnerName;
  readonly to: SecondaryAddress;
  /** The address for people. */
  readonly address: string;
  /** Names it in alarms. */
  readonly subject: string;
  /** Behind for longer than this, it should have looked by itself. */
  readonly refreshMs: number;
  readonly onSerial: (event: 'acknowledged' | 'served', serial: number) => void;
  readonly onBehind: (why: string) => void;
  readonly onFollowing: () => void;
  /** Called when what {@link Follower.status} shows has changed, but for the times. */
  readonly onStatus: (status: SecondaryStatus) => void;
}

/** One secondary of one zone: told of the newest serial until it acknowledges, then asked until it serves it. */
export interface Follower {
  readonly zone: OwnerName;
  readonly subject: string;
  published(serial: number): void;
  status(): SecondaryStatus;
  stop(): void;
}

/** A NOTIFY that is not acknowledged is sent again after 1 s, 2 s, 4 s, … (RFC 1996 §3.6). */
const RETRY_MS = { first: 1000, longest: 60_000 };
/** It is asked for its serial after 20 ms, 40 ms, … */
const POLL_MS = { first: 20, longest: 10_000 };
/** Asked so often in vain, over 5 s, it is told once more: NSD under load was seen to acknowledge, and not to transfer. */
const POLLS_PER_NOTIFY = 7;

export function createFollower(deps: FollowerDeps): Follower {
  const { clock, client, to, zone } = deps;
  let wanted: { readonly serial: number; readonly atMs: number } | null = null;
  let acknowledged: number | null = null;
  let served: number | null = null;
  let behindSinceMs: number | null = null;
  let [ackMs, lagMs]: [number | null, number | null] = [null, null];
  let problem: string | null = null;
  let rounds = 0; // since the last publication or acknowledgement
  let isBusy = false;
  let isStopped = false;
  let told = '';
  let cancel = (): void => {};

  const notify = async ({ serial, atMs }: NonNullable<typeof wanted>): Promise<void> => {
    const reply = await client.notify(to, zone);
    problem = reply.ok ? null : reply.reason;
    if (!reply.ok) return;
    acknowledged = serial;
    rounds = 0;
    ackMs = clock.nowMs() - atMs;
    deps.onSerial('acknowledged', serial);
  };
  const poll = async (): Promise<void> => {
    const reply = await client.serial(to, zone);
    if (!wanted) return;
    const { serial, atMs } = wanted; // it may be a newer one by now
    if (!reply.ok) {
      problem ??= reply.reason;
      return;
    }
    if (served !== reply.value) deps.onSerial('served', reply.value);
    served = reply.value;
    if (acknowledged === serial) problem = null;
    if (isBehind(served, serial)) return;
    if (lagMs === null || behindSinceMs !== null) lagMs = clock.nowMs() - atMs;
    behindSinceMs = null;
    deps.onFollowing();
  };
  /** Tells and asks, once each. */
  const round = async (): Promise<void> => {
    if (!wanted || isBusy || isStopped) return;
    isBusy = true;
    const target = wanted;
    if (acknowledged !== target.serial) await notify(target);
    await poll();
    isBusy = false;
    tell();
    if (!isStopped) goOn(target);
  };
  const goOn = (target: NonNullable<typeof wanted>): void => {
    if (wanted !== target) return void round();
    const isAcknowledged = acknowledged === target.serial;
    if (behindSinceMs !== null && clock.nowMs() - behindSinceMs > deps.refreshMs) {
      deps.onBehind(problem ?? `it serves ${served}, not ${target.serial}`);
    }
    if (isAcknowledged && behindSinceMs === null) return;
    const { first, longest } = isAcknowledged ? POLL_MS : RETRY_MS;
    cancel = clock.setTimer(Math.min(first * 2 ** rounds, longest), round);
    rounds += 1;
    if (rounds > POLLS_PER_NOTIFY) acknowledged = null;
  };

  const status = (): SecondaryStatus => ({
    zone: shown(zone),
    address: deps.address,
    serial: served,
    status: wanted === null ? 'waiting' : behindSinceMs === null ? 'current' : 'behind',
    acknowledgedMs: ackMs === null ? null : Math.round(ackMs),
    lagMs: lagMs === null ? null : Math.round(lagMs),
    problem,
  });
  const tell = (): void => {
    const now = status();
    const text = JSON.stringify([now.status, now.serial, now.problem]);
    if (text !== told) deps.onStatus(now);
    told = text;
  };

  return {
    zone,
    subject: deps.subject,
    published(serial) {
      wanted = { serial, atMs: clock.nowMs() };
      behindSinceMs ??= wanted.atMs;
      rounds = 0;
      cancel();
      tell();
      void round();
    },
    status,
    stop() {
      isStopped = true;
      cancel();
    },
  };
}

function isBehind(served: number, wanted: number): boolean {
  const order = compareSerials(served, wanted);
  return order === 'less' || order === 'incomparable';
}
