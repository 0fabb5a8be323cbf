/** TCP clients that never finish a query: `tcp-clients.ts PORT IDLE DRIPPING`. Says `ready`, and ends with its stdin. */
import { once } from 'node:events';
import net from 'node:net';

const [port = 0, idle = 0, dripping = 0] = process.argv.slice(2).map(Number);

const sockets: net.Socket[] = [];
for (let i = 0; i < idle + dripping; i++) {
  const socket = net.connect({ port, host: '127.0.0.1', localAddress: `127.0.1.${1 + (i % 200)}` });
  socket.on('error', () => {});
  sockets.push(socket);
  await once(socket, 'connect');
}
// 4,096 octets are announced, and come one by one
for (const socket of sockets.slice(idle)) socket.write(Buffer.from([0x10, 0]));
let turn = 0;
const drip = setInterval(() => {
  for (let i = 0; i < dripping / 100; i++) sockets[idle + (turn++ % dripping)]?.write(Buffer.from([0]));
}, 10);
console.log('ready');
process.stdin.on('end', () => {
  clearInterval(drip);
  for (const socket of sockets) socket.destroy();
});
process.stdin.resume();
