import type { Clock, HistoryStatus, SetAside } from '../runtime/ports.ts';

/** Trouble that is over sooner raises no alarm: a slow fsync, a shell that holds the lock for a moment. */
const GRACE_MS = 1_000;

/** Whether commits are confirmed, as others are told of it. */
export interface Condition {
  /** Something does not work; after a second of it without {@link works} the history counts as degraded. */
  fails(reason: string): void;
  /** A write was confirmed. */
  works(): void;
  wasSetAside(setAside: SetAside): void;
  status(): HistoryStatus;
  onStatus(listener: (status: HistoryStatus) => void): void;
  end(): void;
}

export function createCondition(clock: Clock, queued: () => number): Condition {
  const listeners: ((status: HistoryStatus) => void)[] = [];
  let trouble: { reason: string; sinceEpochMs: number; raised: boolean; cancel: () => void } | null = null;
  let setAside: SetAside | null = null;

  const status = (): HistoryStatus => {
    const kept = setAside === null ? {} : { setAside };
    if (trouble === null || !trouble.raised) return { status: 'ok', ...kept };
    const { reason, sinceEpochMs } = trouble;
    return { status: 'degraded', reason, sinceEpochMs, queued: queued(), ...kept };
  };
  const tell = (): void => {
    for (const listener of listeners) listener(status());
  };
  const raise = (): void => {
    if (trouble === null) return;
    trouble.raised = true;
    tell();
  };

  return {
    fails(reason) {
      if (trouble === null) {
        trouble = { reason, sinceEpochMs: clock.epochMs(), raised: false, cancel: clock.setTimer(GRACE_MS, raise) };
        return;
      }
      const isNews = trouble.raised && trouble.reason !== reason;
      trouble.reason = reason;
      if (isNews) tell();
    },
    works() {
      const before = trouble;
      before?.cancel();
      trouble = null;
      if (before?.raised) tell();
    },
    wasSetAside(what) {
      setAside = what;
      tell();
    },
    status,
    onStatus(listener) {
      listeners.push(listener);
    },
    end: () => trouble?.cancel(),
  };
}
