/**
 * How two failoverds on one database speak of who decides: JSON lines over a unix socket beside the database, which only
 * its owner may connect to.
 *
 * | incumbent                          | successor                                                             |
 * |------------------------------------|-----------------------------------------------------------------------|
 * | `hello`: who it is, where it answers |                                                                     |
 * |                                    | `take`                                                                |
 * | stops deciding, writes its history, gives back its lease |                                                 |
 * | `released`, or `refused` before any of that |                                                              |
 * |                                    | takes the lease, restores, answers on the same addresses: `answering` |
 * | drains its sockets and ends        |                                                                       |
 *
 * A connection that ends before `answering` means that there is no successor: the incumbent takes its lease back.
 */
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';
import { realDatabasePath } from '../../history/lease.ts';
import type { BoundAddress } from '../../runtime/ports.ts';

export const PROTOCOL = 1;

export interface Hello {
  readonly kind: 'hello';
  readonly protocol: number;
  readonly pid: number;
  readonly version: string;
  readonly addresses: readonly BoundAddress[];
}

export type FromIncumbent =
  | Hello
  | { readonly kind: 'released' }
  /** In words, for people. */
  | { readonly kind: 'refused'; readonly reason: string };

export type FromSuccessor = { readonly kind: 'take' } | { readonly kind: 'answering' };

export interface Channel<In, Out> {
  send(message: Out): void;
  /** The next message; null when the other side has gone, or says what no failoverd says. */
  next(): Promise<In | null>;
  close(): void;
}

export function createChannel<In extends { readonly kind: string }, Out>(socket: Socket): Channel<In, Out> {
  const arrived: (In | null)[] = [];
  const waiting: ((message: In | null) => void)[] = [];
  let rest = '';

  const deliver = (message: In | null): void => {
    const settle = waiting.shift();
    if (settle) settle(message);
    else arrived.push(message);
  };
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) deliver(parseMessage<In>(line));
  });
  socket.on('error', () => {}); // 'close' follows
  socket.on('close', () => {
    for (const settle of waiting.splice(0)) settle(null);
  });

  return {
    send: (message) => void socket.write(`${JSON.stringify(message)}\n`),
    async next() {
      const message = arrived.shift();
      if (message !== undefined) return message;
      if (socket.destroyed) return null;
      return new Promise((resolve) => waiting.push(resolve));
    },
    close: () => void socket.destroySoon(),
  };
}

function parseMessage<In extends { readonly kind: string }>(line: string): In | null {
  try {
    const message: unknown = JSON.parse(line);
    return typeof message === 'object' && message !== null && 'kind' in message ? (message as In) : null;
  } catch {
    return null;
  }
}

/** The most octets that the name of a unix socket may have on Linux (unix(7)). */
const MAX_NAME_OCTETS = 107;

export interface SocketName {
  readonly name: string;
  /** To be called when the socket is closed: until then the name holds a descriptor. */
  forget(): void;
}

/** @throws a system error where the folder cannot be opened. */
export function socketNameOf(database: string): SocketName {
  const file = `${realDatabasePath(database)}.socket`;
  if (Buffer.byteLength(file) <= MAX_NAME_OCTETS || process.platform !== 'linux') return { name: file, forget() {} };
  const folder = openSync(path.dirname(file), 'r');
  return { name: `/proc/self/fd/${folder}/${path.basename(file)}`, forget: () => closeSync(folder) };
}
