/**
 * The seam between the sockets and the code that answers: what a DNS worker holds one of. Everything here is synchronous
 * and total; nothing throws for anything that a peer can send.
 */
import type { ZoneChange, ZoneContent } from '../core/zone.ts';
import type { Clock, DataPlaneStats, DnsOptions } from '../runtime/ports.ts';
import type { UdpHandler } from './udp-socket.ts';

export interface ResponderOptions {
  readonly dns: DnsOptions;
  readonly clock: Pick<Clock, 'nowMs' | 'epochMs'>;
  readonly shared: ResponderShared;
}

/**
 * What the responders of all workers have in common, so that it does not matter which of them a client's datagrams meet.
 * It goes to each worker as a copy (of the seed) and as shared memory (of the table), and outlives workers and reloads.
 */
export interface ResponderShared {
  /** 32 random octets, from which the process derives its secrets. */
  readonly seed: Uint8Array;
  /** The buckets of rate limiting. Written without locks: a lost update lets one response more or less pass. */
  readonly rateTable: SharedArrayBuffer;
}

export interface Responder {
  /** Answers a batch of UDP queries in place. */
  readonly handleUdp: UdpHandler;
  /**
   * Answers one message that came over TCP, without its length prefix.
   * @param peer 16 address octets (IPv4-mapped for IPv4), maybe more behind them.
   * @returns the response, without a length prefix; for a transfer its messages, each made when it is drawn; null when the
   *   message deserves none: the connection is then closed. What comes is valid until the next call or draw.
   */
  handleTcp(message: Uint8Array, peer: Uint8Array): Uint8Array | Iterable<Uint8Array> | null;
  /** Swaps all zones at once. */
  load(zones: readonly ZoneContent[]): void;
  /** Applies one publication. */
  apply(change: ZoneChange): void;
  stats(): ResponderStats;
}

/** Counters since the start of the worker. Plain data: it crosses threads. */
export type ResponderStats = Omit<DataPlaneStats, 'workers' | 'sockets' | 'workerRestarts' | 'tcpConnections'>;
