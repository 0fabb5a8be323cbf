/** One TCP connection: queries in, replies out in the same order (RFC 7766 §6.2), as fast as the peer reads them. */
import type { Socket } from 'node:net';
import { createFramer } from './tcp-framing.ts';

/**
 * Answers one message. Null: it deserves no answer, and its connection is closed. A reply of several messages (a transfer)
 * is drawn one message a turn of the event loop, while the peer takes them: nobody waits for it, and nothing piles up.
 */
export type TcpHandler = (message: Uint8Array, peer: Uint8Array) => Uint8Array | Iterable<Uint8Array> | null;

/** So that a peer who pipelines without end leaves each turn of the loop to UDP and to the other connections too. */
const ANSWERS_A_TURN = 32;

/** So long a new connection's first query may take to come behind its handshake, when the connection is to be finished. */
const FIRST_QUERY_WITHIN_MS = 250;

export interface Connection {
  /** Answers what has been received, or the first query that is about to come, waits until it is sent, and closes. */
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
  let waitsForTurn = false;
  let finishing = false;
  let awaitsFirstQuery = true;
  let isDry = false; // the last turn of the loop brought nothing
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
  const answerWhatIsThere = (): 'incomplete' | 'congested' | 'turn_over' | 'refused' => {
    for (let answered = 0; !congested; answered++) {
      if (answered === ANSWERS_A_TURN) return 'turn_over';
      const message = framer.next();
      if (message === 'incomplete') return message;
      awaitsFirstQuery = false;
      const reply = message === 'too_long' ? null : handler(message, peer);
      if (reply === null) return 'refused';
      if (!(reply instanceof Uint8Array)) {
        stream = reply[Symbol.iterator]();
        return 'turn_over';
      }
      send(reply);
    }
    return 'congested';
  };

  const pump = (): void => {
    const wasDry = isDry;
    isDry = false;
    socket.cork();
    const stopped = answerWhatIsThere();
    socket.uncork();
    if (stopped === 'incomplete') socket.resume();
    else socket.pause();
    if (stopped === 'refused') {
      events.onRefused();
      close();
    } else if (stopped === 'turn_over') goOnNextTurn();
    else if (stopped === 'incomplete' && finishing && !awaitsFirstQuery) closeWhenDry(wasDry);
  };

  /** Closes once a turn of the loop has brought nothing: what is unread then would reset the connection, its replies with it. */
  const closeWhenDry = (wasDry: boolean): void => {
    isDry = true;
    if (wasDry) close();
    else goOnNextTurn();
  };

  const goOnNextTurn = (): void => {
    if (waitsForTurn) return;
    waitsForTurn = true;
    setImmediate(() => {
      waitsForTurn = false;
      if (socket.writableEnded || socket.destroyed) return;
      if (stream) draw(stream);
      else pump();
    });
  };

  /** Sends the next message of the stream, or goes on behind it. */
  const draw = (from: Iterator<Uint8Array>): void => {
    const next = from.next();
    if (next.done) {
      stream = null;
      pump();
    } else {
      send(next.value);
      if (!congested) goOnNextTurn();
    }
  };

  const pumpUnlessBusy = (): void => {
    if (!congested && !waitsForTurn && !stream) pump();
  };
  const receive = (chunk: Buffer): void => {
    isDry = false;
    framer.push(chunk);
    pumpUnlessBusy();
  };
  const end = (): void => {
    finishing = true;
    awaitsFirstQuery = false;
    pumpUnlessBusy();
  };
  const finish = (): void => {
    finishing = true;
    if (awaitsFirstQuery) {
      const giveUp = setTimeout(end, FIRST_QUERY_WITHIN_MS);
      socket.once('close', () => clearTimeout(giveUp));
    } else {
      pumpUnlessBusy();
    }
  };
  socket.on('data', receive);
  socket.on('end', end);
  socket.on('drain', () => {
    congested = false;
    events.onActive();
    goOnNextTurn(); // the kernel may have taken all at once, within the turn
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
