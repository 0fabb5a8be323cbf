/** One TCP connection: queries in, replies out in the same order (RFC 7766 §6.2), as fast as the peer reads them. */
import type { Socket } from 'node:net';
import { createFramer } from './tcp-framing.ts';

/**
 * Answers one message. Null: it deserves no answer, and its connection is closed.
 * A reply of several messages (a transfer) will be an iterable of them, that {@link serveConnection} draws from while there is room.
 */
export type TcpHandler = (message: Uint8Array, peer: Uint8Array) => Uint8Array | null;

export interface Connection {
  /** Answers what has been received, waits until it is sent, and closes. */
  finish(): void;
  /** Closes at once. */
  destroy(): void;
  /** Octets received and not yet answered, and replies not yet taken by the kernel. */
  buffered(): number;
}

export interface ConnectionEvents {
  /** Whole queries were answered, or the peer has read what waited for it: it is not idle. */
  onActive(): void;
  /** The peer sent what is no query. */
  onRefused(): void;
}

/** @param peer as in {@link import('./responder.ts').Responder.handleTcp}. */
export function serveConnection(
  socket: Socket,
  peer: Uint8Array,
  handler: TcpHandler,
  events: ConnectionEvents,
): Connection {
  const framer = createFramer();
  let congested = false; // the peer does not read as fast as it asks
  let finishing = false;

  const close = (): void => {
    socket.off('data', receive);
    socket.destroySoon();
  };

  /** @returns what stopped it. */
  const answerWhatIsThere = (): 'incomplete' | 'congested' | 'refused' => {
    while (!congested) {
      const message = framer.next();
      if (message === 'incomplete') return message;
      const reply = message === 'too_long' ? null : handler(message, peer);
      if (reply === null) return 'refused';
      congested = !socket.write(frame(reply));
      events.onActive();
    }
    return 'congested';
  };

  const pump = (): void => {
    socket.cork();
    const stopped = answerWhatIsThere();
    socket.uncork();
    if (stopped === 'congested') socket.pause();
    else if (stopped === 'refused') {
      events.onRefused();
      close();
    } else if (finishing) close();
    else socket.resume();
  };

  const receive = (chunk: Buffer): void => {
    framer.push(chunk);
    if (!congested) pump();
  };
  const finish = (): void => {
    finishing = true;
    if (!congested) pump();
  };
  socket.on('data', receive);
  socket.on('end', finish);
  socket.on('drain', () => {
    congested = false;
    events.onActive();
    if (!socket.writableEnded) pump();
  });

  return {
    finish,
    destroy: () => void socket.destroy(),
    buffered: () => framer.buffered + socket.writableLength + socket.readableLength,
  };
}

function frame(reply: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(2 + reply.length);
  bytes.writeUInt16BE(reply.length, 0);
  bytes.set(reply, 2);
  return bytes;
}
