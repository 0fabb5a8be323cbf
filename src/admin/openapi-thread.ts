/** The thread that makes the OpenAPI document: answers one {@link OpenApiTask} with its text, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { openApi } from './openapi.ts';
import type { OpenApiTask } from './openapi-route.ts';

const { routes, version } = workerData as OpenApiTask;
parentPort?.postMessage(JSON.stringify(openApi(routes, version)));
