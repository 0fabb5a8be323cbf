/** Reading a config file. */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { LoadResult } from './config.ts';
import { whyUnreadable } from './files.ts';
import { Refusal, refuse } from './refusal.ts';
import type { Environment } from './variables.ts';

/**
 * Reads a config file and the files that it names.
 * @param path as the user gave it; problems name it so.
 * @returns every problem at once; never throws for what a file can hold.
 */
export async function loadConfig(path: string, env: Environment): Promise<LoadResult> {
  const text = await readText(path);
  if (text instanceof Refusal) {
    return { ok: false, problems: [{ file: path, line: 0, column: 0, severity: 'error', message: text.predicate }] };
  }
  return parseAside({ text, file: path, env: { ...env } });
}

async function readText(path: string): Promise<string | Refusal> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    return refuse(`cannot be read: ${whyUnreadable(error)}`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse('cannot be read: it is not UTF-8 text');
  }
}

/** What the thread is given. */
export interface ParseTask {
  readonly text: string;
  readonly file: string;
  readonly env: Environment;
}

const ENTRY = new URL(`./parse-thread${extname(import.meta.filename)}`, import.meta.url);

/** All that it makes is garbage soon; a small young generation keeps the heap at half the size at no cost. */
const YOUNG = { maxYoungGenerationSizeMb: 8 };

/**
 * Parses in a thread that then ends. 10,000 records are over a second of work, which must not hold up the probes on a
 * reload, and 250 MB of heap; a small config still saves the 35 MB that the parsers take. All of it is given back.
 */
function parseAside(task: ParseTask): Promise<LoadResult> {
  const { promise, resolve, reject } = Promise.withResolvers<LoadResult>();
  const thread = new Worker(ENTRY, { workerData: task, name: 'failoverd config', resourceLimits: YOUNG });
  thread.once('message', resolve);
  thread.once('error', reject);
  thread.once('exit', (code) => reject(new Error(`the thread that reads the config ended with code ${code}`)));
  return promise;
}
