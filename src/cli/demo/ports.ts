import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const PORTS_TRIED = 100;

/** The first port, from this one on, that nobody uses for TCP or UDP at any of the addresses; null when there is none near. */
export async function findFreePort(addresses: readonly string[], from: number): Promise<number | null> {
  for (let port = from; port < from + PORTS_TRIED; port++) {
    const free = await Promise.all(
      addresses.flatMap((address) => [isFreeTcp(address, port), isFreeUdp(address, port)]),
    );
    if (free.every(Boolean)) return port;
  }
  return null;
}

function isFreeTcp(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port }, () => server.close(() => resolve(true)));
  });
}

function isFreeUdp(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => socket.close(() => resolve(false)));
    socket.bind(port, address, () => socket.close(() => resolve(true)));
  });
}
