import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { FRUGAL_THREAD } from '../runtime/ports.ts';
import { messageOf } from './database.ts';
import type { Reply, Request, RequestOf, WorkerData } from './protocol.ts';

const CLOSED: AnyReply = { ok: false, fault: { kind: 'trouble', reason: 'the history is closed' } };
const ENTRY = new URL(`./worker${path.extname(import.meta.filename)}`, import.meta.url);

/** The history thread. It is started by the first request, and again by the first one after it has ended. */
export interface HistoryThread {
  /** Asks; one request after the other, in order. Settles with a fault when the thread ends instead of answering. */
  ask<K extends Request['kind']>(request: RequestOf<K>): Promise<Reply<K>>;
  readonly restarts: number;
  /** Closes the database and ends the thread. */
  close(): Promise<void>;
}

type AnyReply = Reply<Request['kind']>;

export function createThread(data: WorkerData): HistoryThread {
  let worker: Worker | null = null;
  let starts = 0;
  /** A question that comes late must not bring the thread back: nobody would end it any more. */
  let isClosed = false;
  let settle: ((reply: AnyReply) => void) | null = null;
  let last: Promise<unknown> = Promise.resolve();

  const answered = (reply: AnyReply): void => {
    const waiting = settle;
    settle = null;
    waiting?.(reply);
  };

  const start = (): Worker => {
    starts += 1;
    const started = new Worker(ENTRY, { workerData: data, name: 'failoverd history', resourceLimits: FRUGAL_THREAD });
    let why = 'it ended by itself';
    started.on('message', answered);
    started.on('error', (error) => {
      why = messageOf(error);
    });
    started.on('exit', () => {
      if (worker === started) worker = null;
      answered({ ok: false, fault: { kind: 'trouble', reason: `the history thread ended: ${why}` } });
    });
    return started;
  };

  const exchange = (request: Request): Promise<AnyReply> =>
    new Promise((resolve) => {
      if (isClosed) return resolve(CLOSED);
      worker ??= start();
      settle = resolve;
      worker.postMessage(request);
    });

  const ask: HistoryThread['ask'] = <K extends Request['kind']>(request: RequestOf<K>) => {
    const reply = last.then(() => exchange(request));
    last = reply;
    return reply as Promise<Reply<K>>;
  };

  return {
    ask,
    get restarts() {
      return Math.max(0, starts - 1);
    },
    async close() {
      if (worker !== null) await ask<'close'>({ kind: 'close' });
      isClosed = true;
      await worker?.terminate();
    },
  };
}
