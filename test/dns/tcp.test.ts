/** DNS over TCP on real sockets, with a handler that echoes. */
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { createTcpServer, type TcpLimits, type TcpServer } from '../../src/dns/tcp.ts';
import type { TcpHandler } from '../../src/dns/tcp-connection.ts';
import { clearRow, createQuota, createQuotaMemory } from '../../src/dns/tcp-quota.ts';
import { connectTcp, framed, type TcpClient } from '../helpers/dns-client.ts';

const LIMITS: TcpLimits = { maxConnections: 100, maxPerClient: 100, idleTimeoutMs: 10_000 };

interface Running {
  readonly server: TcpServer;
  readonly port: number;
  /** Lets time pass. */
  wait(ms: number): void;
  connect(localAddress?: string): Promise<TcpClient>;
  /** Settles when the server has so many connections. */
  connections(count: number): Promise<void>;
}

async function start(
  t: Test,
  limits: Partial<TcpLimits> = {},
  handler: TcpHandler = (message) => message,
): Promise<Running> {
  const memory = createQuotaMemory();
  clearRow(memory, 0);
  let now = 0;
  const server = createTcpServer(
    handler,
    { ...LIMITS, ...limits },
    { quota: createQuota(memory, 0), nowMs: () => now },
  );
  const listener = await server.listen({ host: '127.0.0.1', port: 0, reusePort: false });
  t.teardown(() => listener.close());
  return {
    server,
    port: listener.port,
    wait: (ms) => {
      now += ms;
      server.sweep();
    },
    connect: (localAddress) => connectTcp(t, listener.port, '127.0.0.1', localAddress),
    connections: (count) => until(() => server.stats().connections === count),
  };
}

/** Looks again after each turn of the loop; the test's own time limit ends it. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

const text = (message: Buffer | null): string | null => message?.toString() ?? null;

t.test('answers pipelined queries in their order (RFC 7766 §6.2.1.1)', async (t) => {
  const { connect } = await start(t);
  const client = await connect();
  const names = Array.from({ length: 500 }, (_, i) => `query ${i}`);
  client.write(Buffer.concat(names.map((name) => framed(Buffer.from(name)))));
  for (const name of names) if (text(await client.receive()) !== name) t.fail(`${name} is out of order`);
  t.pass();
});

t.test('answers a query that comes octet by octet, and two that share a segment', async (t) => {
  const { connect } = await start(t);
  const client = await connect();
  client.socket.setNoDelay(true);
  for (const octet of framed(Buffer.from('slow'))) {
    client.write(Buffer.from([octet]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.equal(text(await client.receive()), 'slow');
  client.write(Buffer.concat([framed(Buffer.from('one')), framed(Buffer.from('two'))]));
  t.equal(text(await client.receive()), 'one');
  t.equal(text(await client.receive()), 'two');
});

t.test('takes 4,096 octets, and closes the connection that announces more', async (t) => {
  const { connect, server } = await start(t);
  const client = await connect();
  client.write(framed(Buffer.alloc(4096, 'x')));
  t.equal((await client.receive())?.length, 4096);
  client.write(Buffer.concat([framed(Buffer.from('last')), Buffer.from([0x10, 0x01])]));
  t.equal(text(await client.receive()), 'last');
  t.equal(await client.receive(), null);
  t.match(server.stats(), { closed: { malformed: 1 } });
});

t.test('closes the connection of a message that deserves no answer', async (t) => {
  const { connect } = await start(t, {}, (message) => (message.length < 12 ? null : message));
  const client = await connect();
  client.write(Buffer.concat([framed(Buffer.alloc(12)), framed(Buffer.from('short')), framed(Buffer.alloc(12))]));
  t.equal((await client.receive())?.length, 12);
  t.equal(await client.receive(), null);
});

t.test('tells the handler who asks', async (t) => {
  const peers: string[] = [];
  const { connect } = await start(t, {}, (message, peer) => {
    peers.push(Buffer.from(peer).toString('hex'));
    return message;
  });
  const client = await connect('127.0.0.9');
  client.write(framed(Buffer.from('x')));
  await client.receive();
  t.same(peers, [`00000000000000000000ffff7f000009${client.socket.localPort?.toString(16).padStart(4, '0')}`]);
});

t.test('finishes the replies to a client that has closed its side (half-close)', async (t) => {
  const { connect, connections } = await start(t);
  const client = await connect();
  client.write(Buffer.concat([framed(Buffer.from('one')), framed(Buffer.from('two'))]));
  client.socket.end();
  t.equal(text(await client.receive()), 'one');
  t.equal(text(await client.receive()), 'two');
  t.equal(await client.receive(), null);
  await connections(0);
});

t.test('survives a reset, also one with replies under way', async (t) => {
  const { connect, connections } = await start(t, {}, () => Buffer.alloc(60_000));
  for (let i = 0; i < 10; i++) {
    const client = await connect();
    for (let k = 0; k < 20; k++) client.write(framed(Buffer.from('x')));
    if (i % 2) await once(client.socket, 'readable');
    client.socket.resetAndDestroy();
  }
  await connections(0);
  const client = await connect();
  client.write(framed(Buffer.from('x')));
  t.equal((await client.receive())?.length, 60_000);
});

t.test('stops reading from a client that does not read, and goes on when it does', async (t) => {
  const reply = Buffer.alloc(4096, 'r');
  const queries = 8000; // 33 MB of replies, more than all buffers of the kernel
  const { connect, server } = await start(t, {}, () => reply);
  const client = await connect();
  client.socket.pause();
  const flood = Buffer.concat(Array.from({ length: queries }, () => framed(Buffer.alloc(64, 'q'))));
  client.write(flood);
  let [before, buffered] = [-1, 0];
  while (before !== client.socket.bytesWritten - client.socket.writableLength || buffered === 0) {
    before = client.socket.bytesWritten - client.socket.writableLength;
    for (let i = 0; i < 20; i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      buffered = Math.max(buffered, server.stats().bufferedBytes);
    }
  }
  t.ok(buffered > 0 && buffered < 256 * 1024, `at most ${buffered} octets waited in the process`);
  for (let i = 0; i < queries; i++)
    if ((await client.receive())?.length !== 4096) return t.fail(`reply ${i} is missing`);
  await until(() => server.stats().bufferedBytes === 0);
});

t.test('lets each turn of the loop end while a client pipelines', async (t) => {
  let handled = 0;
  let handledAfterTurn = 0;
  const { connect } = await start(t, {}, (message) => {
    if (handled === 0) setImmediate(() => (handledAfterTurn = handled));
    handled += 1;
    return message;
  });
  const client = await connect();
  client.write(Buffer.concat(Array.from({ length: 5000 }, () => framed(Buffer.from('x')))));
  for (let i = 0; i < 5000; i++) await client.receive();
  t.ok(handledAfterTurn > 0 && handledAfterTurn <= 64, `an immediate ran after ${handledAfterTurn} of 5000`);
});

t.test('gives up a client that does not read within the idle timeout', async (t) => {
  const { connect, connections, server, wait } = await start(t, {}, () => Buffer.alloc(65_000));
  const client = await connect();
  client.socket.pause();
  for (let i = 0; i < 500; i++) client.write(framed(Buffer.from('x')));
  await until(() => server.stats().bufferedBytes > 0);
  wait(LIMITS.idleTimeoutMs - 1);
  await connections(1);
  wait(1);
  await connections(0);
  t.match(server.stats(), { closed: { idle: 1 }, bufferedBytes: 0 });
});

t.test('closes idle connections, and those that drip without ever finishing a query', async (t) => {
  const { connect, connections, server, wait } = await start(t);
  const [idle, busy, dripping] = [await connect(), await connect(), await connect()];
  await connections(3);
  for (let i = 0; i < 5; i++) {
    wait(LIMITS.idleTimeoutMs / 4);
    busy.write(framed(Buffer.from('busy')));
    dripping.write(Buffer.from([1]));
    if (i === 3) break;
    t.equal(text(await busy.receive()), 'busy');
  }
  t.equal(await idle.receive(), null);
  t.equal(await dripping.receive(), null);
  t.equal(text(await busy.receive()), 'busy');
  t.match(server.stats(), { connections: 1, closed: { idle: 2 } });
});

t.test('ends a busy connection after ten minutes, its replies sent', async (t) => {
  const { connect, connections, server, wait } = await start(t);
  const client = await connect();
  for (let minute = 0; minute < 10; minute += 0.125) {
    client.write(framed(Buffer.from('again')));
    t.equal(text(await client.receive()), 'again');
    wait(7500);
  }
  t.equal(await client.receive(), null);
  await connections(0);
  t.match(server.stats(), { closed: { expired: 1, idle: 0 } });
});

t.test('evicts the connection that was idle for longest when there are too many', async (t) => {
  const { connect, connections, server } = await start(t, { maxConnections: 3 });
  const clients = [await connect(), await connect(), await connect()];
  await connections(3);
  clients[0]?.write(framed(Buffer.from('I am not idle')));
  await clients[0]?.receive();
  const another = await connect();
  t.equal(await clients[1]?.receive(), null, 'the oldest idle one');
  for (const client of [clients[0], clients[2], another]) {
    client?.write(framed(Buffer.from('served')));
    t.equal(text((await client?.receive()) ?? null), 'served');
  }
  t.match(server.stats(), { connections: 3, closed: { evicted: 1 } });
});

t.test('evicts a client’s own connection when it has too many, and lets others be', async (t) => {
  const { connect, server } = await start(t, { maxPerClient: 2 });
  const other = await connect('127.0.0.8');
  const clients = [await connect('127.0.0.9'), await connect('127.0.0.9'), await connect('127.0.0.9')];
  t.equal(await clients[0]?.receive(), null);
  for (const client of [other, clients[1], clients[2]]) {
    client?.write(framed(Buffer.from('served')));
    t.equal(text((await client?.receive()) ?? null), 'served');
  }
  t.match(server.stats(), { connections: 3, closed: { evicted: 1 } });
});

t.test('refuses when the connections are all another worker’s', async (t) => {
  const memory = createQuotaMemory();
  for (const row of [0, 1]) clearRow(memory, row);
  const other = createQuota(memory, 1);
  other.add(Buffer.from([192, 0, 2, 1]));
  const limits = { ...LIMITS, maxConnections: 1 };
  const server = createTcpServer((message) => message, limits, { quota: createQuota(memory, 0), nowMs: () => 0 });
  const listener = await server.listen({ host: '127.0.0.1', port: 0, reusePort: false });
  t.teardown(() => listener.close());
  const client = await connectTcp(t, listener.port);
  t.equal(await client.receive(), null);
  t.match(server.stats(), { connections: 0, closed: { refused: 1 } });
  other.remove(Buffer.from([192, 0, 2, 1]));
  const served = await connectTcp(t, listener.port);
  served.write(framed(Buffer.from('now')));
  t.equal(text(await served.receive()), 'now');
});

t.test('setLimits() holds from the next connection on', async (t) => {
  const { connect, connections, server } = await start(t);
  await connect();
  await connect();
  await connections(2);
  server.setLimits({ ...LIMITS, maxConnections: 2 });
  await connect();
  await until(() => server.stats().closed.evicted === 1);
  t.equal(server.stats().connections, 2);
});

t.test('finish() answers what has come, closes, and settles', async (t) => {
  const { connect, connections, server } = await start(t);
  const [idle, busy] = [await connect(), await connect()];
  busy.write(framed(Buffer.from('last')));
  t.equal(text(await busy.receive()), 'last');
  await connections(2);
  await server.finish();
  t.equal(await idle.receive(), null);
  t.equal(await busy.receive(), null);
  t.equal(server.stats().connections, 0);
  await server.finish();
});

t.test('finish() answers the first query of a connection that has only just been made', async (t) => {
  const { connect, connections, server } = await start(t);
  const client = await connect();
  await connections(1);
  const finished = server.finish();
  await new Promise((resolve) => setTimeout(resolve, 20));
  client.write(framed(Buffer.from('first')));
  t.equal(text(await client.receive()), 'first');
  t.equal(await client.receive(), null);
  await finished;
});

t.test('listen() rejects with the errno error', async (t) => {
  const { server, port } = await start(t);
  await t.rejects(server.listen({ host: '127.0.0.1', port, reusePort: false }), { code: 'EADDRINUSE' });
  await t.rejects(server.listen({ host: '203.0.113.77', port: 0, reusePort: false }), { code: 'EADDRNOTAVAIL' });
});
