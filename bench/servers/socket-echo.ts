/** failoverd's own sockets without any answering: what they cost alone. `node bench/servers/socket-echo.ts PORT` */
import { openBatchedUdpSocket } from '../../src/dns/udp-batched.ts';
import { SLOT_STRIDE, type UdpBatch } from '../../src/dns/udp-socket.ts';

function echo({ rx, tx, rxLengths, txLengths }: UdpBatch, count: number): void {
  for (let i = 0; i < count; i++) {
    const start = i * SLOT_STRIDE;
    const length = rxLengths[i] ?? 0;
    for (let at = start; at < start + length; at++) tx[at] = rx[at] ?? 0;
    tx[start + 2] = (tx[start + 2] ?? 0) | 0x80;
    txLengths[i] = length;
  }
}

await openBatchedUdpSocket(
  { host: '127.0.0.1', port: Number(process.argv[2]), reusePort: false, ipv6Only: false },
  echo,
);
