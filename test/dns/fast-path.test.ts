/**
 * The fast path answers from what it has kept, the slow path makes each response anew: whatever is asked, and whatever was
 * published in between, their octets are the same.
 */
import fc from 'fast-check';
import t from 'tap';
import type { OwnerName } from '../../src/core/name.ts';
import type { RRset } from '../../src/core/rr.ts';
import { applyChange, buildZone, type Zone, type ZoneChange, type ZoneContent } from '../../src/core/zone.ts';
import { createAnswerTable } from '../../src/dns/answer-table.ts';
import { createCounters } from '../../src/dns/counters.ts';
import { chaosBodies, lookupBody } from '../../src/dns/policy.ts';
import { createResponderShared } from '../../src/dns/rate-limit.ts';
import { createSender } from '../../src/dns/sender.ts';
import { judge } from '../../src/dns/slow-path.ts';
import { createTransferPolicy } from '../../src/dns/transfer-policy.ts';
import { query, wireName } from '../helpers/message.ts';
import { name, rrsets } from '../helpers/names.ts';
import { DNS_OPTIONS, peerOctets, testResponder } from '../helpers/responder.ts';
import { content } from '../helpers/zones.ts';

const CONTENTS = [
  content(
    'example.com',
    `@ 60 NS ns1
     @ 60 NS ns.example.net.
     ns1 60 A 192.0.2.53
     @ 5 A 192.0.2.1
     @ 5 AAAA 2001:db8::1
     a 5 A 192.0.2.2
     a 5 A 192.0.2.3
     b 5 CNAME a
     c 5 CNAME b
     d 5 CNAME nowhere
     x.y.a 5 TXT deep
     *.w 5 TXT anything
     *.w 5 MX 10 a
     h.w 5 A 192.0.2.4
     *.v 5 CNAME x.v
     sub 60 NS ns.sub
     sub 60 NS ns1
     ns.sub 60 A 192.0.2.54
     a.in 5 A 192.0.2.98
     hidden.in 5 A 192.0.2.99
     long 5 TXT ${'x'.repeat(250)}
     long 5 TXT ${'y'.repeat(250)}
     long 5 TXT ${'z'.repeat(250)}`,
    { names: [name('r.example.com')], degraded: { [name('a.example.com')]: 'all down' } },
  ),
  content('in.example.com', '@ 60 NS ns1.example.com.\na 5 A 192.0.2.6'),
  content('example.org', '@ 60 NS ns1.example.com.\n* 5 A 192.0.2.7'),
];

const label = fc.constantFrom(
  'a',
  'b',
  'c',
  'd',
  'x',
  'y',
  'w',
  'v',
  'h',
  'r',
  'sub',
  'ns',
  'ns1',
  'in',
  'long',
  '*',
  'zz',
);
const apex = fc.constantFrom('example.com', 'example.com', 'in.example.com', 'example.org', 'example.net', 'com', '');
const anyName = fc
  .tuple(fc.array(label, { maxLength: 3 }), apex)
  .map(([labels, suffix]) => [...labels, suffix].join('.'));
const anyCase = fc.tuple(anyName, fc.infiniteStream(fc.boolean())).map(([text, upper]) => {
  return [...text].map((letter) => (upper.next().value ? letter.toUpperCase() : letter)).join('');
});
const anyType = fc.constantFrom(1, 1, 28, 2, 5, 6, 15, 16, 33, 257, 255, 43, 666, 41, 252, 253, 0);
const anyOption = fc.oneof(
  fc.uint8Array({ minLength: 8, maxLength: 8 }).map((data) => ({ code: 10, data })),
  fc.uint8Array({ minLength: 7, maxLength: 41 }).map((data) => ({ code: 10, data })),
  fc.constant({ code: 3, data: new Uint8Array(0) }),
  fc.constant({ code: 100, data: Uint8Array.of(1, 2) }),
);
const anyOpt = fc.record({
  udpOctets: fc.constantFrom(0, 512, 600, 700, 1232, 4096, 65_535),
  version: fc.constantFrom(0, 0, 0, 0, 1),
  extendedFlags: fc.constantFrom(0, 0x8000, 0xffff),
  options: fc.array(anyOption, { maxLength: 2 }),
});
const anyQuery = fc.record({
  kind: fc.constant('query' as const),
  message: fc
    .record({
      id: fc.integer({ min: 0, max: 0xffff }),
      name: anyCase,
      type: anyType,
      class: fc.constantFrom(1, 1, 1, 1, 1, 3, 255),
      flags: fc.constantFrom(0x0100, 0x0100, 0, 0x0130, 0x0120, 0x0180, 0x0500, 0x0140),
      opt: fc.option(anyOpt),
      tail: fc.constantFrom(new Uint8Array(0), new Uint8Array(0), new Uint8Array(0), Uint8Array.of(0)),
    })
    .map(query),
  peer: fc.constantFrom('192.0.2.1', '192.0.2.1', '198.51.100.7', '2001:db8::1'),
  isUdp: fc.constantFrom(true, true, true, false),
});

const DATA = { A: '192.0.2.', AAAA: '2001:db8::', NS: 'ns', CNAME: 'x', TXT: 't' } as const;
const anyChange = fc.record({
  kind: fc.constant('change' as const),
  owner: anyName,
  apex: fc.constantFrom('example.com', 'in.example.com', 'example.org', 'example.net'),
  type: fc.constantFrom(...(Object.keys(DATA) as (keyof typeof DATA)[])),
  number: fc.option(fc.integer({ min: 1, max: 9 })),
  hasOnlyText: fc.boolean(),
  degraded: fc.option(fc.constantFrom('stale', 'all down'), { nil: undefined }),
});

function changeOf(
  {
    owner: text,
    apex,
    type,
    number,
    hasOnlyText,
    degraded,
  }: typeof anyChange extends fc.Arbitrary<infer T> ? T : never,
  serial: number,
): ZoneChange {
  const owner = name(text || '.');
  const data = type === 'CNAME' ? 'a.example.com.' : `${DATA[type]}${number}`;
  const [rrset] = number === null ? [] : rrsets('.', `${owner} 5 ${type} ${data}`);
  const change: { owner: OwnerName; type: typeof type; rrset: RRset | null } = { owner, type, rrset: rrset ?? null };
  return {
    apex: name(apex),
    serial,
    changes: hasOnlyText ? [] : [change],
    degraded: degraded === undefined ? {} : { [owner]: degraded },
  };
}

/** The slow path alone, with the same sender behind it. */
function slowResponder(contents: readonly ZoneContent[], options: typeof DNS_OPTIONS) {
  const zones = new Map<OwnerName, Zone>(contents.map((one) => [one.apex, buildZone(one)]));
  const shared = createResponderShared((octets) => new Uint8Array(octets).fill(7));
  const clock = { nowMs: () => 1_000_000, epochMs: () => 1_800_000_000_000 };
  const sender = createSender({ dns: options, clock, shared }, createCounters());
  const reply = Buffer.alloc(65_535);
  return {
    respond(message: Buffer, peer: string, isUdp: boolean): Buffer | null {
      sender.tick();
      const outcome = judge(
        message,
        { transport: isUdp ? 'udp' : 'tcp', peer: peerOctets(peer) },
        {
          zones,
          transfers: createTransferPolicy(undefined, clock.epochMs),
          answer: (question) => lookupBody(zones, question),
          chaos: chaosBodies(null, options.nsid),
          hasCookies: options.cookies,
        },
      );
      if (outcome.kind !== 'reply') return null;
      const exchange = {
        isUdp,
        query: message,
        queryAt: 0,
        questionOctets: outcome.questionOctets,
        peers: peerOctets(peer),
        peerAt: 0,
        reply,
        replyAt: 0,
      };
      const length = sender.send(exchange, outcome.body, outcome.edns, outcome.signature);
      return length === 0 ? null : Buffer.from(reply.subarray(0, length));
    },
    apply(change: ZoneChange) {
      const zone = zones.get(change.apex);
      if (zone) zones.set(change.apex, applyChange(zone, change));
    },
  };
}

t.test('fast and slow path give the same octets, over queries and publications in any order', async () => {
  const rateLimit = { ...DNS_OPTIONS.rateLimit, responsesPerSecond: 2 };
  for (const options of [DNS_OPTIONS, { ...DNS_OPTIONS, rateLimit }, { ...DNS_OPTIONS, cookies: false, nsid: null }]) {
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 4, arbitrary: anyQuery }, anyChange), { maxLength: 40 }), (steps) => {
        const fast = testResponder(CONTENTS, options);
        const slow = slowResponder(CONTENTS, options);
        for (const [i, step] of steps.entries()) {
          if (step.kind === 'change') {
            const change = changeOf(step, i + 2);
            fast.responder.apply(change);
            slow.apply(change);
            continue;
          }
          const { message, peer, isUdp } = step;
          const got = isUdp ? fast.udp(message, peer) : fast.tcp(message, peer);
          const expected = slow.respond(message, peer, isUdp);
          if (got?.toString('hex') !== expected?.toString('hex')) {
            throw new Error(
              `${message.toString('hex')}\n got ${got?.toString('hex')}\nslow ${expected?.toString('hex')}`,
            );
          }
        }
      }),
      { numRuns: 250 },
    );
  }
});

const OWNERS = ['', 'a', 'x.a', '*.a', 'w', '*.w', 'sub', 'ns.sub', 'in', 'hidden.in'];
const PROBES = OWNERS.flatMap((owner) => [owner, `zz.${owner}`]).map((prefix) =>
  `${prefix}.example.com`.replace(/\.+/g, '.').replace(/^\./, ''),
);
const PROBED_TYPES = [1, 28, 2, 16, 666];

const anyNearChange = fc.record({
  kind: fc.constant('change' as const),
  owner: fc.constantFrom(...OWNERS).map((owner) => `${owner}.example.com`.replace(/^\./, '')),
  apex: fc.constantFrom('example.com', 'example.com', 'in.example.com'),
  type: fc.constantFrom(...(Object.keys(DATA) as (keyof typeof DATA)[])),
  number: fc.option(fc.integer({ min: 1, max: 9 })),
  hasOnlyText: fc.boolean(),
  degraded: fc.option(fc.constantFrom('stale', 'all down'), { nil: undefined }),
});

t.test('a publication reaches every answer that it bears on', async () => {
  const probes = PROBES.flatMap((name) => PROBED_TYPES.map((type) => query({ name, type, opt: {} })));
  fc.assert(
    fc.property(fc.array(anyNearChange, { maxLength: 8 }), (changes) => {
      const fast = testResponder(CONTENTS);
      const slow = slowResponder(CONTENTS, DNS_OPTIONS);
      for (const [i, step] of [null, ...changes].entries()) {
        const change = step && changeOf(step, i + 2);
        if (change) fast.responder.apply(change);
        if (change) slow.apply(change);
        for (const probe of probes) {
          const [got, expected] = [fast.udp(probe), slow.respond(probe, '192.0.2.200', true)];
          if (!got || !expected?.equals(got)) throw new Error(`${probe.toString('latin1')} after ${i} changes`);
        }
      }
    }),
    { numRuns: 100 },
  );
});

t.test('the fast path knows every answer but those that depend on more than name and type', async (t) => {
  const table = createAnswerTable();
  table.load(CONTENTS);
  const isKnown = (qname: string, qtype: number) => {
    const wire = wireName(qname);
    return table.find(wire, 0, wire.length, qtype) !== null;
  };
  const cases: [string, number, boolean][] = [
    ['example.com', 1, true],
    ['EXAMPLE.com', 6, true],
    ['a.example.com', 255, true],
    ['a.example.com', 28, true],
    ['a.example.com', 65_535, true],
    ['c.example.com', 1, true],
    ['nowhere.example.com', 1, true],
    ['y.a.example.com', 1, true],
    ['q.w.example.com', 16, true],
    ['q.w.example.com', 1, true],
    ['x.sub.example.com', 1, true],
    ['r.example.com', 1, true],
    ['example.net', 1, true],
    ['', 2, true],
    ['q.v.example.com', 1, false],
    ['*.v.example.com', 1, true],
    ['sub.example.com', 43, false],
    ['example.com', 252, false],
    ['example.com', 41, false],
  ];
  for (const [qname, qtype, expected] of cases) t.equal(isKnown(qname, qtype), expected, `${qname} ${qtype}`);
});

t.test('the fast path keeps what a publication does not touch', async (t) => {
  const table = createAnswerTable();
  table.load(CONTENTS);
  const find = (qname: string, qtype: number) => table.find(wireName(qname), 0, wireName(qname).length, qtype);
  const [before, nodata, soa, chain] = [
    find('h.w.example.com', 1),
    find('h.w.example.com', 28),
    find('example.com', 6),
    find('b.example.com', 1),
  ];
  t.equal(find('h.w.example.com', 1), before);
  table.apply(
    changeOf(
      {
        kind: 'change',
        owner: 'a.example.com',
        apex: 'example.com',
        type: 'A',
        number: 9,
        hasOnlyText: false,
        degraded: undefined,
      },
      2,
    ),
  );
  t.equal(find('h.w.example.com', 1), before, 'an RRset of its own');
  t.not(find('h.w.example.com', 28), nodata, 'a negative answer: it has the serial');
  t.not(find('example.com', 6), soa);
  t.not(find('b.example.com', 1), chain, 'what a CNAME leads to');
});
