/**
 * What valgrind watches: DATAGRAMS echoed, OPENS sockets opened and closed, some workers ended with a socket open.
 *
 *   node test/helpers/udp-leaks.ts DATAGRAMS OPENS
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { Worker } from 'node:worker_threads';
import { compile } from '../../bench/compile.ts';
import { encodeMix } from '../../bench/queries.ts';
import { openBatchedUdpSocket, preferLatency } from '../../src/dns/udp-batched.ts';
import { SLOT_STRIDE } from '../../src/dns/udp-socket.ts';
import { echo } from './udp.ts';

const OPTIONS = { host: '127.0.0.1', port: 0, reusePort: false, ipv6Only: false };
const WORKERS = 5;

/** Keeps 200 datagrams under way, at most ten minutes. */
async function echoDatagrams(count: number): Promise<number> {
  const queries = path.join(os.tmpdir(), `failoverd-leaks-${process.pid}`);
  writeFileSync(queries, encodeMix(1));
  const socket = await openBatchedUdpSocket(OPTIONS, (batch, received) => {
    echo(batch, received);
    for (let i = 0; i < received; i++) batch.tx[i * SLOT_STRIDE + 2] = 0x80; // QR, or the load generator takes no notice
    if (socket.stats().received >= count) load.kill();
  });
  const load = spawn(compile('load'), ['127.0.0.1', `${socket.port}`, queries, '600', '8', '200', '0']);
  await once(load, 'exit');
  rmSync(queries);
  const { received } = socket.stats();
  await socket.close();
  return received;
}

async function openAndClose(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await (await openBatchedUdpSocket(OPTIONS, echo)).close();
}

async function terminateWorkers(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const workerData = { kind: 'batched', survive: false };
    const worker = new Worker(new URL('./udp-worker.ts', import.meta.url), { workerData });
    await once(worker, 'message');
    await worker.terminate();
  }
}

preferLatency();
const [datagrams, opens] = process.argv.slice(2).map(Number);
const received = await echoDatagrams(datagrams ?? 0);
await openAndClose(opens ?? 0);
await terminateWorkers(WORKERS);
console.log({ received, opens, workers: WORKERS });
