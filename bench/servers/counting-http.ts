/**
 * A cheap HTTP server on every address of loopback that counts the requests to each: `fork` it; it tells its port, and for each
 * message that it gets the addresses that were asked since the one before.
 */
import { createServer } from 'node:net';

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n';

let asked = new Map<string, number>();
const server = createServer((socket) => {
  const { localAddress = '' } = socket;
  asked.set(localAddress, (asked.get(localAddress) ?? 0) + 1);
  socket.on('error', () => {});
  socket.once('data', () => socket.end(ANSWER));
});
server.listen({ port: 0, host: '0.0.0.0', backlog: 4096 }, () => process.send?.(server.address()));
process.on('message', () => {
  process.send?.([...asked]);
  asked = new Map();
});
process.once('disconnect', () => process.exit());
