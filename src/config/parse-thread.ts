/** The thread that parses a large config: answers one {@link ParseTask} with its result, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ParseTask } from './load.ts';
import { parseConfig } from './parse.ts';

const { text, file, env } = workerData as ParseTask;
parentPort?.postMessage(parseConfig(text, file, env));
