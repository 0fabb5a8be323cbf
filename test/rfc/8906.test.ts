/**
 * RFC 8906, "A Common Operational Problem in DNS Servers: Failure to Communicate": the tests of its §8, by the octets, and
 * the flags that the compliance tests of ISC add.
 */
import t from 'tap';
import { query, uint16 } from '../helpers/message.ts';
import { testResponder } from '../helpers/responder.ts';
import { content } from '../helpers/zones.ts';

const zone = content('example.com', '@ 3600 NS ns1\nns1 3600 A 192.0.2.53\n@ 5 A 192.0.2.1\n@ 60 TXT x');
const { udp, ask, askTcp } = testResponder([zone], { nsid: null });
const SOA = 6;
const AA_CLEAR_RD = 0;

t.test('a query without EDNS is answered (§8.1.1, §8.1.2)', async (t) => {
  const soa = ask(query({ type: SOA, flags: AA_CLEAR_RD }));
  t.match(soa, { rcode: 0, opcode: 0, flags: /^qr aa$/, opt: null });
  t.equal(soa.answers.length, 1);
  const unknown = ask(query({ type: 1000, flags: AA_CLEAR_RD }));
  t.match(unknown, { rcode: 0, flags: /^qr aa$/, opt: null });
  t.equal(unknown.answers.length, 0);
  t.same(
    unknown.authorities.map(({ type }) => type),
    [SOA],
  );
});

t.test('header flags of a query: RD alone is repeated (§8.1.3.1 to §8.1.3.4)', async (t) => {
  const cases: [string, number, string][] = [
    ['rd', 0x0100, 'qr aa rd'],
    ['ad', 0x0020, 'qr aa'],
    ['cd', 0x0010, 'qr aa'],
    ['z', 0x0040, 'qr aa'],
    ['ra', 0x0080, 'qr aa'],
    ['aa', 0x0400, 'qr aa'],
    ['tc', 0x0200, 'qr aa'],
    ['rcode', 0x000f, 'qr aa'],
  ];
  for (const [title, flags, expected] of cases) {
    const response = ask(query({ type: SOA, flags }));
    t.equal(response.flags, expected, title);
    t.equal(response.rcode, 0, title);
    t.equal(response.answers.length, 1, title);
  }
});

t.test('an unknown opcode gets NOTIMP and nothing more, whatever the flags (§8.1.4)', async (t) => {
  for (const opcode of [1, 2, 3, 5, 6, 7, 15]) {
    const response = ask(query({ opcode, flags: 0x07f0 }));
    t.match(response, { rcode: 4, opcode, flags: /^qr$/, opt: null });
    t.equal(response.question.length + response.answers.length + response.authorities.length, 0);
  }
  const headerOnly = ask(query({ opcode: 15, counts: [0, 0, 0, 0] }).subarray(0, 12));
  t.match(headerOnly, { rcode: 4, opcode: 15 });
});

t.test('TCP is answered (§8.1.5)', async (t) => {
  t.match(askTcp(query({ type: SOA })), { rcode: 0, flags: /^qr aa rd$/ });
});

t.test('EDNS version 0 is answered with an OPT (§8.2.1)', async (t) => {
  const response = ask(query({ type: SOA, opt: {} }));
  t.match(response, { rcode: 0, opt: { version: 0, udpOctets: 1232, extendedFlags: 0 } });
  t.equal(response.answers.length, 1);
});

t.test('an unknown EDNS version gets BADVERS with an OPT of version 0 and no answer (§8.2.2)', async (t) => {
  for (const version of [1, 100, 255]) {
    const response = ask(query({ type: SOA, opt: { version } }));
    t.match(response, { rcode: 16, flags: /^qr rd$/, opt: { version: 0 } });
    t.equal(response.answers.length, 0);
    t.equal(response.question.length, 17, 'the question is repeated');
  }
});

t.test('an unknown EDNS option is ignored, and not repeated (§8.2.3)', async (t) => {
  const response = ask(query({ type: SOA, opt: { options: [{ code: 100, data: Buffer.from('xyz') }] } }));
  t.match(response, { rcode: 0, opt: { version: 0 } });
  t.equal(response.answers.length, 1);
  t.equal(response.opt?.options.size, 0);
});

t.test('unknown EDNS flags are ignored, and not repeated (§8.2.4)', async (t) => {
  const response = ask(query({ type: SOA, opt: { extendedFlags: 0x7fff } }));
  t.match(response, { rcode: 0, opt: { version: 0, extendedFlags: 0 } });
  t.equal(response.answers.length, 1);
});

t.test('an unknown version with an unknown flag gets BADVERS (§8.2.5)', async (t) => {
  t.match(ask(query({ type: SOA, opt: { version: 1, extendedFlags: 0x0040 } })), {
    rcode: 16,
    opt: { version: 0, extendedFlags: 0 },
  });
});

t.test('an unknown version with an unknown option gets BADVERS (§8.2.6)', async (t) => {
  const response = ask(query({ type: SOA, opt: { version: 1, options: [{ code: 100, data: Buffer.from('xyz') }] } }));
  t.match(response, { rcode: 16, opt: { version: 0 } });
  t.equal(response.opt?.options.size, 0);
  const odd = Buffer.concat([Uint8Array.of(0), uint16(41, 1232, 1, 0, 3, 100), Uint8Array.of(7)]);
  t.equal(ask(query({ counts: [1, 0, 0, 1], tail: odd })).rcode, 16, 'what its options look like is not known');
});

t.test('a response that is too long is truncated, and keeps its OPT (§8.2.7)', async (t) => {
  const long = testResponder([
    content('example.com', Array.from({ length: 4 }, (_, i) => `@ 60 TXT ${i}${'x'.repeat(200)}`).join('\n')),
  ]);
  const response = long.ask(query({ type: 16, opt: { udpOctets: 512, extendedFlags: 0x8000 } }));
  t.match(response, { rcode: 0, flags: /^qr aa tc rd$/, opt: { version: 0, extendedFlags: 0x8000 } });
});

t.test('DO is copied (§8.2.8, RFC 3225 §3)', async (t) => {
  const response = ask(query({ type: SOA, opt: { extendedFlags: 0x8000 } }));
  t.match(response, { rcode: 0, opt: { extendedFlags: 0x8000 } });
});

t.test('an unknown version and DO together get BADVERS (§8.2.9)', async (t) => {
  t.match(ask(query({ type: SOA, opt: { version: 1, extendedFlags: 0x8000 } })), {
    rcode: 16,
    opt: { version: 0, extendedFlags: 0x8000 },
  });
});

t.test('several options in any order are read past (§8.2.10)', async (t) => {
  const options = [3, 8, 9, 100, 10, 12].map((code) => ({
    code,
    data: code === 10 ? Buffer.alloc(8, 1) : Buffer.alloc(4),
  }));
  const response = ask(query({ type: SOA, opt: { options } }));
  t.equal(response.rcode, 0);
  t.equal(response.opt?.options.get(10)?.length, 24);
});

t.test('what is no query gets no answer: responses, and less than a header', async (t) => {
  t.equal(udp(query({ flags: 0x8000 })), null);
  t.equal(udp(query({ flags: 0xf800 })), null);
  for (let octets = 0; octets < 12; octets++) t.equal(udp(query().subarray(0, octets)), null);
});

t.test('NOTIFY gets NOTAUTH: nobody is a primary for us (RFC 1996 §3.10)', async (t) => {
  t.match(ask(query({ opcode: 4, type: SOA, flags: 0x0400 })), { rcode: 9, opcode: 4, flags: /^qr$/ });
});

t.test('counts and octets that no query has get FORMERR', async (t) => {
  const cases: [string, Buffer][] = [
    ['QDCOUNT 2 (RFC 9619)', query({ counts: [2, 0, 0, 0], tail: query().subarray(12) })],
    ['QDCOUNT 65535', query({ counts: [65535, 0, 0, 0] })],
    ['QDCOUNT 0', query({ counts: [0, 0, 0, 0] }).subarray(0, 12)],
    ['QDCOUNT 0 with a question', query({ counts: [0, 0, 0, 0] })],
    [
      'ANCOUNT 1',
      query({ counts: [1, 1, 0, 0], tail: Buffer.from('c00c000100010000000500040102030f', 'hex').subarray(0, 16) }),
    ],
    ['NSCOUNT 1', query({ counts: [1, 0, 1, 0], tail: Buffer.from('c00c0001000100000005000401020304', 'hex') })],
    ['ARCOUNT 3', query({ opt: [{}, {}, {}] })],
    ['ARCOUNT 1 without a record', query({ counts: [1, 0, 0, 1] })],
    ['trailing garbage', query({ tail: Buffer.from('garbage') })],
    ['trailing garbage behind an OPT', query({ opt: {}, tail: Uint8Array.of(0) })],
    ['no question', query().subarray(0, 12)],
    ['half a question', query().subarray(0, 20)],
    ['a question without its class', query().subarray(0, -2)],
    ['two OPTs (RFC 6891 §6.1.1)', query({ opt: [{}, {}] })],
    ['an OPT of a name other than the root (RFC 6891 §6.1.2)', query({ opt: { owner: Buffer.from('\x01a\x00') } })],
    ['an OPT of a pointer', query({ opt: { owner: Uint8Array.of(0xc0, 12) } })],
    [
      'an OPT option beyond its record',
      query({ counts: [1, 0, 0, 1], tail: Buffer.concat([Uint8Array.of(0), uint16(41, 1232, 0, 0, 4, 100, 1)]) }),
    ],
    [
      'half an OPT option',
      query({ counts: [1, 0, 0, 1], tail: Buffer.concat([Uint8Array.of(0), uint16(41, 1232, 0, 0, 2, 100)]) }),
    ],
    [
      'a record beyond the message',
      query({ counts: [1, 0, 0, 1], tail: Buffer.concat([Uint8Array.of(0), uint16(41, 1232, 0, 0, 400)]) }),
    ],
  ];
  for (const [title, message] of cases) {
    const response = ask(message);
    t.equal(response.rcode, 1, title);
    t.equal(response.answers.length, 0, title);
    t.equal(response.id, 0x1234, title);
  }
});

t.test('FORMERR has an OPT where the query has one that is understood (RFC 6891 §6.1.1)', async (t) => {
  t.not(ask(query({ opt: [{}, {}] })).opt, null);
  t.not(ask(query({ opt: {}, tail: Uint8Array.of(0) })).opt, null);
  t.equal(ask(query({ tail: Uint8Array.of(0) })).opt, null);
});

t.test(
  'a question’s name with a compression pointer gets FORMERR: nothing stands before it (RFC 1035 §4.1.4)',
  async (t) => {
    for (const pointer of [0xc000, 0xc00c, 0xc00d, 0xffff]) {
      const message = Buffer.concat([query().subarray(0, 12), uint16(pointer, 1, 1)]);
      t.equal(ask(message).rcode, 1, pointer.toString(16));
      const behind = Buffer.concat([query().subarray(0, 12), Buffer.from('\x03www'), uint16(pointer, 1, 1)]);
      t.equal(ask(behind).rcode, 1, pointer.toString(16));
    }
    for (const type of [0x40, 0x80]) {
      t.equal(
        ask(Buffer.concat([query().subarray(0, 12), Uint8Array.of(type, 0, 0, 1, 0, 1)])).rcode,
        1,
        'a reserved label type',
      );
    }
  },
);

t.test('a TSIG of a key that nobody knows gets NOTAUTH, a damaged one FORMERR (RFC 8945 §5.2)', async (t) => {
  const name = Buffer.from('\x03key\x00');
  const algorithm = Buffer.from('\x0bhmac-sha256\x00');
  const rdata = Buffer.concat([algorithm, uint16(0, 0, 0, 300, 32), Buffer.alloc(32), uint16(7, 0, 0)]);
  const tsig = Buffer.concat([name, uint16(250, 255, 0, 0, rdata.length), rdata]);
  t.equal(ask(query({ counts: [1, 0, 0, 1], tail: tsig })).rcode, 9);
  const damaged = Buffer.concat([name, uint16(250, 255, 0, 0, 0)]);
  t.equal(ask(query({ counts: [1, 0, 0, 1], tail: damaged })).rcode, 1);
});
