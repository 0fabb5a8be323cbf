import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { MetricsReport } from '../../runtime/metrics-report.ts';
import { type Sample, samplesOf } from './samples.ts';

const ENTRY = new URL(`./worker${path.extname(import.meta.filename)}`, import.meta.url);
/** Some 3 ms of work. */
const SAMPLES_A_TURN = 1_000;

export interface Piece {
  readonly samples: readonly Sample[];
  readonly isLast: boolean;
}

/** Writes metrics in Prometheus' text format, in a thread of its own that lives from the first scrape on. */
export interface MetricsWriter {
  /** @throws Error when the thread ends instead: a bug */
  write(report: MetricsReport): Promise<string>;
  close(): Promise<void>;
}

export function createMetricsWriter(): MetricsWriter {
  let worker: Worker | null = null;
  /** One after the other: the pieces of two reports must not mix. */
  let last: Promise<unknown> = Promise.resolve();

  const start = (): Worker => {
    const started = new Worker(ENTRY, { name: 'failoverd metrics' });
    started.unref();
    started.on('exit', () => {
      if (worker === started) worker = null;
    });
    return started;
  };
  const writeNow = async (report: MetricsReport): Promise<string> => {
    worker ??= start();
    const text = answerOf(worker);
    let samples: Sample[] = [];
    for (const sample of samplesOf(report)) {
      samples.push(sample);
      if (samples.length < SAMPLES_A_TURN) continue;
      worker?.postMessage({ samples, isLast: false } satisfies Piece);
      samples = [];
      await setImmediate();
    }
    worker?.postMessage({ samples, isLast: true } satisfies Piece);
    return text;
  };

  return {
    write(report) {
      const text = last.then(() => writeNow(report));
      last = text.catch(() => {}); // whoever asked for it is told
      return text;
    },
    async close() {
      await worker?.terminate();
    },
  };
}

function answerOf(worker: Worker): Promise<string> {
  return new Promise((resolve, reject) => {
    const end = (act: () => void): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      act();
    };
    const onMessage = (text: string): void => end(() => resolve(text));
    const onError = (error: unknown): void => end(() => reject(error));
    const onExit = (): void => end(() => reject(new Error('the thread that writes metrics ended')));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  });
}
