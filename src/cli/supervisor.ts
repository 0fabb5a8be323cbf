/**
 * What systemd is told of a service (sd_notify(3)). Node has no unix datagram sockets, so the program `systemd-notify` sends
 * it, which every machine with systemd has: once for each change of state and once for each watchdog period. The unit
 * needs `NotifyAccess=all` for that. Without NOTIFY_SOCKET nothing happens here.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Environment } from '../config/variables.ts';
import type { HealthReport } from '../runtime/liveness.ts';
import type { Clock, Log } from '../runtime/ports.ts';

export interface Supervisor {
  /** The start, or a reload, is over. */
  ready(): void;
  /**
   * The same for a process that takes another one's place: it is the service's main process from now on. Settles when systemd
   * knows that, or cannot be told: the end of the other one before that would be the end of the service.
   */
  succeeded(): Promise<void>;
  reloading(): void;
  stopping(): void;
  /**
   * From now on reports as often as WATCHDOG_USEC asks that all is well, as long as it is: a service that does not report
   * is started again. The returned function ends it.
   */
  watch(live: () => Promise<HealthReport>): () => void;
}

export interface SupervisorDeps {
  readonly env: Environment;
  readonly clock: Clock;
  readonly log: Log;
}

const SILENT: Supervisor = {
  ready() {},
  succeeded: async () => {},
  reloading() {},
  stopping() {},
  watch: () => () => {},
};
const run = promisify(execFile);
/** It waits for systemd to have read the message. */
const NOTIFY_WITHIN_MS = 5_000;

export function createSupervisor({ env, clock, log }: SupervisorDeps): Supervisor {
  if (env.NOTIFY_SOCKET === undefined) return SILENT;
  let last: Promise<void> = Promise.resolve(); // one message after the other: their order is their meaning
  let isWarned = false;

  const send = async (state: readonly string[]): Promise<void> => {
    try {
      await run('systemd-notify', state, { env, timeout: NOTIFY_WITHIN_MS });
    } catch (error) {
      const { message } = error as Error;
      if (!isWarned) log.warn({}, `systemd cannot be told about this service: ${message.trim()}`);
      isWarned = true;
    }
  };
  const tell = (...state: readonly string[]): Promise<void> => {
    last = last.then(() => send(state));
    return last;
  };

  return {
    ready: () => void tell('READY=1'),
    succeeded: () => tell('READY=1', `MAINPID=${process.pid}`),
    reloading: () => void tell('RELOADING=1', `MONOTONIC_USEC=${Math.round(clock.nowMs() * 1000)}`),
    stopping: () => void tell('STOPPING=1'),
    watch(live) {
      const everyMs = watchdogMs(env) / 2;
      let cancel = (): void => {};
      const look = async (): Promise<void> => {
        const { ok, failing } = await live();
        if (ok) void tell('WATCHDOG=1');
        else log.warn({}, `the watchdog is not told that all is well: ${failing.join(', ')}`);
      };
      const beat = (): void => {
        cancel = clock.setTimer(everyMs, beat);
        void look();
      };
      if (everyMs > 0) beat();
      return () => cancel();
    },
  };
}

/** @returns 0 when systemd does not watch this process. */
function watchdogMs({ WATCHDOG_USEC: period, WATCHDOG_PID: pid }: Environment): number {
  if (pid !== undefined && Number(pid) !== process.pid) return 0;
  const periodMs = Number(period) / 1000;
  return Number.isFinite(periodMs) ? periodMs : 0;
}
