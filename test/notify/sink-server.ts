/** A receiver of webhooks that does what a test tells it: a real server on a free port of 127.0.0.1. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Behaviour = (response: ServerResponse, socket: Socket) => void;

export const ACCEPT: Behaviour = (response) => response.writeHead(204).end();
export const HANG: Behaviour = () => {};
export const CLOSE: Behaviour = (_response, socket) => socket.destroy();
export const answer =
  (status: number, body = '', headers: Record<string, string> = {}): Behaviour =>
  (response) =>
    response.writeHead(status, headers).end(body);

export interface SinkServer {
  readonly url: string;
  readonly received: Received[];
  /** How it answers from now on. */
  behave(behaviour: Behaviour): void;
  /** Settles when so many have come in all. */
  count(wanted: number): Promise<void>;
  close(): Promise<void>;
}

export async function startSink(behaviour: Behaviour = ACCEPT, port = 0): Promise<SinkServer> {
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  let current = behaviour;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() });
      current(response, request.socket);
      for (const look of waiting) look();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/canary-5e7d1c`,
    received,
    behave(next) {
      current = next;
    },
    count: (wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (received.length < wanted) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
