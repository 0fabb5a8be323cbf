import dgram from 'node:dgram';
import { on, once } from 'node:events';
import { SLOT_STRIDE, type UdpBatch } from '../../src/dns/udp-socket.ts';

/** A handler that sends back what came. */
export function echo(batch: UdpBatch, count: number): void {
  for (let i = 0; i < count; i++) {
    const start = i * SLOT_STRIDE;
    const length = batch.rxLengths[i] ?? 0;
    batch.rx.copy(batch.tx, start, start, start + length);
    batch.txLengths[i] = length;
  }
}

export interface UdpClient {
  readonly port: number;
  send(payload: Buffer | string): void;
  /** Settles with the next datagram, in the order of their coming. */
  receive(): Promise<Buffer>;
  close(): void;
}

/** A socket that is connected to the server, so that it takes only what comes from the very address that it asked. */
export async function connectUdp(port: number, host: string): Promise<UdpClient> {
  const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const messages = on(socket, 'message');
  socket.connect(port, host);
  await once(socket, 'connect');
  return {
    port: socket.address().port,
    send: (payload) => socket.send(payload),
    receive: async () => {
      const { value } = await messages.next();
      return value?.[0];
    },
    close: () => socket.close(),
  };
}
