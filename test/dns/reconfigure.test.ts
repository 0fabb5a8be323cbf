/** What a reload and the interfaces change while queries are answered. */
import type { Worker } from 'node:worker_threads';
import t from 'tap';
import type { WorkerData } from '../../src/dns/protocol.ts';
import { spawnWorker, startPlane } from '../helpers/data-plane.ts';
import { addressIn, askUdp, connectTcp, framed, type TcpClient } from '../helpers/dns-client.ts';
import { BACKUP, flipTo, PRIMARY, planeOptions, query, zoneWith } from '../helpers/dns-zone.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';

t.test('reconfigure() moves to other addresses, keeps the port that was chosen, and changes the workers', async (t) => {
  const { plane, port } = await startPlane(t, { listen: [{ host: '127.0.0.1', port: 0 }], workers: 1 });
  const connected = await connectTcp(t, port);
  const listen = [{ host: '127.0.0.2', port: 0 }];
  t.same(await plane.reconfigure(planeOptions({ listen, workers: 3 })), [{ host: '127.0.0.2', port }]);
  t.equal(addressIn(await askUdp(port, '127.0.0.2')), PRIMARY);
  await t.rejects(connectTcp(t, port, '127.0.0.1'), { code: 'ECONNREFUSED' });
  connected.write(framed(query(1)));
  t.ok(await connected.receive(), 'a connection outlives the address that it came to');
  t.match(await plane.stats(), { workers: 3, workerRestarts: 0, queries: { udp: 1, tcp: 1 } });
  t.equal(await plane.alive(), true);
  await plane.reconfigure(planeOptions({ listen, workers: 1 }));
  t.match(await plane.stats(), { workers: 1, queries: { udp: 1 } });
  t.equal(addressIn(await askUdp(port, '127.0.0.2')), PRIMARY);
});

t.test('reconfigure() changes what is answered by, in the workers that are there', async (t) => {
  let spawned = 0;
  const spawnAndCount = (data: WorkerData): Worker => {
    spawned += 1;
    return spawnWorker(data);
  };
  const { plane, port } = await startPlane(t, {}, { spawnWorker: spawnAndCount });
  plane.publish(flipTo(BACKUP, 2));
  await askUdp(port);
  const { dns } = planeOptions();
  await plane.reconfigure(planeOptions({ dns: { ...dns, tcp: { ...dns.tcp, maxConnections: 1 } } }));
  await plane.stats();
  t.equal(spawned, 2);
  for (let i = 0; i < 10; i++) t.equal(addressIn(await askUdp(port)), BACKUP);
  t.match(await plane.stats(), { queries: { udp: 11 } }, 'nothing that was counted is forgotten');
  const [first, second] = [await connectTcp(t, port), await connectTcp(t, port)];
  const served = await Promise.all([first, second].map(ask));
  t.equal(served.filter((response) => response !== null).length, 1, 'one connection in both workers together');
});

async function ask(client: TcpClient): Promise<Buffer | null> {
  client.write(framed(query(1)));
  return client.receive();
}

t.test('reconfigure() that cannot bind changes nothing', async (t) => {
  const { plane, port } = await startPlane(t);
  const taken = await startPlane(t, { listen: [{ host: '127.0.0.3', port: 0 }] });
  const listen = ['127.0.0.2', '127.0.0.3'].map((host) => ({ host, port: taken.port }));
  await t.rejects(plane.reconfigure(planeOptions({ listen, workers: 4 })), { name: 'ListenError' });
  t.equal(addressIn(await askUdp(port)), PRIMARY);
  t.match(await plane.stats(), { workers: 2 });
  t.equal(await plane.alive(), true);
  await taken.plane.stop();
  t.match(await plane.reconfigure(planeOptions({ listen })), [{ host: '127.0.0.2' }, { host: '127.0.0.3' }]);
});

t.test('no query is lost while addresses, options and publications change', async (t) => {
  const { plane, port } = await startPlane(t);
  const both = ['127.0.0.1', '127.0.0.2'].map((host) => ({ host, port: 0 }));
  const { dns } = planeOptions();
  let isOver = false;
  const asking = (async () => {
    let asked = 0;
    for (; !isOver; asked++) await askUdp(port);
    return asked;
  })();
  for (let round = 0; round < 6; round++) {
    const listen = round % 2 ? both : both.slice(0, 1);
    await plane.reconfigure(planeOptions({ listen, dns: { ...dns, ednsSizeBytes: 1232 - round } }));
    plane.publish(flipTo(round % 2 ? PRIMARY : BACKUP, 2 + round));
    plane.replace([zoneWith(PRIMARY, 20 + round)]);
  }
  isOver = true;
  t.ok((await asking) > 0);
});

t.test('new addresses of the interfaces are served, without touching the others', async (t) => {
  const clock = createFakeClock();
  const info = { family: 'IPv4', netmask: '255.0.0.0', mac: '', internal: true, cidr: null } as const;
  let addresses = ['127.0.0.1'];
  const networkInterfaces = () => ({ lo: addresses.map((address) => ({ ...info, address })) });
  const listen = [{ host: '0.0.0.0', port: 0 }];
  const { plane, port } = await startPlane(t, { listen }, { clock, networkInterfaces });
  addresses = ['127.0.0.1', '127.0.0.2', '203.0.113.77']; // the last one is not there yet
  clock.advance(2000);
  const served = await until(() => askUdp(port, '127.0.0.2'));
  t.equal(addressIn(served), PRIMARY);
  addresses = ['127.0.0.2'];
  clock.advance(2000);
  t.equal(addressIn(await askUdp(port, '127.0.0.1')), PRIMARY, 'it may come back');
  for (let second = 0; second < 32; second++) {
    clock.advance(1000);
    await plane.stats(); // the workers answer the pool's beats
  }
  await until(async () => {
    const isRefused = await connectTcp(t, port, '127.0.0.1').then(
      () => false,
      () => true,
    );
    if (!isRefused) throw new Error('it still listens');
  });
  t.equal(addressIn(await askUdp(port, '127.0.0.2')), PRIMARY);
  t.equal((await plane.stats()).workerRestarts, 0);
});

/** Tries again until it works. */
async function until<T>(action: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await action();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
