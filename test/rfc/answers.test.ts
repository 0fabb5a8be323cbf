/** Answers by the octets: negative answers (RFC 2308), wildcards (RFC 4592), ANY (RFC 8482), names and what is refused. */
import t from 'tap';
import { query, readName, type WireRecord } from '../helpers/message.ts';
import { testResponder } from '../helpers/responder.ts';
import { content } from '../helpers/zones.ts';

const zone = content(
  'Example.com',
  `@      3600 NS    ns1
   ns1    3600 A     192.0.2.53
   @      5    A     192.0.2.1
   @      5    AAAA  2001:db8::1
   @      60   TXT   text
   www    300  CNAME @
   gone   300  CNAME nowhere
   *.wild 60   TXT   wild
   _s._tcp 60  SRV   0 5 443 www
   a\\.b   60   A     192.0.2.7
   \\000\\255 60 A     192.0.2.8
   sub    3600 NS    ns.sub
   ns.sub 3600 A     192.0.2.54
   ent.x  60   A     192.0.2.9`,
);
const { ask, udp, askTcp } = testResponder([zone]);
const [A, SOA, TXT, AAAA, SRV, ANY] = [1, 6, 16, 28, 33, 255];
const SOA_NAMES = '\x03ns1\x07example\x03com\0\x0ahostmaster\x07example\x03com\0';
const SOA_TIMERS = '\0\0\x0e\x10\0\0\x02\x58\0\x12\x75\0\0\0\0\x0a';
const SOA_DATA = `${SOA_NAMES}\0\0\0\x01${SOA_TIMERS}`;

function shown({ owner, type, ttl, data }: WireRecord) {
  return { owner, type, ttl, data: data.toString('latin1') };
}

const negativeSoa = (owner: string) => ({ owner, type: SOA, ttl: 10, data: SOA_DATA });

t.test('NODATA: NOERROR with the SOA, its TTL the lower of its own and minimum (RFC 2308 §2.2, §3)', async (t) => {
  for (const name of ['ns1.example.com', 'ent.x.example.com', 'x.example.com']) {
    const response = ask(query({ name, type: AAAA }));
    t.match(response, { rcode: 0, flags: /^qr aa rd$/ });
    t.same([response.answers.length, response.authorities.length, response.additionals.length], [0, 1, 0]);
    t.match(response.authorities.map(shown), [negativeSoa('example.com.')]);
  }
});

t.test('the SOA itself has its own TTL, also after a negative answer', async (t) => {
  ask(query({ type: SRV }));
  t.match(ask(query({ type: SOA })).answers.map(shown), [
    { owner: 'example.com.', type: SOA, ttl: 60, data: SOA_DATA },
  ]);
});

t.test('NXDOMAIN with the SOA (RFC 2308 §2.1)', async (t) => {
  const response = ask(query({ name: 'a.b.nowhere.example.com' }));
  t.match(response, { rcode: 3, flags: /^qr aa rd$/ });
  t.match(response.authorities.map(shown), [negativeSoa('example.com.')]);
});

t.test('NXDOMAIN and NODATA behind a CNAME are those of its end (RFC 6604, RFC 2308 §2.1)', async (t) => {
  const gone = ask(query({ name: 'gone.example.com' }));
  t.match(gone, { rcode: 3, flags: /^qr aa rd$/ });
  t.match(gone.answers.map(shown), [{ owner: 'gone.example.com.', ttl: 300, data: '\x07nowhere\x07example\x03com\0' }]);
  t.match(gone.authorities.map(shown), [negativeSoa('example.com.')]);
  const nodata = ask(query({ name: 'www.example.com', type: SRV }));
  t.match(nodata, { rcode: 0 });
  t.same([nodata.answers.length, nodata.authorities.length], [1, 1]);
});

t.test('an answer behind a CNAME', async (t) => {
  const response = ask(query({ name: 'www.example.com' }));
  t.same(response.answers.map(shown), [
    { owner: 'www.example.com.', type: 5, ttl: 300, data: '\x07example\x03com\0' },
    { owner: 'example.com.', type: A, ttl: 5, data: '\xc0\0\x02\x01' },
  ]);
});

t.test('answers are minimal: nothing beside what was asked for', async (t) => {
  for (const type of [A, AAAA, TXT, SOA, 2]) {
    const response = ask(query({ type }));
    t.same([response.answers.length, response.authorities.length, response.additionals.length], [1, 0, 0]);
  }
});

t.test('a wildcard answers in the name that was asked for (RFC 4592 §3.3)', async (t) => {
  const response = ask(query({ name: 'X.y.Wild.example.com', type: TXT }));
  t.same(response.answers.map(shown), [{ owner: 'X.y.Wild.example.com.', type: TXT, ttl: 60, data: '\x04wild' }]);
  t.match(ask(query({ name: 'x.wild.example.com' })).authorities.map(shown), [negativeSoa('example.com.')]);
  t.equal(ask(query({ name: '*.wild.example.com', type: TXT })).answers[0]?.owner, '*.wild.example.com.');
});

t.test('a referral: the NS RRset of the cut, glue, and no AA (RFC 1034 §4.3.2 step 3b)', async (t) => {
  for (const name of ['sub.example.com', 'a.b.sub.example.com', 'NS.SUB.example.com']) {
    const response = ask(query({ name }));
    t.match(response, { rcode: 0, flags: /^qr rd$/ });
    t.match(response.authorities.map(shown), [
      { owner: /^sub\.example\.com\.$/i, type: 2, ttl: 3600, data: '\x02ns\x03sub\x07example\x03com\0' },
    ]);
    t.same(response.additionals.map(shown), [
      { owner: 'ns.sub.example.com.', type: A, ttl: 3600, data: '\xc0\0\x02\x36' },
    ]);
  }
});

t.test('ANY is answered with one RRset, over UDP and TCP (RFC 8482 §4.1)', async (t) => {
  for (const one of [ask, askTcp])
    t.same(one(query({ type: ANY })).answers.map(shown), [
      { owner: 'example.com.', type: A, ttl: 5, data: '\xc0\0\x02\x01' },
    ]);
  t.equal(ask(query({ name: 'nowhere.example.com', type: ANY })).rcode, 3);
});

t.test('the question comes back as it was sent, letter case too (draft-vixie-dnsext-dns0x20)', async (t) => {
  for (const name of ['eXaMpLe.CoM', 'NOwhere.EXAMPLE.com', 'Example.ORG', 'A.Sub.eXample.com']) {
    const message = query({ name, id: 0xbeef });
    const response = ask(message);
    t.equal(response.question.toString('latin1'), message.toString('latin1', 12));
    t.equal(response.id, 0xbeef);
  }
  t.equal(ask(query({ name: 'eXaMpLe.CoM' })).answers[0]?.owner, 'eXaMpLe.CoM.');
});

t.test(
  'names of any octets: dots and zeros in a label, the longest label, the longest name (RFC 2181 §11)',
  async (t) => {
    const ofLabels = (...first: string[]) =>
      query({ labels: [...first, 'example', 'com'].map((label) => Buffer.from(label, 'latin1')) });
    t.equal(ask(ofLabels('a.b')).answers.length, 1);
    t.equal(ask(ofLabels('a', 'b')).rcode, 3, 'two labels are another name');
    t.equal(ask(ofLabels('\0\xff')).answers.length, 1);
    t.equal(ask(ofLabels('\0\xfe')).rcode, 3);
    t.equal(ask(ofLabels('x'.repeat(63))).rcode, 3);
    t.equal(ask(ofLabels('x'.repeat(63), 'y'.repeat(63), 'z'.repeat(63), 'w'.repeat(49))).rcode, 3, '255 octets');
    t.equal(ask(ofLabels('x'.repeat(63), 'y'.repeat(63), 'z'.repeat(63), 'w'.repeat(50))).rcode, 1, '256 octets');
    t.equal(ask(ofLabels(...Array(121).fill('a'))).rcode, 3, '123 labels');
  },
);

t.test('SRV names its target in full (RFC 2782)', async (t) => {
  const response = ask(query({ name: '_s._tcp.example.com', type: SRV }));
  t.equal(response.answers[0]?.data.toString('latin1'), '\0\0\0\x05\x01\xbb\x03www\x07example\x03com\0');
});

t.test('what is not ours is refused (RFC 8499 §6): other names, other classes', async (t) => {
  for (const name of ['example.org', 'com', '', 'xexample.com'])
    t.match(ask(query({ name })), { rcode: 5, flags: /^qr rd$/ });
  for (const qclass of [0, 2, 3, 4, 254]) t.match(ask(query({ class: qclass })), { rcode: 5, flags: /^qr rd$/ });
});

t.test('class ANY is answered without authority (RFC 1035 §6.2)', async (t) => {
  const response = ask(query({ class: 255 }));
  t.match(response, { rcode: 0, flags: /^qr rd$/ });
  t.equal(response.answers.length, 1);
});

t.test('CHAOS says who is there only where that is set (RFC 4892)', async (t) => {
  const chaos = (name: string, options = {}) =>
    testResponder([zone], options).ask(query({ name, type: TXT, class: 3 }));
  t.equal(chaos('version.bind').rcode, 5);
  t.equal(chaos('id.server', { nsid: null }).rcode, 5);
  const version = chaos('Version.BIND', { chaosVersion: 'failoverd 0.1' });
  t.match(version, { rcode: 0, flags: /^qr aa rd$/ });
  t.match(version.answers, [
    { owner: 'Version.BIND.', type: TXT, class: 3, ttl: 0, data: Buffer.from('\x0dfailoverd 0.1') },
  ]);
  t.equal(chaos('id.server', { nsid: 'ns1' }).answers[0]?.data.toString(), '\x03ns1');
  t.equal(chaos('hostname.bind', { nsid: 'ns1' }).answers[0]?.data.toString(), '\x03ns1');
  t.equal(chaos('authors.bind', { nsid: 'ns1', chaosVersion: 'x' }).rcode, 5);
});

t.test('meta types as QTYPE (RFC 6895 §3.1)', async (t) => {
  const cases: [string, number, number, number][] = [
    ['OPT', 41, 1, 1],
    ['TKEY', 249, 1, 1],
    ['TSIG', 250, 1, 1],
    ['IXFR: no transfer yet', 251, 5, 5],
    ['AXFR: none over UDP (RFC 5936 §4.2), no transfer yet over TCP', 252, 1, 5],
    ['MAILB', 253, 4, 4],
    ['MAILA', 254, 4, 4],
    ['NXNAME (RFC 9824 §3.4)', 128, 1, 1],
  ];
  for (const [title, type, overUdp, overTcp] of cases) {
    t.same([ask(query({ type })).rcode, askTcp(query({ type })).rcode], [overUdp, overTcp], title);
  }
  const ixfr = query({
    type: 251,
    counts: [1, 0, 1, 0],
    tail: Buffer.from(`c00c0006000100000000001600000000000100000000000000000000000000000000`, 'hex'),
  });
  t.equal(ask(ixfr).rcode, 5, 'IXFR with its SOA (RFC 1995 §3)');
});

t.test('handleTcp() gives null where there is no response', async (t) => {
  const { tcp } = testResponder([zone]);
  t.equal(tcp(Buffer.alloc(0)), null);
  t.equal(tcp(query({ flags: 0x8000 })), null);
  t.equal(tcp(query({ tail: Buffer.alloc(5000) })), null, 'longer than any query');
});

t.test('load() swaps all zones at once; apply() publishes; a change of another zone is ignored', async (t) => {
  const { responder, ask } = testResponder([zone]);
  const changes = [
    {
      owner: zone.apex,
      type: 'A',
      rrset: { owner: zone.apex, type: 'A', ttlSeconds: 7, rdatas: [{ type: 'A', address: '192.0.2.99' }] },
    },
  ] as const;
  responder.apply({ apex: zone.apex, serial: 9, changes, degraded: {} });
  t.match(ask(query()).answers.map(shown), [{ ttl: 7, data: '\xc0\0\x02\x63' }]);
  t.match(ask(query({ type: SOA })).answers.map(shown), [{ data: `${SOA_NAMES}\0\0\0\x09${SOA_TIMERS}` }]);
  const other = content('example.org', '@ 5 A 192.0.2.1');
  responder.apply({ apex: other.apex, serial: 9, changes, degraded: {} });
  t.equal(ask(query({ name: 'example.org' })).rcode, 5);
  responder.load([other]);
  t.equal(ask(query()).rcode, 5);
  t.equal(ask(query({ name: 'example.org' })).rcode, 0);
});

t.test('stats() counts queries, responses by rcode, and drops by reason', async (t) => {
  const { responder, udp, tcp } = testResponder([zone]);
  udp(query());
  udp(query({ name: 'nowhere.example.com' }));
  udp(query({ name: 'example.org' }));
  udp(query({ opt: { version: 1 } }));
  udp(query({ flags: 0x8000 }));
  udp(Buffer.alloc(3));
  tcp(query({ opcode: 9 }));
  tcp(query({ tail: Buffer.alloc(5000) }));
  const { latency, ...counters } = responder.stats();
  t.equal(
    latency.counts.reduce((sum, count) => sum + count, 0),
    8,
    'each is timed',
  );
  t.same(counters, {
    slips: 0,
    queries: { udp: 6, tcp: 2 },
    responses: { NOERROR: 1, NXDOMAIN: 1, REFUSED: 1, BADVERS: 1, NOTIMP: 1 },
    responsesOverTcp: { NOTIMP: 1 },
    drops: { qr: 1, short: 1, long: 1 },
  });
});

t.test('an answer over UDP goes to the place of its query in the batch', async (t) => {
  t.equal(udp(query())?.readUInt16BE(0), 0x1234);
  t.equal(readName(query(), { at: 12 }), 'example.com.');
});
