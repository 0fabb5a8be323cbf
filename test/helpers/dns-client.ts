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

/** Reads from the socket only as long as somebody waits for a message. */
function receiver(socket: net.Socket): () => Promise<Buffer | null> {
  const chunks: AsyncIterator<Buffer> = socket[Symbol.asyncIterator]();
  let rest = Buffer.alloc(0);
  const take = async (octets: number): Promise<Buffer | null> => {
    while (rest.length < octets) {
      const { value: chunk } = await chunks.next().catch(() => ({ value: undefined }));
      if (!chunk) return null;
      rest = Buffer.concat([rest, chunk]);
    }
    const taken = rest.subarray(0, octets);
    rest = rest.subarray(octets);
    return taken;
  };
  return async () => {
    const prefix = await take(2);
    return prefix && take(prefix.readUInt16BE(0));
  };
}

/** A message with its length before it. */
export function framed(message: Buffer): Buffer {
  return Buffer.concat([Buffer.from([message.length >> 8, message.length & 255]), message]);
}
