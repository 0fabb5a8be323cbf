/** node:dgram at its barest: every datagram back with QR set. `node bench/servers/dgram-echo.ts PORT` */
import dgram from 'node:dgram';

const socket = dgram.createSocket('udp4');
socket.on('message', (message, { port, address }) => {
  message[2] = (message[2] ?? 0) | 0x80;
  socket.send(message, port, address);
});
socket.bind(Number(process.argv[2]), '127.0.0.1');
