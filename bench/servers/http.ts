/** The cheapest HTTP server there is: the same answer to whatever comes. Prints its port: `node bench/servers/http.ts` */
import { createServer } from 'node:net';

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n';

const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', () => socket.end(ANSWER));
});
server.listen({ port: 0, host: '0.0.0.0', backlog: 4096 }, () => console.log(server.address()));
process.once('disconnect', () => process.exit());
server.once('listening', () => process.send?.(server.address()));
