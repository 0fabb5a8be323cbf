import { BlockList, SocketAddress } from 'node:net';
import fc from 'fast-check';
import t from 'tap';
import { writeAddress } from '../../src/dns/peer.ts';

function octetsOf(text: string): string {
  const octets = Buffer.alloc(18, 0xee);
  writeAddress(text, octets, 1);
  t.ok(octets[0] === 0xee && octets[17] === 0xee, 'writes 16 octets and no more');
  return octets.subarray(1, 17).toString('hex');
}

const mapped = '00000000000000000000ffff';

t.test('writeAddress() writes every spelling (RFC 4291 §2.2)', async (t) => {
  const table: readonly [string, string][] = [
    ['192.0.2.1', `${mapped}c0000201`],
    ['0.0.0.0', `${mapped}00000000`],
    ['255.255.255.255', `${mapped}ffffffff`],
    ['::', '0'.repeat(32)],
    ['::1', `${'0'.repeat(31)}1`],
    ['2001:db8::', `20010db8${'0'.repeat(24)}`],
    ['2001:db8::1', `20010db8${'0'.repeat(23)}1`],
    ['2001:DB8:0:1:2:3:4:5', '20010db8000000010002000300040005'],
    ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
    ['::2:3:4:5:6:7:8', '00000002000300040005000600070008'],
    ['fe80::fc:ff:fe00:1%eth0', 'fe8000000000000000fc00fffe000001'],
    ['fe80::%1', `fe80${'0'.repeat(28)}`],
    ['::ffff:192.0.2.1', `${mapped}c0000201`],
    ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
  ];
  for (const [text, expected] of table) t.equal(octetsOf(text), expected, text);
});

t.test('writeAddress() agrees with Node about any address', async (t) => {
  const agrees = (text: string, family: 'ipv4' | 'ipv6'): boolean => {
    const groups = octetsOf(text).match(/.{4}/g) ?? [];
    const own =
      family === 'ipv4'
        ? (octetsOf(text).slice(24).match(/../g) ?? []).map((o) => Number.parseInt(o, 16)).join('.')
        : groups.join(':');
    const list = new BlockList();
    list.addAddress(new SocketAddress({ address: own, family }));
    return list.check(new SocketAddress({ address: text, family }));
  };
  fc.assert(fc.property(fc.ipV4(), (text) => agrees(text, 'ipv4')));
  fc.assert(fc.property(fc.ipV6(), (text) => agrees(text, 'ipv6')));
  t.pass();
});
