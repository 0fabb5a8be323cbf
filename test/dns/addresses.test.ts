import type { NetworkInterfaceInfo } from 'node:os';
import t from 'tap';
import { expandListen, follow, GONE_AFTER_MS, type Interfaces, keyOf, type Place } from '../../src/dns/addresses.ts';

function info(address: string, scopeid = 0): NetworkInterfaceInfo {
  const common = { address, netmask: '', mac: '', internal: false, cidr: null };
  return address.includes(':') ? { ...common, family: 'IPv6', scopeid } : { ...common, family: 'IPv4' };
}

const INTERFACES: Interfaces = {
  lo: [info('127.0.0.1'), info('::1')],
  eth0: [info('192.0.2.1'), info('192.0.2.2'), info('2001:db8::1'), info('fe80::1', 2)],
  eth1: [info('192.0.2.1'), info('fe80::1', 3)],
  gone: undefined,
};

const listen = (...written: string[]) => written.map((host) => ({ host, port: 53 }));

t.test('expandListen() puts the addresses of the interfaces in the place of a wildcard', async (t) => {
  const four = ['127.0.0.1', '192.0.2.1', '192.0.2.2'];
  const six = ['::1', '2001:db8::1', 'fe80::1%eth0', 'fe80::1%eth1'];
  const table: readonly [name: string, written: string[], interfaces: Interfaces, hosts: string[]][] = [
    ['addresses stay', ['127.0.0.1', '::1'], INTERFACES, ['127.0.0.1', '::1']],
    ['0.0.0.0 is every IPv4 address, once', ['0.0.0.0'], INTERFACES, four],
    [':: is every IPv6 address, link-local ones on each link', ['::'], INTERFACES, six],
    ['both', ['0.0.0.0', '::'], INTERFACES, [...four, ...six]],
    [
      'what is named comes first, and once',
      ['0.0.0.0', '192.0.2.2'],
      INTERFACES,
      ['192.0.2.2', '127.0.0.1', '192.0.2.1'],
    ],
    ['a machine without IPv6', ['0.0.0.0', '::'], { lo: [info('127.0.0.1')] }, ['127.0.0.1']],
    ['no interface is up', ['0.0.0.0', '::'], {}, []],
  ];
  for (const [name, written, interfaces, hosts] of table) {
    const places = expandListen(listen(...written), interfaces);
    t.same(
      places.map(({ host }) => host),
      hosts,
      name,
    );
  }
});

t.test(
  'expandListen() tells what the config names from what a wildcard stands for, and keeps ports apart',
  async (t) => {
    const interfaces = { lo: [info('127.0.0.1')] };
    t.same(
      expandListen(
        [
          { host: '0.0.0.0', port: 53 },
          { host: '0.0.0.0', port: 5353 },
          { host: '127.0.0.1', port: 53 },
        ],
        interfaces,
      ),
      [
        { host: '127.0.0.1', port: 53, isExpanded: false },
        { host: '127.0.0.1', port: 5353, isExpanded: true },
      ],
    );
  },
);

t.test('keyOf() writes an address as the config does', async (t) => {
  t.equal(keyOf({ host: '192.0.2.1', port: 53 }), '192.0.2.1:53');
  t.equal(keyOf({ host: 'fe80::1%eth0', port: 53 }), '[fe80::1%eth0]:53');
});

t.test('follow() opens what is new at once, and closes what has been gone for 30 s', async (t) => {
  const places = (...hosts: string[]): Place[] => hosts.map((host) => ({ host, port: 53, isExpanded: true }));
  const goneSinceMs = new Map<string, number>();
  const look = (bound: Place[], wanted: Place[], nowMs: number) => {
    const { open, close } = follow(bound, wanted, goneSinceMs, nowMs);
    return { open: open.map(({ host }) => host), close: close.map(({ host }) => host) };
  };
  t.same(look(places('a', 'b'), places('a', 'b'), 0), { open: [], close: [] });
  t.same(look(places('a', 'b'), places('a', 'c'), 1000), { open: ['c'], close: [] }, 'b may come back');
  t.same(look(places('a', 'b', 'c'), places('a', 'b', 'c'), 2000), { open: [], close: [] }, 'and does');
  t.same(look(places('a', 'b', 'c'), places('a', 'c'), 3000), { open: [], close: [] });
  t.same(look(places('a', 'b', 'c'), places('a', 'c'), 2999 + GONE_AFTER_MS), { open: [], close: [] });
  t.same(look(places('a', 'b', 'c'), places('a', 'c'), 3000 + GONE_AFTER_MS), { open: [], close: ['b'] });
  t.same(look(places('a', 'c'), places('a', 'c'), 4000 + GONE_AFTER_MS), { open: [], close: [] });
  t.equal(goneSinceMs.size, 0, 'nothing is remembered of what is closed');
});
