/** UDP sockets on node:dgram: a batch is one datagram. Serves where the native addon is absent. */
import dgram, { type RemoteInfo } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { writeIpv4, writeIpv6 } from './peer.ts';
import {
  MAX_DATAGRAM,
  type OpenUdpSocket,
  PEER_STRIDE,
  RECEIVE_BUFFER_BYTES,
  REFUSED_SOURCE_PORTS,
  SLOT_STRIDE,
  type UdpBatch,
  type UdpHandler,
  type UdpSocket,
  type UdpSocketOptions,
} from './udp-socket.ts';

/** Replies that may wait for the kernel, which takes them at once unless the network is slower than the queries. */
const MAX_UNSENT = 1024;

const MAX_REFUSED_PORT = Math.max(...REFUSED_SOURCE_PORTS);

/** Up to here a loop copies faster than a call. */
const LOOP_OCTETS = 128;

/** For {@link dgram.createSocket}: nothing is ever looked up, and what is an address goes on at once. */
export const asAddress: dgram.SocketOptions['lookup'] = (address, _family, callback) => callback(null, address, 0);

/**
 * Binds and listens. On a wildcard address replies leave from the address that the kernel prefers: bind to each address.
 * What the handler throws becomes an uncaught exception of this thread.
 * @throws (rejects with) the errno error when the address cannot be bound.
 */
export const openDgramUdpSocket: OpenUdpSocket = async (options, handler) => {
  const socket = await bind(options);
  const { counters, onMessage, hold, sendHeld } = answerWith(handler, socket, isIPv6(options.host));
  socket.on('message', onMessage);
  socket.on('error', (error) => countError(counters.errors, error));
  const { port } = socket.address();
  let closing: Promise<void> | undefined;
  return {
    kind: 'dgram',
    host: options.host,
    port,
    stats: () => structuredClone(counters),
    leave: () => leave(socket, options, hold),
    close: () => {
      closing ??= new Promise((resolve) => {
        sendHeld();
        socket.close(resolve);
      });
      return closing;
    },
  } satisfies UdpSocket;
};

/** A connected socket gets nothing new, as native/batch.c explains; connected, node:dgram sends to nobody else. */
function leave(socket: dgram.Socket, { host }: UdpSocketOptions, hold: () => void): void {
  socket.connect(socket.address().port, host, (error?: Error) => {
    if (!error) hold();
  });
}

function bind({ host, port, reusePort, ipv6Only }: UdpSocketOptions): Promise<dgram.Socket> {
  const isSix = isIPv6(host);
  const socket = dgram.createSocket({
    type: isSix ? 'udp6' : 'udp4',
    ipv6Only: isSix && ipv6Only, // the kernel refuses it for IPv4
    reusePort,
    lookup: asAddress,
    recvBufferSize: RECEIVE_BUFFER_BYTES,
  });
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind(port, host, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

/** The octets are its own, because dgram may keep them until the kernel has room. */
interface Reply {
  readonly bytes: Buffer;
  readonly onSent: (error: Error | null) => void;
}

interface HeldReply {
  readonly reply: Reply;
  readonly port: number;
  readonly address: string;
}

function makeBatch(): UdpBatch {
  return {
    capacity: 1,
    rx: Buffer.alloc(SLOT_STRIDE),
    rxLengths: new Int32Array(1),
    peers: new Uint8Array(PEER_STRIDE).fill(0xff, 10, 12),
    tx: Buffer.alloc(SLOT_STRIDE),
    txLengths: new Int32Array(1),
  };
}

function answerWith(handler: UdpHandler, socket: dgram.Socket, ipv6: boolean) {
  const batch = makeBatch();
  const { rx, rxLengths, tx, txLengths, peers } = batch;
  const counters = { received: 0, sent: 0, dropped: { tooLong: 0, sourcePort: 0 }, errors: {} };
  let unsent = 0;
  /** Replies that wait for the close, while the socket is connected. */
  let held: HeldReply[] | null = null;

  /** One of each length, so that it need not be made for each datagram: mostly the kernel has taken it when the next one comes. */
  const spares: (Reply | undefined)[] = [];

  const makeReply = (length: number): Reply => {
    const reply: Reply = {
      bytes: Buffer.allocUnsafeSlow(length),
      onSent(error) {
        spares[length] = reply;
        unsent -= 1;
        if (error) countError(counters.errors, error);
        else counters.sent += 1;
      },
    };
    return reply;
  };

  const send = (length: number, { port, address }: RemoteInfo): void => {
    const obstacle = length > SLOT_STRIDE ? 'EMSGSIZE' : unsent >= MAX_UNSENT ? 'EAGAIN' : null;
    if (obstacle !== null) {
      countError(counters.errors, { code: obstacle });
      return;
    }
    const reply = spares[length] ?? makeReply(length);
    spares[length] = undefined;
    const { bytes } = reply;
    if (length > LOOP_OCTETS) tx.copy(bytes, 0, 0, length);
    else for (let i = 0; i < length; i++) bytes[i] = tx[i] ?? 0;
    unsent += 1;
    if (held) held.push({ reply, port, address });
    else socket.send(bytes, port, address, reply.onSent);
  };

  const onMessage = (message: Buffer, peer: RemoteInfo): void => {
    if (message.length > MAX_DATAGRAM) counters.dropped.tooLong += 1;
    else if (peer.port <= MAX_REFUSED_PORT && REFUSED_SOURCE_PORTS.includes(peer.port))
      counters.dropped.sourcePort += 1;
    else {
      counters.received += 1;
      rx.set(message);
      rxLengths[0] = message.length;
      if (ipv6) writeIpv6(peer.address, peers, 0);
      else writeIpv4(peer.address, peers, 12);
      peers[16] = peer.port >> 8;
      peers[17] = peer.port;
      txLengths[0] = 0;
      handler(batch, 1);
      const length = txLengths[0] ?? 0;
      if (length > 0) send(length, peer);
    }
  };

  /** The kernel takes them at once; between the two calls it may give the socket a datagram more, which is lost. */
  const sendHeld = (): void => {
    if (!held) return;
    socket.disconnect();
    for (const { reply, port, address } of held) socket.send(reply.bytes, port, address, reply.onSent);
    held = null;
  };
  const hold = (): void => {
    held = [];
  };
  return { counters, onMessage, hold, sendHeld };
}

function countError(
  errors: Record<string, number>,
  { code = 'UNKNOWN' }: NodeJS.ErrnoException | { code: string },
): void {
  errors[code] = (errors[code] ?? 0) + 1;
}
