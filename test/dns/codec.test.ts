import dns2 from 'dns2';
import fc from 'fast-check';
import t from 'tap';
import { formatRdata } from '../../src/core/master-file.ts';
import { parseTxt, type StaticRRType } from '../../src/core/rdata-text.ts';
import { type Rdata, TYPE_CODES } from '../../src/core/rr.ts';
import { encodeRecord, encodeRRset } from '../../src/dns/codec.ts';
import { name, rdata } from '../helpers/names.ts';

/** Type, class, TTL and length before the data. */
const FIXED_OCTETS = 10;

function dataOf(rdata: Rdata): string {
  return Buffer.from(encodeRecord(rdata, 300, 1)).toString('latin1', FIXED_OCTETS);
}

t.test('encodeRecord() writes type, class, TTL and length before the data (RFC 1035 §4.1.3)', async (t) => {
  t.equal(Buffer.from(encodeRecord(rdata('A', '192.0.2.1'), 300, 1)).toString('hex'), '000100010000012c0004c0000201');
  const long = Buffer.from(encodeRecord(rdata('A', '192.0.2.1'), 2 ** 31 - 1, 3));
  t.equal(long.toString('hex', 0, 8), '000100037fffffff');
});

t.test('encodeRecord() writes the data of each type', async (t) => {
  const cases: [StaticRRType, string, string][] = [
    ['A', '192.0.2.1', '\xc0\x00\x02\x01'],
    ['AAAA', '2001:db8::1', `\x20\x01\x0d\xb8${'\0'.repeat(11)}\x01`],
    ['AAAA', '::', '\0'.repeat(16)],
    ['AAAA', '::ffff:192.0.2.1', `${'\0'.repeat(10)}\xff\xff\xc0\x00\x02\x01`],
    ['AAAA', '64:ff9b::192.0.2.33', `\x00\x64\xff\x9b${'\0'.repeat(8)}\xc0\x00\x02\x21`],
    ['NS', 'ns1.example.', '\x03ns1\x07example\0'],
    ['CNAME', '.', '\0'],
    ['CNAME', 'a\\.b.example.', '\x03a.b\x07example\0'],
    ['NS', '\\000\\255\\032.x.', '\x03\x00\xff\x20\x01x\0'],
    ['MX', '10 mail.example.', '\x00\x0a\x04mail\x07example\0'],
    ['MX', '65535 a\\.b.', '\xff\xff\x03a.b\0'],
    ['SRV', '1 2 443 a.example.', '\x00\x01\x00\x02\x01\xbb\x01a\x07example\0'],
    ['SRV', '256 65535 53 a\\\\b.', '\x01\x00\xff\xff\x00\x35\x03a\\b\0'],
    ['TXT', '"one" "" "two three"', '\x03one\0\x09two three'],
    ['TXT', '"\\195\\188\\000\\255"', '\x04\xc3\xbc\x00\xff'],
    ['TXT', `"${'x'.repeat(255)}"`, `\xff${'x'.repeat(255)}`],
    ['CAA', '0 issue "ca.example"', '\x00\x05issueca.example'],
    ['CAA', '128 iodef "\\195\\188"', '\x80\x05iodef\xc3\xbc'],
    ['CAA', '0 issue ""', '\x00\x05issue'],
  ];
  for (const [type, text, expected] of cases) t.equal(dataOf(rdata(type, text)), expected, `${type} ${text}`);
});

t.test('encodeRecord() writes a SOA, also one whose contact has a dot in its first label (RFC 1035 §8)', async (t) => {
  const soa = {
    type: 'SOA',
    mname: name('ns.x'),
    rname: name('host.x'),
    serial: 2 ** 32 - 1,
    refreshSeconds: 1,
    retrySeconds: 2,
    expireSeconds: 3,
    minimumSeconds: 4,
  } as const;
  const numbers = '\xff\xff\xff\xff\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04';
  t.equal(dataOf(soa), `\x02ns\x01x\0\x04host\x01x\0${numbers}`);
  t.equal(dataOf({ ...soa, rname: name('first\\.last.x') }), `\x02ns\x01x\0\x0afirst.last\x01x\0${numbers}`);
});

t.test('encodeRRset() writes every record, uncompressed', async (t) => {
  const rdatas = ['mail.example.', 'mail2.example.'].map((host) => rdata('MX', `10 ${host}`));
  const records = encodeRRset({ owner: name('example'), type: 'MX', ttlSeconds: 5, rdatas });
  t.same(
    records.map((record) => Buffer.from(record).toString('latin1', FIXED_OCTETS)),
    ['\x00\x0a\x04mail\x07example\0', '\x00\x0a\x05mail2\x07example\0'],
  );
});

t.test('encodeRecord() of any TXT holds its octets', async () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 60 }), { minLength: 1 }), (texts) => {
      const parsed = parseTxt(texts);
      if (!parsed.ok) return true;
      const expected = texts
        .map((text) => Buffer.from(text))
        .map((octets) => Buffer.concat([Uint8Array.of(octets.length), octets]));
      return dataOf(parsed.value) === Buffer.concat(expected).toString('latin1');
    }),
  );
});

/** What the guards of header.ts and the walk of additional.ts are there for: if dns2 gets better, they may go. */
t.test('dns2 reads what encodeRecord() writes, where it can', async (t) => {
  const record = rdata('SRV', '1 2 443 a.example.');
  const whole = Buffer.concat([Uint8Array.of(0), encodeRecord(record, 300, 1)]);
  const read = dns2.Packet.Resource.parse(whole);
  t.match(read, { type: TYPE_CODES.SRV, ttl: 300, priority: 1, weight: 2, port: 443, target: 'a.example' });
  t.equal(formatRdata(record), '1 2 443 a.example.');
});
