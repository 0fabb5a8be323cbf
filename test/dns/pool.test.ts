/** The data plane as the control plane sees it, with real workers and sockets. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import t, { type Test } from 'tap';
import { createDataPlane, type DataPlaneDeps } from '../../src/dns/pool.ts';
import type { WorkerData } from '../../src/dns/protocol.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import type { DataPlane, DataPlaneOptions } from '../../src/runtime/ports.ts';
import { addressIn, askUdp, connectTcp, framed } from '../helpers/dns-client.ts';
import { BACKUP, flipTo, PRIMARY, planeOptions, query, zoneWith } from '../helpers/dns-zone.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

function makePlane(t: Test, options: Partial<DataPlaneOptions> = {}, deps: Partial<DataPlaneDeps> = {}): DataPlane {
  const plane = createDataPlane(planeOptions(options), { clock: systemClock, log: quiet, ...deps });
  t.teardown(() => plane.stop());
  return plane;
}

async function start(t: Test, options?: Partial<DataPlaneOptions>, deps?: Partial<DataPlaneDeps>) {
  const plane = makePlane(t, options, deps);
  const bound = await plane.start([zoneWith(PRIMARY)]);
  return { plane, bound, port: bound[0]?.port ?? 0 };
}

t.test('start() binds one port for UDP and TCP on all addresses when the config says 0', async (t) => {
  const listen = ['127.0.0.1', '127.0.0.2', '::1'].map((host) => ({ host, port: 0 }));
  const { bound, port } = await start(t, { listen });
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
  const { plane, port } = await start(t);
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
  const spawnWorker = (workerData: WorkerData): Worker => {
    const worker = new Worker(new URL('../../src/dns/worker.ts', import.meta.url), { workerData, execArgv: [] });
    workers.push(worker);
    return worker;
  };
  const { plane, port } = await start(t, {}, { spawnWorker });
  plane.publish(flipTo(BACKUP, 2));
  await plane.stats();
  const [first] = workers;
  const diedAt = performance.now();
  await Promise.all([first?.terminate(), first && once(first, 'exit')]);
  t.equal(await plane.alive(), false);
  for (let i = 0; i < 10; i++) t.equal(addressIn(await askUdp(port)), BACKUP);
  while (!(await plane.alive())) await new Promise((resolve) => setTimeout(resolve, 10));
  t.ok(performance.now() - diedAt < 1000, 'replaced within a second');
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

t.test('start() refuses a port that a second data plane shares with reusePort', async (t) => {
  const { port } = await start(t);
  const second = makePlane(t, { listen: [{ host: '127.0.0.1', port }] });
  await t.rejects(second.start([zoneWith(PRIMARY)]), {
    name: 'ListenError',
    message: `127.0.0.1:${port} (UDP) is taken by another process; stop it or change "listen"`,
  });
});
