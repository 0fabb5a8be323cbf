/** The contract of udp-socket.ts, on every implementation of it. */
import { spawnSync } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import t, { type Test } from 'tap';
import {
  MAX_DATAGRAM,
  PEER_STRIDE,
  SLOT_STRIDE,
  type UdpHandler,
  type UdpSocket,
  type UdpSocketOptions,
} from '../../src/dns/udp-socket.ts';
import { connectUdp, echo } from '../helpers/udp.ts';
import { implementations } from '../helpers/udp-implementations.ts';
import type { UdpWorkerData } from '../helpers/udp-worker.ts';

const loopback: UdpSocketOptions = { host: '127.0.0.1', port: 0, reusePort: false, ipv6Only: false };

for (const { kind, open, skip, skipWildcard } of implementations) {
  t.test(`${kind}: the UdpSocket contract`, { skip }, async (t) => {
    const use = async (t: Test, options: Partial<UdpSocketOptions>, handler: UdpHandler = echo): Promise<UdpSocket> => {
      const socket = await open({ ...loopback, ...options }, handler);
      t.teardown(() => socket.close());
      return socket;
    };
    const connect = async (t: Test, port: number, host = '127.0.0.1') => {
      const client = await connectUdp(port, host);
      t.teardown(() => client.close());
      return client;
    };

    t.test('says what it is and where it listens', async (t) => {
      const socket = await use(t, {});
      t.equal(socket.kind, kind);
      t.equal(socket.host, '127.0.0.1');
      t.ok(socket.port > 0, 'port 0 becomes the port that the kernel chose');
    });

    t.test('hands over a datagram with its peer, and sends the reply', async (t) => {
      const peers: string[] = [];
      const socket = await use(t, {}, (batch, count) => {
        peers.push(Buffer.from(batch.peers.subarray(0, PEER_STRIDE - 2)).toString('hex'));
        echo(batch, count);
      });
      const client = await connect(t, socket.port);
      client.send('hello');
      t.equal((await client.receive()).toString(), 'hello');
      t.same(peers, [`00000000000000000000ffff7f000001${client.port.toString(16).padStart(4, '0')}`]);
      t.match(socket.stats(), { received: 1, sent: 1, dropped: { tooLong: 0, sourcePort: 0 }, errors: {} });
    });

    t.test('hands over an IPv6 peer', async (t) => {
      let peer = '';
      const socket = await use(t, { host: '::1' }, (batch, count) => {
        peer = Buffer.from(batch.peers.subarray(0, 16)).toString('hex');
        echo(batch, count);
      });
      const client = await connect(t, socket.port, '::1');
      client.send('hello');
      await client.receive();
      t.equal(peer, `${'0'.repeat(31)}1`);
    });

    t.test('sends nothing for a length of 0, and takes an empty datagram', async (t) => {
      const lengths: number[] = [];
      const socket = await use(t, {}, (batch, count) => {
        lengths.push(...batch.rxLengths.subarray(0, count));
        echo(batch, count);
      });
      const client = await connect(t, socket.port);
      client.send('');
      client.send('after');
      t.equal((await client.receive()).toString(), 'after');
      t.same(lengths, [0, 5]);
      t.match(socket.stats(), { received: 2, sent: 1 });
    });

    t.test('replies from the address that was asked, on an IPv4 wildcard', { skip: skipWildcard }, async (t) => {
      const socket = await use(t, { host: '0.0.0.0' });
      for (const host of ['127.0.0.1', '127.0.0.2', '127.9.8.7']) {
        const client = await connect(t, socket.port, host);
        client.send(host);
        t.equal((await client.receive()).toString(), host);
      }
    });

    t.test(
      'serves both families on :: when ipv6Only is false, from the address that was asked',
      { skip: skipWildcard },
      async (t) => {
        const socket = await use(t, { host: '::' });
        for (const host of ['127.0.0.1', '127.0.0.3', '::1']) {
          const client = await connect(t, socket.port, host);
          client.send(host);
          t.equal((await client.receive()).toString(), host);
        }
      },
    );

    t.test('leaves IPv4 to another socket when ipv6Only is true', async (t) => {
      const six = await use(t, { host: '::', ipv6Only: true }, (batch, count) => {
        echo(batch, count);
        batch.tx[0] = 0x36;
      });
      await use(t, { host: '0.0.0.0', port: six.port });
      for (const [host, reply] of [
        ['127.0.0.1', '?'],
        ['::1', '6'],
      ] as const) {
        const client = await connect(t, six.port, host);
        client.send('?');
        t.equal((await client.receive()).toString(), reply);
      }
    });

    t.test('drops and counts a datagram that is too long', async (t) => {
      const socket = await use(t, {});
      const client = await connect(t, socket.port);
      const longest = Buffer.alloc(MAX_DATAGRAM, 'x');
      client.send(Buffer.alloc(MAX_DATAGRAM + 1, 'y'));
      client.send(Buffer.alloc(60_000, 'z'));
      client.send(longest);
      t.ok((await client.receive()).equals(longest));
      t.match(socket.stats(), { received: 1, dropped: { tooLong: 2, sourcePort: 0 } });
    });

    const cannotForge = sendFrom([], 0) ?? false;
    t.test('drops and counts source ports 0, 7 and 19, and serves the others', { skip: cannotForge }, async (t) => {
      const socket = await use(t, {});
      const client = await connect(t, socket.port);
      sendFrom([0, 7, 19, 53], socket.port);
      client.send('after');
      await client.receive();
      t.match(socket.stats(), { received: 2, dropped: { tooLong: 0, sourcePort: 3 } });
    });

    t.test('echoes 10^4 datagrams, each its own', async (t) => {
      const socket = await use(t, {});
      const clients = await Promise.all([1, 2, 3, 4].map(() => connect(t, socket.port)));
      for (let round = 0; round < 100; round++) {
        for (const client of clients) for (let i = 0; i < 25; i++) client.send(`${client.port}:${round}:${i}`);
        for (const client of clients)
          for (let i = 0; i < 25; i++) {
            const got = (await client.receive()).toString();
            if (got !== `${client.port}:${round}:${i}`)
              return t.fail(`${client.port}:${round}:${i} came back as ${got}`);
          }
      }
      t.match(socket.stats(), { received: 10_000, sent: 10_000, errors: {} });
    });

    t.test('lets a turn of the loop end while datagrams are waiting', async (t) => {
      let handled = 0;
      let handledAfterTurn: number | undefined;
      const socket = await use(t, {}, (_batch, count) => {
        if (handled === 0) setImmediate(() => (handledAfterTurn = handled));
        handled += count;
      });
      sendWhileBlocked(400, socket.port);
      while (handled < 400 || handledAfterTurn === undefined) await nextTurn();
      t.ok(handledAfterTurn < 400, `an immediate ran after ${handledAfterTurn} of 400`);
    });

    t.test('counts a reply that cannot be sent, and sends the others', async (t) => {
      const socket = await use(t, {}, (batch, count) => {
        echo(batch, count);
        for (let i = 0; i < count; i++) if (batch.rx[i * SLOT_STRIDE] === 0x21) batch.txLengths[i] = SLOT_STRIDE * 99;
      });
      const client = await connect(t, socket.port);
      for (const payload of ['1', '!', '2']) client.send(payload);
      t.equal((await client.receive()).toString(), '1');
      t.equal((await client.receive()).toString(), '2');
      t.match(socket.stats(), { received: 3, sent: 2, errors: { EMSGSIZE: 1 } });
    });

    t.test('goes on when a peer has vanished', async (t) => {
      const socket = await use(t, {});
      for (let i = 0; i < 20; i++) {
        const gone = await connectUdp(socket.port, '127.0.0.1');
        gone.send('bye');
        await nextTurn();
        gone.close();
      }
      const client = await connect(t, socket.port);
      client.send('still there?');
      t.equal((await client.receive()).toString(), 'still there?');
    });

    t.test('close() frees the address before it settles, also twice, also within the handler', async (t) => {
      let closing: Promise<void> | undefined;
      const first = await open(loopback, () => {
        closing = first.close();
      });
      const client = await connect(t, first.port);
      client.send('close');
      while (!closing) await nextTurn();
      await closing;
      await first.close();
      const second = await use(t, { port: first.port });
      const other = await connect(t, second.port);
      other.send('served');
      t.equal((await other.receive()).toString(), 'served');
    });

    t.test('rejects with the errno error when it cannot bind', async (t) => {
      const taken = await use(t, {});
      await t.rejects(open({ ...loopback, port: taken.port }, echo), { code: 'EADDRINUSE', syscall: 'bind' });
      await t.rejects(open({ ...loopback, host: '203.0.113.77' }, echo), { code: 'EADDRNOTAVAIL', syscall: 'bind' });
      await asOrdinaryUser(() => t.rejects(open({ ...loopback, port: 1 }, echo), { code: 'EACCES', syscall: 'bind' }));
    });

    t.test('shares an address by reusePort, with those only who ask for it too', async (t) => {
      const first = await use(t, { reusePort: true });
      const second = await use(t, { reusePort: true, port: first.port });
      await t.rejects(open({ ...loopback, port: first.port }, echo), { code: 'EADDRINUSE' });
      for (let i = 0; i < 40; i++) {
        const client = await connect(t, first.port);
        client.send('x');
        await client.receive();
      }
      t.ok(first.stats().received > 0 && second.stats().received > 0, 'the kernel spreads the peers');
      t.equal(first.stats().received + second.stats().received, 40);
    });

    t.test('what the handler throws ends its worker', async (t) => {
      const { worker, port } = await startWorker(t, { kind, survive: false });
      const client = await connect(t, port);
      client.send('throw');
      const [error] = await once(worker, 'error');
      t.match(error, { message: 'thrown by the handler' });
    });

    t.test('goes on where uncaught exceptions are listened for, and sends no reply of that batch', async (t) => {
      const { worker, port } = await startWorker(t, { kind, survive: true });
      const client = await connect(t, port);
      for (let i = 0; i < 3; i++) {
        const uncaught = once(worker, 'message');
        client.send('throw');
        t.same(await uncaught, [{ uncaught: 'thrown by the handler' }]);
      }
      client.send('fine');
      t.equal((await client.receive()).toString(), 'fine');
    });

    t.test('a worker can be terminated while its socket is busy', async (t) => {
      const flood = dgram.createSocket('udp4');
      t.teardown(() => flood.close());
      for (let i = 0; i < 5; i++) {
        const { worker, port } = await startWorker(t, { kind, survive: false });
        for (let k = 0; k < 50; k++) flood.send('x', port, '127.0.0.1');
        await nextTurn();
        t.equal(await worker.terminate(), 1);
        const again = await open({ ...loopback, port }, echo);
        await again.close();
      }
    });
  });
}

async function startWorker(t: Test, workerData: UdpWorkerData): Promise<{ worker: Worker; port: number }> {
  const worker = new Worker(new URL('../helpers/udp-worker.ts', import.meta.url), { workerData });
  t.teardown(() => worker.terminate());
  const [{ port }] = await once(worker, 'message');
  return { worker, port };
}

/** Fills the socket's queue while this thread cannot look at it. */
function sendWhileBlocked(count: number, port: number): void {
  const program = `
    const socket = require('node:dgram').createSocket('udp4').unref();
    for (let i = 0; i < ${count}; i++) socket.send('x', ${port}, '127.0.0.1');
  `;
  spawnSync(process.execPath, ['-e', program], { stdio: 'inherit' });
}

/** Only a raw socket can send from port 0. @returns why it was not possible, or null. */
function sendFrom(sourcePorts: readonly number[], port: number): string | null {
  const program = `
import socket, struct, sys
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
for source in map(int, sys.argv[2:]):
    raw.sendto(struct.pack('!HHHH', source, int(sys.argv[1]), 12, 0) + b'boo!', ('127.0.0.1', 0))
`;
  const result = spawnSync('python3', ['-c', program, `${port}`, ...sourcePorts.map(String)], { encoding: 'utf8' });
  return result.error?.message ?? (result.status === 0 ? null : (result.stderr.trim().split('\n').at(-1) ?? 'failed'));
}

/** Runs `action` without root's right to low ports. */
async function asOrdinaryUser(action: () => Promise<unknown>): Promise<void> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  try {
    await action();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
