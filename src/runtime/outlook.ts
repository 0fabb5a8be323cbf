/** Alarms about trouble that is on its way: certificates that end soon, a prober that does not keep up. */

import type { CheckSpec } from '../core/check.ts';
import { shown } from '../core/name.ts';
import type { Alarms } from './alarms.ts';
import type { Monitor } from './monitor.ts';
import type { Clock, Prober } from './ports.ts';
import type { Track } from './track.ts';

const DAY_MS = 86_400_000;
/** A certificate that ends sooner than this should have been renewed by now. */
const RENEWED_BEFORE_MS = 14 * DAY_MS;
/** After a start or a reload the first round of probes takes about a second. */
const FIRST_LOOK_MS = 5_000;
const CERTIFICATES_EVERY_MS = 60_000;
const LAG_EVERY_MS = 10_000;
/** One late look may be a process that was stopped for a while, or a machine that was busy for a moment. */
const LATE_LOOKS = 2;

const EXPIRES = 'certificate_expires';
const OVERLOADED = { name: 'prober_overloaded', subject: 'prober' };

export interface OutlookDeps {
  readonly clock: Clock;
  readonly alarms: Pick<Alarms, 'raise' | 'resolve' | 'keepOnly'>;
  readonly endpoints: Pick<Monitor, 'get' | 'list'>;
  readonly tracks: () => readonly Track[];
  readonly stats: Prober['stats'];
}

export interface Outlook {
  /** Looks soon, and regularly from then on. To be called after every change of the config. */
  start(): void;
  stop(): void;
}

export function createOutlook(deps: OutlookDeps): Outlook {
  const { clock } = deps;
  const lag = createLagWatch(deps);
  let cancels: (() => void)[] = [];

  /** Each look arms the next one. */
  const every = (slot: number, delayMs: number, periodMs: number, look: () => void): void => {
    cancels[slot] = clock.setTimer(delayMs, () => {
      every(slot, periodMs, periodMs, look);
      look();
    });
  };
  const stop = (): void => {
    for (const cancel of cancels) cancel();
    cancels = [];
  };

  return {
    start() {
      stop();
      every(0, FIRST_LOOK_MS, CERTIFICATES_EVERY_MS, () => watchCertificates(deps));
      every(1, LAG_EVERY_MS, LAG_EVERY_MS, lag);
    },
    stop,
  };
}

/** Raises an alarm for every certificate that ends soon. One that was not seen of late is neither good news nor bad. */
function watchCertificates({ clock, alarms, endpoints, tracks }: OutlookDeps): void {
  const soonMs = clock.epochMs() + RENEWED_BEFORE_MS;
  const standing = new Set<string>();
  for (const { record } of tracks()) {
    for (const { name, endpoints: own } of record.targets) {
      for (const { id, address, check } of own) {
        // Most of ten thousand endpoints are passed over here, once a minute, in one go.
        const expiresAtMs = isOverTls(check) ? certificateEnd(endpoints, id) : Number.POSITIVE_INFINITY;
        if (expiresAtMs !== null && expiresAtMs > soonMs) continue;
        const subject = `${shown(record.name)} ${name} ${address}`;
        standing.add(subject);
        if (expiresAtMs === null) continue;
        alarms.raise({ name: EXPIRES, subject }, `${subject}: ${describeEnd(expiresAtMs, clock.epochMs())}`);
      }
    }
  }
  alarms.keepOnly(EXPIRES, standing);
}

function isOverTls(check: CheckSpec): boolean {
  return check.kind === 'http' && check.url.startsWith('https:');
}

/** Null when none of the last probes has seen a certificate. */
function certificateEnd(endpoints: OutlookDeps['endpoints'], endpointId: string): number | null {
  const recent = endpoints.get(endpointId)?.recent;
  const seen = recent?.findLast(({ certificateExpiresAtEpochMs }) => certificateExpiresAtEpochMs !== undefined);
  return seen?.certificateExpiresAtEpochMs ?? null;
}

function describeEnd(expiresAtMs: number, nowMs: number): string {
  const at = new Date(expiresAtMs).toISOString().slice(0, 10);
  const days = Math.floor((expiresAtMs - nowMs) / DAY_MS);
  if (expiresAtMs <= nowMs) return `its certificate has ended on ${at}`;
  return days === 0 ? `its certificate ends within a day, on ${at}` : `its certificate ends in ${days} d, on ${at}`;
}

/** A prober whose probes are later than the shortest interval no longer does what the config says. */
function createLagWatch({ alarms, endpoints, stats }: OutlookDeps): () => void {
  let late = 0;
  return () => {
    const { lagMs, waiting } = stats();
    const shortestMs = shortestIntervalMs(endpoints);
    late = lagMs > shortestMs ? late + 1 : 0;
    if (late === 0) alarms.resolve(OVERLOADED);
    if (late < LATE_LOOKS) return;
    const lag = `probes are ${(lagMs / 1000).toFixed(1)} s late and ${waiting} wait`;
    alarms.raise(
      OVERLOADED,
      `${lag}: raise prober.concurrency or the intervals (the shortest is ${shortestMs / 1000} s)`,
    );
  };
}

function shortestIntervalMs(endpoints: OutlookDeps['endpoints']): number {
  let shortestMs = Number.POSITIVE_INFINITY;
  for (const { spec } of endpoints.list()) shortestMs = Math.min(shortestMs, spec.check.intervalMs);
  return shortestMs;
}
