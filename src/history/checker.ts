import type { Clock, Log, UpkeepResult } from '../runtime/ports.ts';
import type { Pump } from './pump.ts';
import { runAside } from './tasks.ts';

/** Checks that follow each other because somebody writes to the file leave this many times their own length between them. */
const PAUSE_FACTOR = 10;

/** Runs SQLite's quick_check in a thread of its own and has a damaged file set aside. */
export interface Checker {
  check(): Promise<UpkeepResult>;
  /** Somebody else has written to the file: it is checked soon. */
  touched(): void;
  /** Settles when no check is running any more. */
  stop(): Promise<unknown>;
}

export function createChecker(file: string, pump: () => Pump, clock: Clock, log: Log): Checker {
  let notBeforeMs = clock.nowMs();
  let cancel: (() => void) | null = null;
  let running: Promise<unknown> = Promise.resolve();

  const check = async (): Promise<UpkeepResult> => {
    const startedAtMs = clock.nowMs();
    const checking = runAside({ file, task: { kind: 'check' } });
    running = Promise.all([running, checking]);
    const result = await checking;
    notBeforeMs = clock.nowMs() + PAUSE_FACTOR * (clock.nowMs() - startedAtMs);
    if (!('damagedInode' in result)) return result;
    const { reason, damagedInode: inode } = result;
    log.error({}, `check of the database: ${reason}`);
    await pump().upkeep<'condemn'>({ kind: 'condemn', inode, reason });
    return { ok: false, reason };
  };

  return {
    check,
    touched() {
      cancel ??= clock.setTimer(Math.max(0, notBeforeMs - clock.nowMs()), () => {
        cancel = null;
        void check();
      });
    },
    stop() {
      cancel?.();
      return running;
    },
  };
}
