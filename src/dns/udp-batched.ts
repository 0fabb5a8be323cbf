/**
 * UDP sockets by the batch, on the native addon (native/): up to 64 datagrams for one system call and one call
 * of the handler. Where the addon is absent, udp-dgram.ts serves.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { getSystemErrorName } from 'node:util';
import { markAsUntransferable } from 'node:worker_threads';
import {
  type OpenUdpSocket,
  PEER_STRIDE,
  RECEIVE_BUFFER_BYTES,
  SLOT_STRIDE,
  type UdpBatch,
  type UdpSocketOptions,
  type UdpSocketStats,
} from './udp-socket.ts';

/** The addon's side of the contract; the numbers below stand in native/udp_batch.h too, which refuses memory of another size. */
interface Addon {
  open(
    options: UdpSocketOptions & { readonly receiveBufferBytes: number },
    memory: UdpBatch & { readonly counters: Float64Array },
    onBatch: (count: number) => void,
  ): NativeSocket;
  leave(socket: NativeSocket): boolean;
  close(socket: NativeSocket): void;
  shortenSlice(microseconds: number): boolean;
}

interface NativeSocket {
  readonly port: number;
}

/** The shortest that Linux grants. An answer takes a tenth of it, a full batch twice as much. */
const SLICE_US = 100;

const CAPACITY = 64;
const COUNT_RECEIVED = 0;
const COUNT_SENT = 1;
const COUNT_TOO_LONG = 2;
const COUNT_SOURCE_PORT = 3;
const COUNT_ERRNO = 4;
const COUNTERS = COUNT_ERRNO + 134;

/** Whether this machine can open batched sockets, and if not, why. */
export type BatchedAvailability = { readonly available: true } | { readonly available: false; readonly reason: string };

const root = path.join(import.meta.dirname, '../..');
const require = createRequire(import.meta.url);

/** A checkout's own build comes before what the package carries. */
const binaries = ['native/build', `prebuilds/${process.platform}-${process.arch}`].map((directory) =>
  path.join(root, directory, 'udp_batch.node'),
);

function load(): { addon: Addon } | { reason: string } {
  const reasons = new Set<string>();
  for (const binary of binaries) {
    try {
      const addon: Partial<Addon> = require(binary);
      if (isWhole(addon)) return { addon };
      reasons.add(`${binary} was built from other sources: "npm ci" builds it anew`);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      reasons.add(code === 'MODULE_NOT_FOUND' ? `no addon for ${process.platform}-${process.arch}` : message);
    }
  }
  return { reason: [...reasons].join('; ') };
}

function isWhole(addon: Partial<Addon>): addon is Addon {
  return [addon.open, addon.leave, addon.close, addon.shortenSlice].every((part) => typeof part === 'function');
}

/** Looks for the addon, and loads it. */
export function batchedAvailable(): BatchedAvailability {
  const loaded = load();
  return 'addon' in loaded ? { available: true } : { available: false, reason: loaded.reason };
}

/**
 * Asks the kernel to let this thread, when a datagram wakes it, take a processor from one that computes: it gets no more of
 * the processor than before, but in shorter slices, and so sooner (EEVDF, Linux 6.12). It needs no privilege.
 * @returns whether the kernel grants it; where it does not, or there is no addon, everything is as before.
 */
export function preferLatency(): boolean {
  const loaded = load();
  return 'addon' in loaded && loaded.addon.shortenSlice(SLICE_US);
}

/** One allocation for all of it, which stays where it is: the addon keeps the addresses. */
function makeMemory(): UdpBatch & { readonly counters: Float64Array } {
  const slots = CAPACITY * SLOT_STRIDE;
  const memory = new ArrayBuffer(2 * slots + 8 * COUNTERS + 2 * 4 * CAPACITY + PEER_STRIDE * CAPACITY);
  markAsUntransferable(memory);
  let end = 0;
  const take = (bytes: number) => {
    end += bytes;
    return end - bytes;
  };
  return {
    capacity: CAPACITY,
    rx: Buffer.from(memory, take(slots), slots),
    tx: Buffer.from(memory, take(slots), slots),
    counters: new Float64Array(memory, take(8 * COUNTERS), COUNTERS),
    rxLengths: new Int32Array(memory, take(4 * CAPACITY), CAPACITY),
    txLengths: new Int32Array(memory, take(4 * CAPACITY), CAPACITY),
    peers: new Uint8Array(memory, take(PEER_STRIDE * CAPACITY), PEER_STRIDE * CAPACITY),
  };
}

function readStats(counters: Float64Array): UdpSocketStats {
  const count = (index: number) => counters[index] ?? 0;
  const errors: Record<string, number> = {};
  for (let index = COUNT_ERRNO; index < COUNTERS; index++) {
    if (count(index) === 0) continue;
    const errno = index - COUNT_ERRNO;
    errors[errno === 0 ? 'UNKNOWN' : getSystemErrorName(-errno)] = count(index);
  }
  return {
    received: count(COUNT_RECEIVED),
    sent: count(COUNT_SENT),
    dropped: { tooLong: count(COUNT_TOO_LONG), sourcePort: count(COUNT_SOURCE_PORT) },
    errors,
  };
}

/**
 * Binds and listens. Replies leave from the address that was asked, also on a wildcard address.
 * What the handler throws becomes an uncaught exception of this thread.
 * @throws (rejects with) the errno error when the address cannot be bound, and an Error where there is no addon.
 */
export const openBatchedUdpSocket: OpenUdpSocket = async (options, handler) => {
  const loaded = load();
  if ('reason' in loaded) throw new Error(`batched UDP sockets are not available: ${loaded.reason}`);
  const { addon } = loaded;
  const memory = makeMemory();
  const onBatch = (count: number) => handler(memory, count);
  const socket = addon.open({ ...options, receiveBufferBytes: RECEIVE_BUFFER_BYTES }, memory, onBatch);
  return {
    kind: 'batched',
    host: options.host,
    port: socket.port,
    stats: () => readStats(memory.counters),
    leave: () => void addon.leave(socket),
    close: async () => addon.close(socket),
  };
};
