import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { MetricsReport } from '../../runtime/metrics-report.ts';
import { FRUGAL_THREAD } from '../../runtime/ports.ts';
import { type Sample, samplesOf } from './samples.ts';

const ENTRY = new URL(`./worker${path.extname(import.meta.filename)}`, import.meta.url);
/** Some 2 ms of work. */
const SAMPLES_A_TURN = 500;

export interface Piece {
  readonly samples: readonly Sample[];
  readonly isLast: boolean;
}

/** Writes metrics in Prometheus' text format, UTF-8, in a thread of its own that lives from the first scrape on. */
export interface MetricsWriter {
  /** @throws Error when the thread ends instead: a bug */
  write(report: MetricsReport): Promise<Uint8Array>;
  close(): Promise<void>;
}

export function createMetricsWriter(): MetricsWriter {
  let worker: Worker | null = null;
  /** One after the other: the pieces of two reports must not mix. */
  let last: Promise<unknown> = Promise.resolve();

  const start = (): Worker => {
    const started = new Worker(ENTRY, { name: 'failoverd metrics', resourceLimits: FRUGAL_THREAD });
    started.unref();
    started.on('exit', () => {
      if (worker === started) worker = null;
    });
    return started;
  };
  const writeNow = async (report: MetricsReport): Promise<Uint8Array> => {
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

function answerOf(worker: Worker): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const end = (act: () => void): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      act();
    };
    const onMessage = (text: Uint8Array): void => end(() => resolve(text));
    const onError = (error: unknown): void => end(() => reject(error));
    const onExit = (): void => end(() => reject(new Error('the thread that writes metrics ended')));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  });
}
