import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { HistoryQueries, ReadResult } from '../runtime/history-report.ts';
import { FRUGAL_THREAD, type HistoryReader } from '../runtime/ports.ts';
import { messageOf } from './database.ts';
import type { Question } from './reader-worker.ts';

const ENTRY = new URL(`./reader-worker${path.extname(import.meta.filename)}`, import.meta.url);
/** So many questions wait at once, at most. */
const MAX_WAITING = 64;
const METHODS = [
  'transitions',
  'transition',
  'probes',
  'explanation',
  'drill',
  'audit',
  'timeline',
  'upFractions',
] as const satisfies readonly (keyof HistoryQueries)[];

type Result = ReadResult<unknown>;

/** Reads in a thread and on a connection of its own: no question delays a commit. The thread is there from the first question on. */
export function createHistoryReader(file: string): HistoryReader & { close(): Promise<void> } {
  let worker: Worker | null = null;
  let isClosed = false;
  const waiting: ((result: Result) => void)[] = [];

  const start = (): Worker => {
    const workerData = { file: path.resolve(file) };
    const started = new Worker(ENTRY, { workerData, name: 'failoverd history reader', resourceLimits: FRUGAL_THREAD });
    let why = 'it ended by itself';
    started.on('message', (result: Result) => waiting.shift()?.(result));
    started.on('error', (error) => {
      why = messageOf(error);
    });
    started.on('exit', () => {
      if (worker === started) worker = null;
      for (const settle of waiting.splice(0)) settle({ ok: false, reason: `the reading thread ended: ${why}` });
    });
    return started;
  };
  const ask = (question: Question): Promise<Result> =>
    new Promise((resolve) => {
      if (isClosed) return resolve({ ok: false, reason: 'the history is closed' });
      if (waiting.length >= MAX_WAITING) return resolve({ ok: false, reason: 'too many questions wait for the disk' });
      worker ??= start();
      waiting.push(resolve);
      worker.postMessage(question);
    });

  const methods = METHODS.map((method) => [method, (...args: unknown[]) => ask({ method, args })]);
  return {
    ...(Object.fromEntries(methods) as HistoryReader),
    async close() {
      isClosed = true;
      await worker?.terminate();
    },
  };
}
