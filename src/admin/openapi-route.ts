/** The route of the API's description of itself. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { DescribedRoute } from './openapi.ts';
import type { Route } from './route.ts';

/** What the thread is given. */
export interface OpenApiTask {
  readonly routes: readonly DescribedRoute[];
  readonly version: string;
}

const ENTRY = new URL(`./openapi-thread${extname(import.meta.filename)}`, import.meta.url);

/** The document is made when it is first asked for, in a thread that then ends, and kept. */
export function openApiRoute(routes: () => readonly Route[], version: string): Route {
  let made: Promise<string> | null = null;
  const make = async (): Promise<string> => {
    const described = routes().map(({ handle: _, ...route }) => route);
    try {
      return await makeAside({ routes: described, version });
    } catch (error) {
      made = null;
      throw error;
    }
  };
  return {
    method: 'GET',
    path: '/openapi.json',
    access: 'open',
    doc: { summary: 'This description', answer: 'openapi' },
    async handle() {
      made ??= make();
      return { status: 200, type: 'application/json', content: await made };
    },
  };
}

function makeAside(task: OpenApiTask): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const thread = new Worker(ENTRY, { workerData: task, name: 'failoverd openapi' });
  thread.once('message', resolve);
  thread.once('error', reject);
  thread.once('exit', (code) =>
    reject(new Error(`the thread that makes the OpenAPI document ended with code ${code}`)),
  );
  return promise;
}
