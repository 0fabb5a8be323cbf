import type { ZoneContent } from '../../src/core/zone.ts';
import { createResponderShared } from '../../src/dns/rate-limit.ts';
import { createResponder } from '../../src/dns/respond.ts';
import type { Responder, ResponderShared } from '../../src/dns/responder.ts';
import { MAX_DATAGRAM, PEER_STRIDE, SLOT_STRIDE, type UdpBatch } from '../../src/dns/udp-socket.ts';
import type { DnsOptions } from '../../src/runtime/ports.ts';
import { type Message, readMessage } from './message.ts';

export const DNS_OPTIONS: DnsOptions = {
  sockets: 'auto',
  ednsSizeBytes: 1232,
  rateLimit: { responsesPerSecond: 0, slip: 2, ipv4PrefixBits: 32, ipv6PrefixBits: 64 },
  cookies: true,
  cookieSecrets: ['000102030405060708090a0b0c0d0e0f'],
  nsid: 'ns1.test',
  chaosVersion: null,
  tcp: { maxConnections: 512, maxPerClient: 32, idleTimeoutMs: 10_000 },
};

/** A responder with a clock that stands still until a test sets it. */
export interface TestResponder {
  readonly responder: Responder;
  readonly clock: { nowMs: number; epochMs: number };
  /** The response to a datagram; null when there is none. */
  udp(message: Uint8Array, peer?: string): Buffer | null;
  tcp(message: Uint8Array, peer?: string): Buffer | null;
  /** The response to a datagram, read. */
  ask(message: Uint8Array, peer?: string): Message;
  askTcp(message: Uint8Array, peer?: string): Message;
}

export function testResponder(
  contents: readonly ZoneContent[],
  options: Partial<DnsOptions> = {},
  shared?: ResponderShared,
): TestResponder {
  const clock = { nowMs: 1_000_000, epochMs: 1_800_000_000_000 };
  const responder = createResponder({
    dns: { ...DNS_OPTIONS, ...options },
    clock: { nowMs: () => clock.nowMs, epochMs: () => clock.epochMs },
    shared: shared ?? createResponderShared((octets) => new Uint8Array(octets).fill(7)),
  });
  responder.load(contents);
  const batch = createBatch(1);
  const udp = (message: Uint8Array, peer = '192.0.2.200') => {
    setQuery(batch, 0, message, peer);
    responder.handleUdp(batch, 1);
    const length = batch.txLengths[0] ?? 0;
    return length === 0 ? null : Buffer.from(batch.tx.subarray(0, length));
  };
  const tcp = (message: Uint8Array, peer = '192.0.2.200') => {
    const response = responder.handleTcp(message, peerOctets(peer));
    return response instanceof Uint8Array ? Buffer.from(response) : null;
  };
  return { responder, clock, udp, tcp, ask: (...args) => read(udp(...args)), askTcp: (...args) => read(tcp(...args)) };
}

function read(response: Buffer | null): Message {
  if (response === null) throw new Error('no response');
  return readMessage(response);
}

export function createBatch(capacity: number): UdpBatch {
  return {
    capacity,
    rx: Buffer.alloc(capacity * SLOT_STRIDE),
    tx: Buffer.alloc(capacity * SLOT_STRIDE),
    rxLengths: new Int32Array(capacity),
    txLengths: new Int32Array(capacity),
    peers: new Uint8Array(capacity * PEER_STRIDE),
  };
}

export function setQuery(batch: UdpBatch, i: number, message: Uint8Array, peer: string): void {
  if (message.length > MAX_DATAGRAM) throw new RangeError('the socket would have dropped it');
  batch.rx.set(message, i * SLOT_STRIDE);
  batch.rxLengths[i] = message.length;
  batch.peers.set(peerOctets(peer), i * PEER_STRIDE);
}

/** 16 octets of the address and 2 of a port. */
export function peerOctets(peer: string): Uint8Array {
  const port = [0x80, 0x01];
  if (!peer.includes(':'))
    return Uint8Array.from([...new Array(10).fill(0), 0xff, 0xff, ...peer.split('.').map(Number), ...port]);
  const groups = new URL(`http://[${peer}]`).hostname.slice(1, -1).split('::');
  const [head = [], tail = []] = groups.map((part) => part.split(':').filter(Boolean));
  const all = [...head, ...new Array(8 - head.length - tail.length).fill('0'), ...tail];
  return Uint8Array.from([
    ...all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
    ...port,
  ]);
}
