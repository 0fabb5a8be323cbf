/**
 * The UDP side of the data plane as seen by the code that answers: a batch of datagrams comes in, its replies go out.
 * Two implementations stand behind it, node:dgram (one datagram a batch) and the native addon (recvmmsg/sendmmsg).
 */

/** Bytes of a peer in {@link UdpBatch.peers}: 16 of the IPv6 (or IPv4-mapped) address, 2 of the port, 2 unused. */
export const PEER_STRIDE = 20;

/** The largest datagram that is looked at; a longer one is dropped and counted by the socket. */
export const MAX_DATAGRAM = 4096;

/**
 * Distance between datagrams in {@link UdpBatch.rx} and {@link UdpBatch.tx}: {@link MAX_DATAGRAM} and one cache line more,
 * so that the starts of the slots do not fall into the same cache set.
 */
export const SLOT_STRIDE = MAX_DATAGRAM + 64;

/** Asked of the kernel for the receive queue of a socket; `net.core.rmem_max` caps it. */
export const RECEIVE_BUFFER_BYTES = 1 << 20;

/**
 * Source ports whose datagrams are dropped: 0 cannot be answered, and behind 7 (echo) and 19 (chargen) stand services that
 * answer an answer, so that a forged query would make two servers talk for ever.
 */
export const REFUSED_SOURCE_PORTS: readonly number[] = [0, 7, 19];

/** Memory shared by a socket and its handler. It is valid only during the handler's call. */
export interface UdpBatch {
  readonly capacity: number;
  /** Datagram i stands at `i * SLOT_STRIDE`. */
  readonly rx: Buffer;
  readonly rxLengths: Int32Array;
  /** Where each datagram came from, at `i * PEER_STRIDE`. */
  readonly peers: Uint8Array;
  /** The handler writes reply i at `i * SLOT_STRIDE` and its length to `txLengths[i]`; 0 means no reply. */
  readonly tx: Buffer;
  readonly txLengths: Int32Array;
}

/** Answers datagrams 0 to count - 1 of the batch: synchronous, total, no allocation that can be avoided. */
export type UdpHandler = (batch: UdpBatch, count: number) => void;

export interface UdpSocketOptions {
  /** An IPv4 or IPv6 address; a link-local one with its scope (`fe80::1%eth0`). */
  readonly host: string;
  /** 0: one that the kernel chooses. */
  readonly port: number;
  /** SO_REUSEPORT: the sockets of several workers share the address, and the kernel spreads the peers over them. */
  readonly reusePort: boolean;
  /** For an IPv6 address: leave IPv4 to other sockets. With false `::` serves both families. */
  readonly ipv6Only: boolean;
}

/** Counters since the socket was opened. */
export interface UdpSocketStats {
  readonly received: number;
  readonly sent: number;
  /** Datagrams over {@link MAX_DATAGRAM} octets, and those from {@link REFUSED_SOURCE_PORTS}. */
  readonly dropped: { readonly tooLong: number; readonly sourcePort: number };
  /** By errno name: `EAGAIN`, `ENOBUFS`, `EPERM`, … None of them ends the socket. */
  readonly errors: Readonly<Record<string, number>>;
}

export interface UdpSocket {
  readonly kind: 'batched' | 'dgram';
  readonly host: string;
  readonly port: number;
  stats(): UdpSocketStats;
  /**
   * Leaves new datagrams to the other sockets of the address, where the kernel knows how (seen on Linux 6.18); those that
   * are in the queue are still answered. To be called before {@link close}, with a moment in between for what is on its way.
   */
  leave(): void;
  close(): Promise<void>;
}

/** Binds and listens. Rejects with the errno error when the address cannot be bound. */
export type OpenUdpSocket = (options: UdpSocketOptions, handler: UdpHandler) => Promise<UdpSocket>;
