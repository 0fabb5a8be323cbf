/**
 * What the answering costs alone: the responder's UDP handler over the mix of queries, without a socket and without the kernel.
 *
 *   node bench/answering.ts [SECONDS] [RECORDS]
 *   node --cpu-prof bench/answering.ts
 */
import { randomBytes } from 'node:crypto';
import { createResponderShared } from '../src/dns/rate-limit.ts';
import { createResponder } from '../src/dns/respond.ts';
import { PEER_STRIDE, SLOT_STRIDE, type UdpBatch, type UdpHandler } from '../src/dns/udp-socket.ts';
import { benchDns } from './dns-options.ts';
import { encodeMix } from './queries.ts';
import { benchZone } from './zone.ts';

const CAPACITY = 64;
const WARMUP_SECONDS = 1;

function makeBatch(): UdpBatch {
  const peers = new Uint8Array(CAPACITY * PEER_STRIDE);
  const mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1, 200, 53];
  for (let i = 0; i < CAPACITY; i++) peers.set(mapped, i * PEER_STRIDE);
  return {
    capacity: CAPACITY,
    rx: Buffer.alloc(CAPACITY * SLOT_STRIDE),
    tx: Buffer.alloc(CAPACITY * SLOT_STRIDE),
    rxLengths: new Int32Array(CAPACITY),
    txLengths: new Int32Array(CAPACITY),
    peers,
  };
}

/** Calls the handler with batches of the mix, for so long. @returns nanoseconds of CPU time for each query. */
function run(mix: Buffer, batch: UdpBatch, handler: UdpHandler, seconds: number): number {
  const start = process.cpuUsage();
  const end = performance.now() + seconds * 1000;
  let queries = 0;
  for (let at = 0; performance.now() < end; queries += CAPACITY) {
    for (let i = 0; i < CAPACITY; i++) {
      if (at >= mix.length) at = 0;
      const length = mix.readUInt16BE(at);
      mix.copy(batch.rx, i * SLOT_STRIDE, at + 2, at + 2 + length);
      batch.rxLengths[i] = length;
      at += 2 + length;
    }
    handler(batch, CAPACITY);
  }
  const { user, system } = process.cpuUsage(start);
  return ((user + system) * 1000) / queries;
}

const [seconds = 3, records = 1] = process.argv.slice(2).map(Number);
const mix = encodeMix(records);
const clock = { nowMs: () => performance.now(), epochMs: () => Date.now() };
const responder = createResponder({ dns: benchDns, clock, shared: createResponderShared(randomBytes) });
responder.load([benchZone(records)]);

const batch = makeBatch();
run(mix, batch, responder.handleUdp, WARMUP_SECONDS);
const heapBefore = process.memoryUsage().heapUsed;
const with_ = run(mix, batch, responder.handleUdp, seconds);
const heapAfter = process.memoryUsage().heapUsed;
const without = run(mix, batch, () => {}, seconds);
console.log(`${(with_ - without).toFixed(0)} ns a query; ${without.toFixed(0)} ns to fill in a query are taken off`);
console.log(`heap ${((heapAfter - heapBefore) / 1024).toFixed(0)} KiB more than before`);
