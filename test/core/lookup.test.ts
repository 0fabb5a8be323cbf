import t, { type Test } from 'tap';
import { lookup } from '../../src/core/lookup.ts';
import { formatRRset } from '../../src/core/master-file.ts';
import type { RRset } from '../../src/core/rr.ts';
import { name } from '../helpers/names.ts';
import { content, zonesOf } from '../helpers/zones.ts';

const TYPES: Readonly<Record<string, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  DS: 43,
  TYPE666: 666,
  ANY: 255,
};

const example = content(
  'example.com',
  `
  @        3600 NS    ns1
  @        3600 NS    ns.example.net.
  ns1      3600 A     192.0.2.53
  @        5    A     192.0.2.1
  @        5    A     192.0.2.2
  www      300  CNAME @
  deep.www.sub.a.b 300 TXT deep
  alias    300  CNAME www
  away     300  CNAME www.example.net.
  dangling 300  CNAME nowhere
  half     300  CNAME ns1
  loop1    300  CNAME loop2
  loop2    300  CNAME loop1
  self     300  CNAME self
  c1       300  CNAME c2
  c2       300  CNAME c3
  c3       300  CNAME c4
  c4       300  CNAME c5
  c5       300  CNAME c6
  c6       300  CNAME c7
  c7       300  CNAME c8
  c8       300  CNAME c9
  c9       300  A     192.0.2.9
  *.wild   60   TXT   anything
  *.wild   60   MX    10 mail
  host.wild 60  A     192.0.2.7
  x.ent.wild 60 A     192.0.2.8
  *.cwild  60   CNAME www
  *.nswild 60   NS    ns1
  sub      3600 NS    ns.sub
  sub      3600 NS    ns.other
  sub      3600 NS    ns1
  sub      3600 NS    ns.example.net.
  ns.sub   3600 A     192.0.2.54
  ns.sub   3600 AAAA  2001:db8::54
  hidden.sub 60 A     192.0.2.99
  low.sub  60   NS    ns.low.sub
  other    3600 NS    ns.other
  ns.other 3600 A     192.0.2.55
  tosub    300  CNAME host.sub
  toinner  300  CNAME www.inner
  www.inner 300 A     192.0.2.66
  mail     300  MX    10 mx
  mail     300  AAAA  2001:db8::25
  v6       300  AAAA  2001:db8::6
  v6       300  MX    10 mx
  `,
  {
    names: [name('waiting.example.com')],
    degraded: { [name('ns1.example.com')]: 'all down', [name('waiting.example.com')]: 'nothing up' },
  },
);
const inner = content('inner.example.com', '@ 3600 NS ns1.example.com.\nwww 60 A 192.0.2.77');
const delegated = content(
  'deleg.example.com',
  '@ 3600 NS ns1\nns1 60 A 192.0.2.56\nlow 60 NS ns.low\nns.low 60 A 192.0.2.57',
);
const low = content('low.deleg.example.com', '@ 3600 NS ns');
const zones = zonesOf(example, inner, delegated, low);

const SOA = 'example.com. 10 IN SOA ns1.example.com. hostmaster.example.com. 1 3600 600 1209600 10';

interface Case {
  readonly question: string;
  readonly kind: string;
  readonly answer?: readonly string[];
  readonly authority?: readonly string[];
  readonly additional?: readonly string[];
  readonly degraded?: string;
}

function lines(rrsets: readonly RRset[]): readonly string[] {
  return rrsets.flatMap(formatRRset).map((line) => line.replaceAll('\t', ' '));
}

function check(t: Test, title: string, cases: readonly Case[]): void {
  t.test(title, async (t) => {
    for (const { question, kind, answer = [], authority = [], additional = [], degraded = null } of cases) {
      const [qname = '', qtype = ''] = question.split(' ');
      const result = lookup(zones, name(qname), TYPES[qtype] ?? 0);
      const shown = {
        kind: result.kind,
        answer: lines(result.answer),
        authority: lines(result.authority),
        additional: lines(result.additional),
        degraded: result.degraded,
      };
      t.same(shown, { kind, answer, authority, additional, degraded }, question);
    }
  });
}

check(t, 'lookup() answers an RRset of the zone (RFC 1034 §4.3.2 step 3a)', [
  {
    question: 'example.com A',
    kind: 'answer',
    answer: ['example.com. 5 IN A 192.0.2.1', 'example.com. 5 IN A 192.0.2.2'],
  },
  {
    question: 'example.com NS',
    kind: 'answer',
    answer: ['example.com. 3600 IN NS ns1.example.com.', 'example.com. 3600 IN NS ns.example.net.'],
  },
  { question: 'example.com SOA', kind: 'answer', answer: [SOA.replace(' 10 IN', ' 60 IN')] },
  { question: 'www.example.com CNAME', kind: 'answer', answer: ['www.example.com. 300 IN CNAME example.com.'] },
  { question: 'mail.example.com MX', kind: 'answer', answer: ['mail.example.com. 300 IN MX 10 mx.example.com.'] },
]);

check(t, 'lookup() answers NODATA when the owner has only other types (RFC 2308 §2.2)', [
  { question: 'ns1.example.com AAAA', kind: 'nodata', authority: [SOA], degraded: 'all down' },
  { question: 'example.com TYPE666', kind: 'nodata', authority: [SOA] },
  { question: 'mail.example.com A', kind: 'nodata', authority: [SOA] },
]);

check(t, 'lookup() answers NODATA for an empty non-terminal (RFC 8020 §2, RFC 4592 §2.2.2)', [
  { question: 'b.example.com A', kind: 'nodata', authority: [SOA] },
  { question: 'www.sub.a.b.example.com A', kind: 'nodata', authority: [SOA] },
  { question: 'wild.example.com TXT', kind: 'nodata', authority: [SOA] },
]);

check(t, 'lookup() answers NODATA for a record that has no address (ZoneContent.names)', [
  { question: 'waiting.example.com A', kind: 'nodata', authority: [SOA], degraded: 'nothing up' },
  { question: 'x.waiting.example.com A', kind: 'nxdomain', authority: [SOA] },
]);

check(t, 'lookup() answers NXDOMAIN for a name that does not exist (RFC 2308 §2.1)', [
  { question: 'nowhere.example.com A', kind: 'nxdomain', authority: [SOA] },
  { question: 'a.nowhere.example.com ANY', kind: 'nxdomain', authority: [SOA] },
  { question: 'x.www.example.com A', kind: 'nxdomain', authority: [SOA] },
]);

const WWW = 'www.example.com. 300 IN CNAME example.com.';
const APEX_A = ['example.com. 5 IN A 192.0.2.1', 'example.com. 5 IN A 192.0.2.2'];

check(t, 'lookup() follows CNAMEs within the zone (RFC 1034 §3.6.2, RFC 6604)', [
  { question: 'www.example.com A', kind: 'answer', answer: [WWW, ...APEX_A] },
  {
    question: 'alias.example.com A',
    kind: 'answer',
    answer: ['alias.example.com. 300 IN CNAME www.example.com.', WWW, ...APEX_A],
  },
  { question: 'www.example.com AAAA', kind: 'nodata', answer: [WWW], authority: [SOA] },
  {
    question: 'dangling.example.com A',
    kind: 'nxdomain',
    answer: ['dangling.example.com. 300 IN CNAME nowhere.example.com.'],
    authority: [SOA],
  },
  {
    question: 'half.example.com A',
    kind: 'answer',
    answer: ['half.example.com. 300 IN CNAME ns1.example.com.', 'ns1.example.com. 3600 IN A 192.0.2.53'],
    degraded: 'all down',
  },
]);

check(t, 'lookup() ends a chain of CNAMEs at the edge of the zone, and at a zone within it', [
  { question: 'away.example.com A', kind: 'answer', answer: ['away.example.com. 300 IN CNAME www.example.net.'] },
  {
    question: 'toinner.example.com A',
    kind: 'answer',
    answer: ['toinner.example.com. 300 IN CNAME www.inner.example.com.'],
  },
]);

check(t, 'lookup() bounds a chain of CNAMEs', [
  { question: 'self.example.com A', kind: 'answer', answer: ['self.example.com. 300 IN CNAME self.example.com.'] },
  {
    question: 'loop1.example.com A',
    kind: 'answer',
    answer: [
      'loop1.example.com. 300 IN CNAME loop2.example.com.',
      'loop2.example.com. 300 IN CNAME loop1.example.com.',
    ],
  },
  {
    question: 'c1.example.com A',
    kind: 'answer',
    answer: Array.from({ length: 8 }, (_, i) => `c${i + 1}.example.com. 300 IN CNAME c${i + 2}.example.com.`),
  },
  {
    question: 'c2.example.com A',
    kind: 'answer',
    answer: [
      ...Array.from({ length: 7 }, (_, i) => `c${i + 2}.example.com. 300 IN CNAME c${i + 3}.example.com.`),
      'c9.example.com. 300 IN A 192.0.2.9',
    ],
  },
]);

check(t, 'lookup() answers from a wildcard under the closest encloser (RFC 4592 §3.3)', [
  { question: 'x.wild.example.com TXT', kind: 'answer', answer: ['x.wild.example.com. 60 IN TXT "anything"'] },
  { question: 'x.y.wild.example.com TXT', kind: 'answer', answer: ['x.y.wild.example.com. 60 IN TXT "anything"'] },
  { question: '*.wild.example.com TXT', kind: 'answer', answer: ['*.wild.example.com. 60 IN TXT "anything"'] },
  { question: 'x.wild.example.com A', kind: 'nodata', authority: [SOA] },
  { question: 'host.wild.example.com TXT', kind: 'nodata', authority: [SOA] },
  { question: 'x.host.wild.example.com TXT', kind: 'nxdomain', authority: [SOA] },
  { question: 'ent.wild.example.com TXT', kind: 'nodata', authority: [SOA] },
  { question: 'y.ent.wild.example.com TXT', kind: 'nxdomain', authority: [SOA] },
  { question: 'x.*.wild.example.com TXT', kind: 'nxdomain', authority: [SOA] },
  {
    question: 'x.cwild.example.com A',
    kind: 'answer',
    answer: ['x.cwild.example.com. 60 IN CNAME www.example.com.', WWW, ...APEX_A],
  },
  {
    question: 'x.nswild.example.com NS',
    kind: 'answer',
    answer: ['x.nswild.example.com. 60 IN NS ns1.example.com.'],
  },
  { question: '*.nswild.example.com A', kind: 'nodata', authority: [SOA] },
]);

const SUB_NS = ['ns.sub', 'ns.other', 'ns1']
  .map((ns) => `sub.example.com. 3600 IN NS ${ns}.example.com.`)
  .concat('sub.example.com. 3600 IN NS ns.example.net.');
const SUB_GLUE = [
  'ns.sub.example.com. 3600 IN A 192.0.2.54',
  'ns.sub.example.com. 3600 IN AAAA 2001:db8::54',
  'ns.other.example.com. 3600 IN A 192.0.2.55',
];

check(
  t,
  'lookup() delegates what lies below a zone cut, with the glue that is needed (RFC 1034 §4.3.2 step 3b, RFC 9471)',
  [
    { question: 'sub.example.com A', kind: 'delegation', authority: SUB_NS, additional: SUB_GLUE },
    { question: 'sub.example.com NS', kind: 'delegation', authority: SUB_NS, additional: SUB_GLUE },
    { question: 'x.y.sub.example.com A', kind: 'delegation', authority: SUB_NS, additional: SUB_GLUE },
    { question: 'x.low.sub.example.com A', kind: 'delegation', authority: SUB_NS, additional: SUB_GLUE },
    { question: 'hidden.sub.example.com A', kind: 'delegation', authority: SUB_NS, additional: SUB_GLUE },
    { question: 'ns.sub.example.com A', kind: 'delegation', authority: SUB_NS, additional: SUB_GLUE },
    {
      question: 'tosub.example.com A',
      kind: 'delegation',
      answer: ['tosub.example.com. 300 IN CNAME host.sub.example.com.'],
      authority: SUB_NS,
      additional: SUB_GLUE,
    },
  ],
);

check(t, 'lookup() keeps DS on the upper side of a zone cut (RFC 4035 §3.1.4.1)', [
  { question: 'sub.example.com DS', kind: 'nodata', authority: [SOA] },
  { question: 'x.sub.example.com DS', kind: 'delegation', authority: SUB_NS, additional: SUB_GLUE },
  { question: 'example.com DS', kind: 'nodata', authority: [SOA] },
  {
    question: 'low.deleg.example.com DS',
    kind: 'nodata',
    authority: [SOA.replaceAll('example.com', 'deleg.example.com')],
  },
  { question: 'inner.example.com DS', kind: 'nodata', authority: [SOA.replaceAll('example.com', 'inner.example.com')] },
]);

check(t, 'lookup() chooses the zone with the longest apex', [
  { question: 'www.inner.example.com A', kind: 'answer', answer: ['www.inner.example.com. 60 IN A 192.0.2.77'] },
  {
    question: 'ns.low.deleg.example.com A',
    kind: 'nxdomain',
    authority: [SOA.replaceAll('example.com', 'low.deleg.example.com')],
  },
]);

check(t, 'lookup() answers ANY with one RRset (RFC 8482 §4.1)', [
  { question: 'example.com ANY', kind: 'answer', answer: APEX_A },
  { question: 'v6.example.com ANY', kind: 'answer', answer: ['v6.example.com. 300 IN AAAA 2001:db8::6'] },
  { question: 'www.example.com ANY', kind: 'answer', answer: [WWW] },
  { question: 'b.example.com ANY', kind: 'nodata', authority: [SOA] },
]);

check(t, 'lookup() refuses what lies in no zone', [
  { question: 'example.org A', kind: 'refused' },
  { question: 'com A', kind: 'refused' },
  { question: '. NS', kind: 'refused' },
  { question: 'badexample.com A', kind: 'refused' },
]);

t.test('lookup() says what its answers have in common', async (t) => {
  const source = (qname: string, qtype: number) => lookup(zones, name(qname), qtype).source;
  t.equal(source('x.wild.example.com', 16), '*.wild.example.com.');
  t.equal(source('random.example.com', 1), 'example.com.');
  t.equal(source('x.y.sub.example.com', 1), 'sub.example.com.');
  t.equal(source('example.org', 1), null);
});
