/** A DNS worker, seen from the pool. */
import type { Worker } from 'node:worker_threads';
import type { FromWorker, Notice, Reply, Request, ToWorker } from './protocol.ts';

export interface WorkerThread {
  tell(notice: Notice): void;
  /** Settles with `'ended'` when the thread ends instead of replying. */
  ask<R extends Request>(request: R): Promise<Reply<R> | 'ended'>;
  /** Settles with the reason when the thread has ended. */
  readonly ended: Promise<string>;
  end(): Promise<void>;
}

export function createWorkerThread(worker: Worker): WorkerThread {
  type Settle = (reply: FromWorker['reply'] | 'ended') => void;
  const waiting = new Map<number, Settle>();
  let lastId = 0;
  let why = 'it ended by itself';
  const send = (message: ToWorker): void => worker.postMessage(message);

  worker.on('message', ({ id, reply }: FromWorker) => {
    waiting.get(id)?.(reply);
    waiting.delete(id);
  });
  worker.on('error', (error) => {
    why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  });
  const ended = new Promise<string>((resolve) => {
    worker.on('exit', () => {
      for (const settle of waiting.values()) settle('ended');
      waiting.clear();
      resolve(why);
    });
  });
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });

  return {
    ended,
    tell: send,
    ask<R extends Request>(request: R) {
      return new Promise<Reply<R> | 'ended'>((resolve) => {
        if (isOver) return resolve('ended');
        lastId += 1;
        waiting.set(lastId, resolve as Settle);
        send({ kind: 'ask', id: lastId, request });
      });
    },
    async end() {
      await worker.terminate();
    },
  };
}
