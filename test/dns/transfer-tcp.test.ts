/** A transfer in a worker that has other things to do: nobody waits for it, whatever its client does. */
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { createDataPlane } from '../../src/dns/pool.ts';
import { systemClock as clock } from '../../src/runtime/clock.ts';
import { askUdp, connectTcp, framed } from '../helpers/dns-client.ts';
import { planeOptions } from '../helpers/dns-zone.ts';
import { query } from '../helpers/message.ts';
import { content } from '../helpers/zones.ts';

const AXFR = 252;
const ANCOUNT_AT = 6;
const RECORDS = 10_000;
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const AXFR_QUERY = framed(query({ type: AXFR, name: 'app.example.com' }));

/** 2.6 MB of zone in one worker. */
async function start(t: Test, idleTimeoutMs: number) {
  const text = 'x'.repeat(240);
  const lines = Array.from({ length: RECORDS }, (_, i) => `host-${i} 60 TXT ${text}`);
  const zone = content('app.example.com', ['@ 5 A 192.0.2.10', ...lines].join('\n'));
  const base = planeOptions();
  const transfer = { keys: [], secondaries: [{ zone: zone.apex, address: '127.0.0.1', key: null }] };
  const dns = { ...base.dns, transfer, tcp: { ...base.dns.tcp, idleTimeoutMs } };
  const plane = createDataPlane({ ...base, workers: 1, dns }, { clock, log: silent });
  const [bound] = await plane.start([zone]);
  t.teardown(() => plane.stop());
  if (!bound) throw new Error('not bound');
  return { plane, port: bound.port };
}

t.test('a transfer does not hold up UDP: 10,000 records in slices', async (t) => {
  const { port } = await start(t, 10_000);
  const client = await connectTcp(t, port);
  client.write(AXFR_QUERY);
  let longestMs = 0;
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      const startMs = performance.now();
      await askUdp(port);
      longestMs = Math.max(longestMs, performance.now() - startMs);
    }
  })();
  let answers = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of client.socket) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      answers += rest.readUInt16BE(2 + ANCOUNT_AT);
      rest = rest.subarray(2 + rest.readUInt16BE(0));
    }
    if (answers >= RECORDS + 3) break;
  }
  isOver = true;
  await asking;
  t.equal(answers, RECORDS + 3);
  t.comment(`the longest query took ${longestMs.toFixed(1)} ms`);
  t.ok(longestMs < 1000);
});

t.test('a client that stops reading half-way costs neither memory nor time, and is closed', async (t) => {
  const { plane, port } = await start(t, 1000);
  const client = await connectTcp(t, port);
  client.socket.pause();
  for (let i = 0; i < 30; i++) client.write(AXFR_QUERY); // more than the kernel takes
  const before = process.memoryUsage().rss;
  // Until nothing but our own queries is answered any more.
  for (let last = -1, now = 0; now - last > 1; ) {
    last = now;
    await sleep(100);
    await askUdp(port);
    now = (await plane.stats()).responses.NOERROR ?? 0;
  }
  t.ok(process.memoryUsage().rss - before < 64 * 2 ** 20, 'no more than the kernel takes is made');
  while ((await plane.stats()).tcpConnections > 0) await sleep(50);
  await askUdp(port);
  t.pass('closed, as it reads nothing');
});
