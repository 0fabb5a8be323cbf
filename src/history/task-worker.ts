/** A thread for one {@link runTask}. */
import { parentPort, workerData } from 'node:worker_threads';
import { runTask, type TaskData } from './tasks.ts';

parentPort?.postMessage(runTask(workerData as TaskData));
