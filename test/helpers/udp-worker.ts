/** A thread with one UDP socket: echoes, and throws at the payload `throw`. */
import { parentPort, workerData } from 'node:worker_threads';
import type { UdpBatch } from '../../src/dns/udp-socket.ts';
import { echo } from './udp.ts';
import { implementations } from './udp-implementations.ts';

export interface UdpWorkerData {
  readonly kind: string;
  /** Listen for uncaught exceptions, and go on. */
  readonly survive: boolean;
}

const { kind, survive }: UdpWorkerData = workerData;
const open = implementations.find((implementation) => implementation.kind === kind)?.open;
if (!open) throw new Error(`no implementation ${kind}`);
if (survive) process.on('uncaughtException', (error) => parentPort?.postMessage({ uncaught: error.message }));

function echoOrThrow(batch: UdpBatch, count: number): void {
  echo(batch, count);
  if (batch.rx.toString('latin1', 0, batch.rxLengths[0]) === 'throw') throw new Error('thrown by the handler');
}

const socket = await open({ host: '127.0.0.1', port: 0, reusePort: false, ipv6Only: false }, echoOrThrow);
parentPort?.postMessage({ port: socket.port });
