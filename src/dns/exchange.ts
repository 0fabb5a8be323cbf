/** One request to another server and the message that answers it, over UDP or TCP. */
import { createSocket, type Socket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import type { Clock, SecondaryReply } from '../runtime/ports.ts';
import { countsOf } from './header.ts';
import { FLAG_QR, HEADER_OCTETS, OPCODE_MASK, QUESTION_TAIL_OCTETS, readUint16 } from './wire.ts';

export interface Server {
  readonly address: string;
  readonly port: number;
}

export interface ExchangeOptions {
  readonly clock: Clock;
  readonly withinMs: number;
  /** The local address to send from; undefined: the system chooses. */
  readonly source?: string | undefined;
}

export type Exchanged = SecondaryReply<Uint8Array>;

/** The reason when this machine cannot reach the address at all, as without IPv6: no fault of the server. */
export const NO_ROUTE = 'this machine has no route there';

/** Sends once, and waits for what answers it. A socket of its own: its port is hard to guess, and a refusal comes back to it. */
export function exchangeUdp(server: Server, request: Uint8Array, options: ExchangeOptions): Promise<Exchanged> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
    const end = once(options, resolve, () => socket.close());
    socket.on('error', (error) => end({ ok: false, reason: reasonOf(error) }));
    socket.on('message', (reply) => {
      if (answers(reply, request)) end({ ok: true, value: reply });
    });
    send(socket, server, request, options.source);
  });
}

/** The same over a connection of its own (RFC 7766). */
export function exchangeTcp(server: Server, request: Uint8Array, options: ExchangeOptions): Promise<Exchanged> {
  return new Promise((resolve) => {
    const socket = connect({ host: server.address, port: server.port });
    const end = once(options, resolve, () => socket.destroy());
    let received = Buffer.alloc(0);
    socket.on('error', (error) => end({ ok: false, reason: reasonOf(error) }));
    socket.on('close', () => end({ ok: false, reason: 'it closes the connection without an answer' }));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const length = received.length < 2 ? Number.POSITIVE_INFINITY : 2 + readUint16(received, 0);
      if (received.length < length) return;
      const reply = received.subarray(2, length);
      end(answers(reply, request) ? { ok: true, value: reply } : { ok: false, reason: 'it answers something else' });
    });
    socket.write(Buffer.concat([Uint8Array.of(request.length >> 8, request.length), request]));
  });
}

/** Settles with the first result, or when the time is over, and cleans up. */
function once(
  { clock, withinMs }: ExchangeOptions,
  resolve: (result: Exchanged) => void,
  cleanUp: () => void,
): (result: Exchanged) => void {
  let isOver = false;
  const end = (result: Exchanged): void => {
    if (isOver) return;
    isOver = true;
    cancel();
    cleanUp();
    resolve(result);
  };
  const cancel = clock.setTimer(withinMs, () => end({ ok: false, reason: `no reply within ${withinMs / 1000} s` }));
  return end;
}

function send(socket: Socket, { address, port }: Server, request: Uint8Array, source: string | undefined): void {
  socket.bind(source === undefined ? {} : { address: source }, () => {
    socket.connect(port, address, (error?: Error) => {
      if (error) socket.emit('error', error);
      else socket.send(request);
    });
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it resets the connection',
  ENETUNREACH: NO_ROUTE,
  EADDRNOTAVAIL: NO_ROUTE,
  EAFNOSUPPORT: NO_ROUTE,
};

function reasonOf(error: NodeJS.ErrnoException): string {
  return REASONS[error.code ?? ''] ?? error.message;
}

/** Whether a message answers the request: its ID, its opcode and its question. */
function answers(reply: Uint8Array, request: Uint8Array): boolean {
  if (reply.length < HEADER_OCTETS) return false;
  const flags = reply[2] ?? 0;
  const isSame =
    reply[0] === request[0] && reply[1] === request[1] && (flags & OPCODE_MASK) === ((request[2] ?? 0) & OPCODE_MASK);
  return isSame && (flags & FLAG_QR) !== 0 && hasSameQuestion(reply, request);
}

/** An error may come without the question. */
function hasSameQuestion(reply: Uint8Array, request: Uint8Array): boolean {
  const end = endOfQuestion(request);
  if (countsOf(reply).questions === 0) return true;
  return Buffer.from(reply.subarray(HEADER_OCTETS, end)).equals(request.subarray(HEADER_OCTETS, end));
}

/** Where the one question of a message that we made, or that repeats ours, ends. */
export function endOfQuestion(message: Uint8Array): number {
  let at = HEADER_OCTETS;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) at += 1 + length;
  return at + 1 + QUESTION_TAIL_OCTETS;
}
