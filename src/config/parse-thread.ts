/** The thread that reads a config: answers one {@link ParseTask} with its result, and ends. */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { LoadResult } from './config.ts';
import { whyUnreadable } from './files.ts';
import type { ParseTask } from './load.ts';
import { parseConfig } from './parse.ts';
import { Refusal, refuse } from './refusal.ts';

parentPort?.postMessage(read(workerData as ParseTask));

function read({ file, env }: ParseTask): LoadResult {
  const text = readText(file);
  if (!(text instanceof Refusal)) return parseConfig(text, file, env);
  return { ok: false, problems: [{ file, line: 0, column: 0, severity: 'error', message: text.predicate }] };
}

function readText(path: string): string | Refusal {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    return refuse(`cannot be read: ${whyUnreadable(error)}`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse('cannot be read: it is not UTF-8 text');
  }
}
