/** The history thread: answers one request at a time about the one database. */
import { parentPort, workerData } from 'node:worker_threads';
import { faultOf } from './fault.ts';
import type { Replies, Reply, Request, WorkerData } from './protocol.ts';
import { createStore, type Store } from './store.ts';

if (parentPort === null) throw new Error('src/history/worker.ts runs as a worker thread only');
const port = parentPort;
const data = workerData as WorkerData;
const store = createStore(data);

port.on('message', (request: Request) => {
  port.postMessage(answer(request));
  if (request.kind === 'close') port.close();
});

function answer(request: Request): Reply<Request['kind']> {
  try {
    return { ok: true, value: dispatch(store, request) };
  } catch (error) {
    return { ok: false, fault: faultOf(data.file, error) };
  }
}

function dispatch(to: Store, request: Request): Replies[Request['kind']] {
  switch (request.kind) {
    case 'open':
      return to.open(request.nowEpochMs);
    case 'restore':
      return to.restore();
    case 'commit':
      return to.commit(request);
    case 'probes':
      return to.probes(request);
    case 'prune':
      return to.prune(request);
    case 'condemn':
      return to.condemn(request);
    case 'close':
      return to.close();
  }
}
