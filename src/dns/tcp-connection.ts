/** One TCP connection: queries in, replies out in the same order (RFC 7766 §6.2), as fast as the peer reads them. */
import type { Socket } from 'node:net';
import { createFramer } from './tcp-framing.ts';

/**
 * Answers one message. Null: it deserves no answer, and its connection is closed. A reply of several messages (a transfer)
 * is drawn one message a turn of the event loop, while the peer takes them: nobody waits for it, and nothing piles up.
 */
export type TcpHandler = (message: Uint8Array, peer: Uint8Array) => Uint8Array | Iterable<Uint8Array> | null;

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
  let stream: Iterator<Uint8Array> | null = null; // the reply of several messages that is under way

  const close = (): void => {
    socket.off('data', receive);
    socket.destroySoon();
  };

  const send = (reply: Uint8Array): void => {
    congested = !socket.write(frame(reply));
    events.onActive();
  };

  /** @returns what stopped it. */
  const answerWhatIsThere = (): 'incomplete' | 'congested' | 'streaming' | 'refused' => {
    while (!congested) {
      const message = framer.next();
      if (message === 'incomplete') return message;
      const reply = message === 'too_long' ? null : handler(message, peer);
      if (reply === null) return 'refused';
      if (!(reply instanceof Uint8Array)) {
        stream = reply[Symbol.iterator]();
        return 'streaming';
      }
      send(reply);
    }
    return 'congested';
  };

  const pump = (): void => {
    socket.cork();
    const stopped = answerWhatIsThere();
    socket.uncork();
    if (stopped === 'congested') socket.pause();
    else if (stopped === 'streaming') {
      socket.pause();
      setImmediate(draw);
    } else if (stopped === 'refused') {
      events.onRefused();
      close();
    } else if (finishing) close();
    else socket.resume();
  };

  /** Sends the next message of the stream, or goes on behind it. */
  const draw = (): void => {
    if (socket.destroyed || !stream) return;
    const next = stream.next();
    if (next.done) {
      stream = null;
      pump();
      return;
    }
    send(next.value);
    if (!congested) setImmediate(draw);
  };

  const receive = (chunk: Buffer): void => {
    framer.push(chunk);
    if (!congested && !stream) pump();
  };
  const finish = (): void => {
    finishing = true;
    if (!congested && !stream) pump();
  };
  socket.on('data', receive);
  socket.on('end', finish);
  socket.on('drain', () => {
    congested = false;
    events.onActive();
    if (socket.writableEnded) return;
    if (stream) setImmediate(draw);
    else pump();
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
