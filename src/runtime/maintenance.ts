import type { MaintenanceSpec } from '../config/config.ts';
import type { OwnerName } from '../core/name.ts';
import type { Clock } from './ports.ts';

const MINUTE_MS = 60_000;
/** Often enough to see every minute once, in spite of timers that come late. */
const LOOK_EVERY_MS = 10_000;

/** Reads a cron expression of five fields in a time zone: whether a minute matches it. */
export type MatchCron = (cron: string, timezone: string) => (minute: Date) => boolean;

export interface MaintenanceDeps {
  readonly clock: Clock;
  readonly matchCron: MatchCron;
  /** Called after windows of this record opened or closed. */
  readonly onChange: (record: OwnerName) => void;
}

/** Targets that are drained by the clock on the wall: while one of their windows is open. */
export interface Maintenance {
  /** Also finds the windows that opened before now and are still open. */
  setWindows(specs: readonly MaintenanceSpec[]): void;
  drainedTargets(record: OwnerName): readonly string[];
  stop(): void;
}

interface Window {
  readonly spec: MaintenanceSpec;
  readonly matches: (minute: Date) => boolean;
  /** Monotonic time at which it closes; null while it is closed. */
  closesAtMs: number | null;
}

export function createMaintenance({ clock, matchCron, onChange }: MaintenanceDeps): Maintenance {
  let windows: readonly Window[] = [];
  let lastMinute = 0;
  let cancel = (): void => {};

  const minuteNow = (): number => Math.floor(clock.epochMs() / MINUTE_MS);
  const open = (window: Window, openedMinute: number): void => {
    const leftMs = openedMinute * MINUTE_MS + window.spec.durationMs - clock.epochMs();
    if (leftMs > 0) window.closesAtMs = Math.max(window.closesAtMs ?? 0, clock.nowMs() + leftMs);
  };

  const look = (): void => {
    const minute = minuteNow();
    const changed = new Set<OwnerName>();
    for (const window of windows) {
      const wasOpen = window.closesAtMs !== null;
      if (window.closesAtMs !== null && window.closesAtMs <= clock.nowMs()) window.closesAtMs = null;
      if (minute !== lastMinute && window.matches(new Date(minute * MINUTE_MS))) open(window, minute);
      if (wasOpen !== (window.closesAtMs !== null)) changed.add(window.spec.record);
    }
    lastMinute = minute;
    cancel = clock.setTimer(LOOK_EVERY_MS, look);
    for (const record of changed) onChange(record);
  };

  return {
    setWindows(specs) {
      cancel();
      windows = specs.map((spec) => ({ spec, matches: matchCron(spec.cron, spec.timezone), closesAtMs: null }));
      lastMinute = minuteNow();
      for (const window of windows) {
        const opened = lastOpening(window, lastMinute);
        if (opened !== null) open(window, opened);
      }
      if (windows.length > 0) cancel = clock.setTimer(LOOK_EVERY_MS, look);
    },
    drainedTargets: (record) =>
      windows
        .filter((window) => window.spec.record === record && window.closesAtMs !== null)
        .map(({ spec }) => spec.target),
    stop: () => cancel(),
  };
}

/** The last minute up to this one that opens the window, as long ago as it stays open. */
function lastOpening({ spec, matches }: Window, minute: number): number | null {
  for (let ago = 0; ago * MINUTE_MS < spec.durationMs; ago++) {
    if (matches(new Date((minute - ago) * MINUTE_MS))) return minute - ago;
  }
  return null;
}
