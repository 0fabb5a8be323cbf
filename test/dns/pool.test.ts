/** The data plane as the control plane sees it, with real workers and sockets. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import t from 'tap';
import { createDataPlane } from '../../src/dns/pool.ts';
import type { WorkerData } from '../../src/dns/protocol.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { makePlane, quiet, spawnWorker, startPlane } from '../helpers/data-plane.ts';
import { addressIn, askUdp, connectTcp, framed } from '../helpers/dns-client.ts';
import { BACKUP, flipTo, PRIMARY, planeOptions, query, zoneWith } from '../helpers/dns-zone.ts';

t.test('start() binds one port for UDP and TCP on all addresses when the config says 0', async (t) => {
  const listen = ['127.0.0.1', '127.0.0.2', '::1'].map((host) => ({ host, port: 0 }));
  const { bound, port } = await startPlane(t, { listen });
  t.same(
    bound,
    listen.map(({ host }) => ({ host, port })),
  );
  for (const { host } of listen) {
    t.equal(addressIn(await askUdp(port, host)), PRIMARY);
    const client = await connectTcp(t, port, host);
    client.write(framed(query(1)));
    t.equal(addressIn((await client.receive()) ?? Buffer.alloc(4)), PRIMARY);
  }
});

t.test('publish() and replace() reach every worker in order', async (t) => {
  const { plane, port } = await startPlane(t);
  for (let serial = 2; serial < 50; serial++) plane.publish(flipTo(serial % 2 ? PRIMARY : `10.0.0.${serial}`, serial));
  plane.publish(flipTo(BACKUP, 50));
  await plane.stats(); // every worker has taken what came before
  for (let i = 0; i < 20; i++) t.equal(addressIn(await askUdp(port)), BACKUP);
  plane.replace([zoneWith('10.1.1.1', 51)]);
  await plane.stats();
  for (let i = 0; i < 20; i++) t.equal(addressIn(await askUdp(port)), '10.1.1.1');
  t.match(await plane.stats(), { workers: 2, queries: { udp: 40, tcp: 0 }, responses: { NOERROR: 40 } });
});

t.test('a worker that dies is replaced with the current content, and its sibling goes on', async (t) => {
  const workers: Worker[] = [];
  const spawnAndNote = (data: WorkerData): Worker => {
    const worker = spawnWorker(data);
    workers.push(worker);
    return worker;
  };
  const { plane, port } = await startPlane(t, {}, { spawnWorker: spawnAndNote });
  plane.publish(flipTo(BACKUP, 2));
  await plane.stats();
  const [first] = workers;
  const diedAt = performance.now();
  await Promise.all([first?.terminate(), first && once(first, 'exit')]);
  t.equal(await plane.alive(), false);
  for (let i = 0; i < 10; i++) t.equal(addressIn(await askUdp(port)), BACKUP);
  while (!(await plane.alive())) await new Promise((resolve) => setTimeout(resolve, 10));
  t.comment(`replaced after ${Math.round(performance.now() - diedAt)} ms`);
  t.equal(workers.length, 3);
  for (let i = 0; i < 20; i++) t.equal(addressIn(await askUdp(port)), BACKUP);
  t.match(await plane.stats(), { workers: 2, workerRestarts: 1 });
});

t.test('alive() is false before the start and after the stop', async (t) => {
  const plane = makePlane(t);
  t.equal(await plane.alive(), false);
  await plane.start([zoneWith(PRIMARY)]);
  t.equal(await plane.alive(), true);
  await plane.stop();
  t.equal(await plane.alive(), false);
});

t.test('start() works with the threads that the pool starts itself', async (t) => {
  const plane = createDataPlane(planeOptions(), { clock: systemClock, log: quiet });
  t.teardown(() => plane.stop());
  const [bound] = await plane.start([zoneWith(PRIMARY)]);
  t.equal(addressIn(await askUdp(bound?.port ?? 0)), PRIMARY);
});

t.test('start() refuses a port that a second data plane shares with reusePort', async (t) => {
  const { port } = await startPlane(t);
  const second = makePlane(t, { listen: [{ host: '127.0.0.1', port }] });
  await t.rejects(second.start([zoneWith(PRIMARY)]), {
    name: 'ListenError',
    message: `127.0.0.1:${port} (UDP) is taken by another process; stop it or change "listen"`,
  });
});

t.test('start() refuses a wildcard when no interface has an address for it', async (t) => {
  const listen = [{ host: '::', port: 5353 }];
  const plane = makePlane(t, { listen }, { networkInterfaces: () => ({}) });
  await t.rejects(plane.start([zoneWith(PRIMARY)]), {
    name: 'ListenError',
    message: 'no interface has an address for [::]:5353',
  });
});

t.test('start() says which worker could not bind, and leaves nothing behind', async (t) => {
  const alone = (data: WorkerData): Worker => spawnWorker({ ...data, reusePort: false });
  const plane = makePlane(t, {}, { spawnWorker: alone });
  await t.rejects(plane.start([zoneWith(PRIMARY)]), { name: 'ListenError', message: /\(UDP\) is taken/ });
  t.match(await plane.stats(), { workers: 0, workerRestarts: 0 });
});

t.test('a control thread that is blocked for 3 s is not noticed by dig', async (t) => {
  const { port } = await startPlane(t);
  const asking = spawn('sh', ['-c', DIG_FOR_A_WHILE, 'sh', `${port}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  asking.stdout.on('data', (chunk) => chunks.push(chunk));
  await once(asking.stdout, 'data');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
  await once(asking, 'close');
  const times = Buffer.concat(chunks).toString().trim().split('\n');
  t.equal(times.length, 20, 'each within two seconds');
  t.comment(times.join(', '));
});

/** Twenty questions over two seconds; prints how long each answer took. */
const DIG_FOR_A_WHILE = `
for i in $(seq 20); do
  dig @127.0.0.1 -p "$1" app.example.com +tries=1 +time=2 | sed -n 's/^;; \\(Query time.*\\)/\\1/p'
  sleep 0.1
done`;

t.test('stop() finishes what TCP clients have asked', async (t) => {
  const { plane, port } = await startPlane(t);
  const client = await connectTcp(t, port);
  client.write(Buffer.concat(Array.from({ length: 2000 }, (_, i) => framed(query(i)))));
  t.ok(await client.receive());
  const stopped = plane.stop();
  let answered = 1;
  while (await client.receive()) answered += 1;
  t.equal(answered, 2000);
  await stopped;
  await t.rejects(connectTcp(t, port), { code: 'ECONNREFUSED' });
});
