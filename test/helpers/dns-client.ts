/** A DNS client for tests: enough to ask for the apex's address, over UDP and TCP. */
import { once } from 'node:events';
import net from 'node:net';
import type { Test } from 'tap';
import { query } from './dns-zone.ts';
import { connectUdp } from './udp.ts';

/** What stands in the last four octets of a response to an A query without EDNS. */
export function addressIn(response: Buffer): string {
  return [...response.subarray(-4)].join('.');
}

/** Asks once; rejects when nothing comes within 2 s. */
export async function askUdp(port: number, host = '127.0.0.1'): Promise<Buffer> {
  const client = await connectUdp(port, host);
  const timer = setTimeout(() => client.close(), 2000);
  try {
    client.send(query(7));
    const response = await client.receive();
    if (!response) throw new Error(`no response from ${host}:${port}`);
    return response;
  } finally {
    clearTimeout(timer);
    client.close();
  }
}

export interface TcpClient {
  readonly socket: net.Socket;
  /** Sends these octets as they are. */
  write(octets: Buffer): void;
  /** The next whole message; null when the server has closed. */
  receive(): Promise<Buffer | null>;
}

export async function connectTcp(t: Test, port: number, host = '127.0.0.1', localAddress?: string): Promise<TcpClient> {
  const socket = net.connect({ port, host, allowHalfOpen: true, ...(localAddress ? { localAddress } : {}) });
  socket.on('error', () => {}); // a reset is an end like any other here
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  return { socket, write: (octets) => void socket.write(octets), receive: receiver(socket) };
}

function receiver(socket: net.Socket): () => Promise<Buffer | null> {
  return async () => {
    const prefix = await read(socket, 2);
    return prefix && read(socket, prefix.readUInt16BE(0));
  };
}

async function read(socket: net.Socket, octets: number): Promise<Buffer | null> {
  for (;;) {
    const chunk: Buffer | null = socket.read(octets);
    if (chunk) return chunk.length === octets ? chunk : null;
    if (socket.readableEnded || socket.destroyed) return null;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const event of ['readable', 'end', 'close']) socket.off(event, done);
        resolve();
      };
      for (const event of ['readable', 'end', 'close']) socket.on(event, done);
    });
  }
}

/** A message with its length before it. */
export function framed(message: Buffer): Buffer {
  return Buffer.concat([Buffer.from([message.length >> 8, message.length & 255]), message]);
}
