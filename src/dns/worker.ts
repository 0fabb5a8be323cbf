/** A DNS worker's thread. What a peer sends throws nothing here; what throws nevertheless ends the thread, and the pool starts another. */
import { parentPort, workerData } from 'node:worker_threads';
import type { FromWorker, ToWorker } from './protocol.ts';
import { createResponder } from './respond.ts';
import { createServing } from './serving.ts';
import { preferLatency } from './udp-batched.ts';

if (parentPort === null) throw new Error('src/dns/worker.ts runs as a worker thread only');
const port = parentPort;
const clock = { nowMs: () => performance.now(), epochMs: () => Date.now() };
if (workerData.sockets === 'batched') preferLatency();
const serving = createServing(workerData, { clock, createResponder });

port.on('message', async (message: ToWorker) => {
  if (message.kind !== 'ask') return serving.take(message);
  const reply = await serving.answer(message.request);
  port.postMessage({ id: message.id, reply } satisfies FromWorker);
});
