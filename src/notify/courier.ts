import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Clock, FRUGAL_THREAD, type Log } from '../runtime/ports.ts';
import type { Deliver, Delivered, Message } from './message.ts';

const ENTRY = new URL(`./worker${path.extname(import.meta.filename)}`, import.meta.url);
/** A thread that has not answered so long after the timeout of the message is ended. */
const GRACE_MS = 2_000;
/** A thread that is not needed for so long ends. */
const IDLE_MS = 60_000;

export interface Order {
  readonly ticket: number;
  readonly message: Message;
}

export interface Answer {
  readonly ticket: number;
  readonly result: Delivered;
}

/** Delivers in a thread of its own, which lives while there is something to deliver. */
export interface Courier {
  readonly deliver: Deliver;
  /** Ends what is under way. */
  stop(): Promise<void>;
}

interface Pending {
  readonly settle: (result: Delivered) => void;
  readonly cancel: () => void;
}

export function createCourier({ clock, log }: { readonly clock: Clock; readonly log: Log }): Courier {
  const pending = new Map<number, Pending>();
  let worker: Worker | null = null;
  let tickets = 0;
  let isStopped = false;
  let cancelIdle = (): void => {};

  const settle = (ticket: number, result: Delivered): void => {
    const waiting = pending.get(ticket);
    pending.delete(ticket);
    waiting?.cancel();
    waiting?.settle(result);
    if (pending.size === 0) cancelIdle = clock.setTimer(IDLE_MS, () => void dismiss());
  };
  /** The next delivery has another thread. */
  const dismiss = async (): Promise<void> => {
    const leaving = worker;
    worker = null;
    await leaving?.terminate();
  };
  const failAll = (reason: string): void => {
    for (const ticket of [...pending.keys()]) settle(ticket, failed(reason));
  };
  const start = (): Worker => {
    const started = new Worker(ENTRY, { name: 'failoverd notify', resourceLimits: FRUGAL_THREAD });
    started.on('message', ({ ticket, result }: Answer) => settle(ticket, result));
    started.on('error', (error) => log.error({ err: error }, 'the thread that delivers notifications failed'));
    started.on('exit', () => {
      if (worker !== started) return;
      worker = null;
      cancelIdle();
      failAll('the thread that delivers ended');
    });
    return started;
  };

  return {
    deliver: (message) =>
      new Promise((resolve) => {
        if (isStopped) return resolve(failed('failoverd is stopping'));
        cancelIdle();
        worker ??= start();
        const ticket = ++tickets;
        const cancel = clock.setTimer(message.timeoutMs + GRACE_MS, () => void worker?.terminate());
        pending.set(ticket, { settle: resolve, cancel });
        worker.postMessage({ ticket, message } satisfies Order);
      }),
    async stop() {
      isStopped = true;
      failAll('failoverd is stopping');
      cancelIdle();
      await dismiss();
    },
  };
}

function failed(reason: string): Delivered {
  return { ok: false, reason, isRejected: false, retryAfterMs: null };
}
