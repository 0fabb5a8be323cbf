/** The reading thread. It opens the database anew for each question, so that it always reads the file that lies at the path. */
import { parentPort, workerData } from 'node:worker_threads';
import type { HistoryQueries } from '../runtime/history-report.ts';
import { messageOf } from './database.ts';
import { readHistory } from './queries.ts';

/** One call of a method of {@link HistoryQueries}. */
export interface Question {
  readonly method: keyof HistoryQueries;
  readonly args: readonly unknown[];
}

const { file } = workerData as { readonly file: string };

parentPort?.on('message', ({ method, args }: Question) => parentPort?.postMessage(answer(method, args)));

function answer(method: Question['method'], args: Question['args']): unknown {
  try {
    return readHistory(file, (queries) => (queries[method] as (...all: readonly unknown[]) => unknown)(...args));
  } catch (error) {
    return { ok: false, reason: messageOf(error) };
  }
}
