import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import t, { type Test } from 'tap';
import { claim, listenError } from '../../src/dns/claim.ts';

const place = (host: string, port: number, isExpanded = false) => ({ host, port, isExpanded });

async function takeUdp(t: Test, host = '127.0.0.1', reusePort = false): Promise<number> {
  const socket = dgram.createSocket({ type: 'udp4', reusePort }).bind(0, host);
  t.teardown(() => socket.close());
  await once(socket, 'listening');
  return socket.address().port;
}

async function takeTcp(t: Test, host = '127.0.0.1', reusePort = false): Promise<number> {
  const server = net.createServer().listen({ port: 0, host, reusePort });
  t.teardown(() => server.close());
  await once(server, 'listening');
  return (server.address() as net.AddressInfo).port;
}

t.test('claim() finds one port for UDP and TCP on all addresses that have none', async (t) => {
  const fixed = await takeUdp(t, '127.0.0.7');
  const { places, chosenPort } = await claim([place('127.0.0.1', 0), place('::1', 0), place('127.0.0.2', fixed)]);
  t.ok(chosenPort);
  t.same(
    places.map(({ port }) => port),
    [chosenPort, chosenPort, fixed],
  );
  t.equal((await claim(places)).chosenPort, null, 'and leaves nothing bound');
});

t.test('claim() refuses a port that somebody has, also one who shares it', async (t) => {
  for (const reusePort of [false, true]) {
    const udp = await takeUdp(t, '127.0.0.1', reusePort);
    await t.rejects(claim([place('127.0.0.2', udp), place('127.0.0.1', udp)]), {
      name: 'ListenError',
      message: `127.0.0.1:${udp} (UDP) is taken by another process; stop it or change "listen"`,
    });
    const tcp = await takeTcp(t, '127.0.0.1', reusePort);
    await t.rejects(claim([place('127.0.0.1', tcp)]), {
      name: 'ListenError',
      message: `127.0.0.1:${tcp} (TCP) is taken by another process; stop it or change "listen"`,
    });
  }
});

t.test(
  'claim() refuses an address of another machine, and leaves one out that an interface has just lost',
  async (t) => {
    await t.rejects(claim([place('203.0.113.77', 5353)]), {
      message: '203.0.113.77:5353 (UDP) is no address of this machine; change "listen"',
    });
    const { places } = await claim([place('203.0.113.77', 0, true), place('127.0.0.1', 0, true)]);
    t.match(places, [{ host: '127.0.0.1' }]);
    t.equal(places.length, 1);
  },
);

t.test('listenError() names what an operator can do', async (t) => {
  const table: readonly [code: string, message: string][] = [
    ['EADDRINUSE', '[::1]:53 (TCP) is taken by another process; stop it or change "listen"'],
    ['EADDRNOTAVAIL', '[::1]:53 (TCP) is no address of this machine; change "listen"'],
    ['EAFNOSUPPORT', '[::1]:53 (TCP) is no address of this machine; change "listen"'],
    [
      'EACCES',
      '[::1]:53 (TCP) may not be bound by this user: port 53 needs root, CAP_NET_BIND_SERVICE (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE) or sysctl net.ipv4.ip_unprivileged_port_start=53',
    ],
    ['EMFILE', '[::1]:53 (TCP) cannot be bound: EMFILE'],
  ];
  for (const [code, message] of table)
    t.equal(listenError({ host: '::1', port: 53, protocol: 'TCP', code }).message, message);
});

t.test('claim() refuses a low port without the right to it', { skip: whyNotOrdinary() }, async (t) => {
  process.seteuid?.(65534);
  try {
    await t.rejects(claim([place('127.0.0.1', 1)]), {
      message: /^127\.0\.0\.1:1 \(UDP\) may not be bound by this user/,
    });
  } finally {
    process.seteuid?.(0);
  }
});

function whyNotOrdinary(): string | false {
  return process.geteuid?.() === 0 ? false : 'needs root, to give up its rights for a moment';
}
