/** A thousand idle and a thousand dripping TCP clients are not noticed over UDP. How much is printed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { startPlane } from '../helpers/data-plane.ts';
import { planeOptions, query } from '../helpers/dns-zone.ts';
import { connectUdp, type UdpClient } from '../helpers/udp.ts';

const PROGRAM = new URL('../helpers/tcp-clients.ts', import.meta.url).pathname;
const QUESTIONS = 2000;

/** One question after the other. @returns the 99th percentile, in milliseconds. */
async function p99(client: UdpClient): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < QUESTIONS; i++) {
    const startMs = performance.now();
    client.send(query(i));
    await client.receive();
    times.push(performance.now() - startMs);
  }
  return times.sort((a, b) => a - b)[Math.floor(0.99 * QUESTIONS)] ?? Number.NaN;
}

for (const sockets of ['dgram', 'auto'] as const) {
  t.test(`${sockets}: every datagram is answered beside 1,000 idle and 1,000 dripping TCP clients`, async (t) => {
    const { dns } = planeOptions();
    const tcp = { maxConnections: 4000, maxPerClient: 100, idleTimeoutMs: 60_000 };
    const { plane, port } = await startPlane(t, { dns: { ...dns, sockets, tcp } });
    const client = await connectUdp(port, '127.0.0.1');
    t.teardown(() => client.close());
    await p99(client);
    const before = await p99(client);
    const args = [PROGRAM, `${port}`, '1000', '1000'];
    const clients = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(clients.stdout, 'data');
    const beside = await p99(client);
    t.match(await plane.stats(), { tcpConnections: 2000, drops: {} });
    clients.stdin.end();
    await once(clients, 'exit');
    t.comment(`p99 of UDP: ${before.toFixed(2)} ms before, ${beside.toFixed(2)} ms beside them`);
  });
}
