/** Reading a config file, aside. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { LoadResult } from './config.ts';
import type { Environment } from './variables.ts';

/** What the thread is given. */
export interface ParseTask {
  /** As the user gave it; problems name it so. */
  readonly file: string;
  readonly env: Environment;
}

const ENTRY = new URL(`./parse-thread${extname(import.meta.filename)}`, import.meta.url);

/** All that it makes is garbage soon; a small young generation keeps the heap at half the size at no cost. */
const YOUNG = { maxYoungGenerationSizeMb: 8 };

/**
 * Reads a config file and the files that it names, in a thread that then ends. 10,000 records are over a second of work, which
 * must not hold up the probes on a reload, and 250 MB of heap; a small config still saves the 35 MB that the parsers take. All
 * of it is given back. The thread has been started when this returns.
 * @param file as the user gave it; problems name it so.
 * @returns every problem at once; never rejects for what a file can hold.
 */
export function loadConfig(file: string, env: Environment): Promise<LoadResult> {
  const { promise, resolve, reject } = Promise.withResolvers<LoadResult>();
  const task: ParseTask = { file, env: { ...env } };
  const thread = new Worker(ENTRY, { workerData: task, name: 'failoverd config', resourceLimits: YOUNG });
  thread.once('message', resolve);
  thread.once('error', reject);
  thread.once('exit', (code) => reject(new Error(`the thread that reads the config ended with code ${code}`)));
  return promise;
}
