/**
 * The seam between the sockets and the code that answers: what a DNS worker holds one of. Everything here is synchronous
 * and total; nothing throws for anything that a peer can send.
 */
import type { ZoneChange, ZoneContent } from '../core/zone.ts';
import type { UdpHandler } from './udp-socket.ts';

export interface Responder {
  /** Answers a batch of UDP queries in place. */
  readonly handleUdp: UdpHandler;
  /**
   * Answers one message that came over TCP, without its length prefix.
   * @param peer 16 address octets (IPv4-mapped for IPv4) and 2 of the port.
   * @returns the response, without a length prefix; null when the message deserves none: the connection is then closed.
   *   The buffer is valid until the next call.
   */
  handleTcp(message: Uint8Array, peer: Uint8Array): Uint8Array | null;
  /** Swaps all zones at once. */
  load(zones: readonly ZoneContent[]): void;
  /** Applies one publication. */
  apply(change: ZoneChange): void;
  stats(): ResponderStats;
}

/** Counters since the start of the worker. Plain data: it crosses threads. */
export interface ResponderStats {
  readonly queries: { readonly udp: number; readonly tcp: number };
  /** By rcode name. */
  readonly responses: Readonly<Record<string, number>>;
  /** By reason. */
  readonly drops: Readonly<Record<string, number>>;
}
