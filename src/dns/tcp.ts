/** DNS over TCP (RFC 7766): the connections of one worker, however many addresses they come to. */
import net, { type Socket } from 'node:net';
import { writeAddress } from './peer.ts';
import { type Connection, serveConnection, type TcpHandler } from './tcp-connection.ts';
import type { Quota } from './tcp-quota.ts';

/** The longest that a connection may be open, however busy: a client makes a new one (RFC 7766 §6.2.3). */
const TOTAL_TIMEOUT_MS = 10 * 60_000;

/** Replies that wait for a peer beyond this stop the reading of its queries. */
const WRITE_BUFFER_BYTES = 16 * 1024;

/** The network bits by which an IPv6 client is counted: whoever has one address has the whole of such a network. */
const IPV6_CLIENT_OCTETS = 8;

export interface TcpLimits {
  readonly maxConnections: number;
  readonly maxPerClient: number;
  /** How long a connection may stay without a whole query, or without reading its replies. */
  readonly idleTimeoutMs: number;
}

export interface TcpListenOptions {
  readonly host: string;
  readonly port: number;
  readonly reusePort: boolean;
}

export interface TcpStats {
  readonly connections: number;
  /** Octets that wait in the process, received or to be sent. */
  readonly bufferedBytes: number;
  /** Connections that were not served to their end, by reason. */
  readonly closed: Readonly<Record<'refused' | 'evicted' | 'idle' | 'expired' | 'malformed' | 'failed', number>>;
}

export interface TcpListener {
  readonly port: number;
  /** Stops listening; the connections go on. */
  close(): Promise<void>;
}

export interface TcpServer {
  /** Rejects with the errno error when the address cannot be bound. */
  listen(options: TcpListenOptions): Promise<TcpListener>;
  setLimits(limits: TcpLimits): void;
  /** Closes what has been idle or open for too long; to be called about once a second. */
  sweep(): void;
  stats(): TcpStats;
  /** Finishes the replies under way; settles when no connection is left. */
  finish(): Promise<void>;
}

interface Entry {
  readonly connection: Connection;
  readonly client: Buffer;
  readonly openedMs: number;
  lastActiveMs: number;
  isExpired: boolean;
}

/** @param nowMs monotonic. */
export function createTcpServer(
  handler: TcpHandler,
  initial: TcpLimits,
  { quota, nowMs }: { readonly quota: Quota; readonly nowMs: () => number },
): TcpServer {
  let limits = initial;
  let onEmpty = (): void => {};
  const byAge = new Set<Entry>(); // in the order of their opening
  const byActivity = new Set<Entry>(); // the one that has been idle for longest comes first
  const closed = { refused: 0, evicted: 0, idle: 0, expired: 0, malformed: 0, failed: 0 };

  const forget = (entry: Entry): void => {
    if (!byAge.delete(entry)) return;
    byActivity.delete(entry);
    quota.remove(entry.client);
    if (byAge.size === 0) onEmpty();
  };

  const drop = (entry: Entry, reason: keyof typeof closed): void => {
    closed[reason] += 1;
    forget(entry);
    entry.connection.destroy();
  };

  const evict = (of: (entry: Entry) => boolean): boolean => {
    for (const entry of byActivity) {
      if (!of(entry)) continue;
      drop(entry, 'evicted');
      return true;
    }
    return false;
  };

  const makeRoom = (client: Buffer): boolean =>
    (quota.ofClient(client) < limits.maxPerClient || evict((entry) => entry.client.equals(client))) &&
    (quota.total() < limits.maxConnections || evict(() => true));

  const serve = (socket: Socket, peer: Buffer): void => {
    const entry: Entry = {
      client: clientOf(peer),
      openedMs: nowMs(),
      lastActiveMs: nowMs(),
      isExpired: false,
      connection: serveConnection(socket, peer, handler, {
        onActive: () => {
          entry.lastActiveMs = nowMs();
          if (byActivity.delete(entry)) byActivity.add(entry);
        },
        onRefused: () => {
          closed.malformed += 1;
        },
      }),
    };
    byAge.add(entry);
    byActivity.add(entry);
    quota.add(entry.client);
    socket.on('close', () => forget(entry));
  };

  const accept = (socket: Socket): void => {
    socket.on('error', () => {
      closed.failed += 1; // reset by the peer, as a rule; 'close' follows
    });
    const peer = peerOf(socket);
    if (peer && makeRoom(clientOf(peer))) serve(socket, peer);
    else {
      closed.refused += 1;
      socket.destroy();
    }
  };

  return {
    listen: (options) => listen(options, accept),
    setLimits(next) {
      limits = next;
    },
    sweep() {
      const now = nowMs();
      for (const entry of byActivity) {
        if (now - entry.lastActiveMs < limits.idleTimeoutMs) break;
        drop(entry, 'idle');
      }
      for (const entry of byAge) {
        if (now - entry.openedMs < TOTAL_TIMEOUT_MS) break;
        if (!entry.isExpired) closed.expired += 1;
        entry.isExpired = true;
        entry.connection.finish();
      }
    },
    stats: () => ({
      connections: byAge.size,
      bufferedBytes: [...byAge].reduce((sum, { connection }) => sum + connection.buffered(), 0),
      closed: { ...closed },
    }),
    finish() {
      for (const { connection } of byAge) connection.finish();
      return byAge.size === 0 ? Promise.resolve() : new Promise((resolve) => (onEmpty = resolve));
    },
  };
}

function listen({ host, port, reusePort }: TcpListenOptions, accept: (socket: Socket) => void): Promise<TcpListener> {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true, highWaterMark: WRITE_BUFFER_BYTES }, accept);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, reusePort, ipv6Only: net.isIPv6(host) }, () => {
      server.off('error', reject);
      server.on('error', () => {}); // accept() failed, for lack of descriptors as a rule: the next one may do
      const address = server.address();
      const bound = typeof address === 'object' && address ? address.port : port;
      resolve({ port: bound, close: async () => void server.close() });
    });
  });
}

/** 16 octets of the address and 2 of the port; null when the peer has gone already. */
function peerOf({ remoteAddress, remotePort }: Socket): Buffer | null {
  if (remoteAddress === undefined || remotePort === undefined) return null;
  const peer = Buffer.alloc(18);
  writeAddress(remoteAddress, peer, 0);
  peer.writeUInt16BE(remotePort, 16);
  return peer;
}

const MAPPED = Buffer.from('00000000000000000000ffff', 'hex');

function clientOf(peer: Buffer): Buffer {
  const isIpv4 = peer.subarray(0, MAPPED.length).equals(MAPPED);
  return peer.subarray(0, isIpv4 ? 16 : IPV6_CLIENT_OCTETS);
}
