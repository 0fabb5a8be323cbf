/**
 * What dig (BIND), kdig (Knot) and drill (NSD, ldns) make of the answers, from real workers over real sockets. Each tool
 * has a decoder of its own, and says so when a message is damaged.
 */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { createDataPlane } from '../../src/dns/pool.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { planeOptions } from '../helpers/dns-zone.ts';
import { name } from '../helpers/names.ts';
import { DNS_OPTIONS } from '../helpers/responder.ts';
import { content } from '../helpers/zones.ts';

const run = promisify(execFile);
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

const zone = content(
  'example.com',
  `@      3600 NS    ns1
   ns1    3600 A     192.0.2.53
   @      5    A     192.0.2.10
   @      5    AAAA  2001:db8::10
   @      60   MX    10 mail
   @      60   CAA   0 issue "ca.example.net"
   www    300  CNAME @
   *.wild 60   TXT   "one" "two"
   sub    3600 NS    ns.sub
   ns.sub 3600 A     192.0.2.54
   ent.x  60   A     192.0.2.9
   mapped 60   AAAA  ::ffff:192.0.2.1
   _s._tcp 60  SRV   0 5 443 www
   a\\.b   60   A     192.0.2.7
   big    60   TXT   ${'x'.repeat(250)}
   big    60   TXT   ${'y'.repeat(250)}
   big    60   TXT   ${'z'.repeat(250)}`,
  { names: [], degraded: { [name('example.com')]: 'all targets down' } },
);

async function startPlane(t: Test): Promise<number> {
  const dns = { ...DNS_OPTIONS, nsid: 'ns1.test', chaosVersion: 'failoverd' };
  const plane = createDataPlane(planeOptions({ dns, workers: 2 }), { clock: systemClock, log: quiet });
  t.teardown(() => plane.stop());
  const [bound] = await plane.start([zone]);
  return bound?.port ?? 0;
}

const isMissing = (tool: string) => spawnSync(tool, ['-v']).error !== undefined && `${tool} is not installed`;

interface Case {
  readonly title: string;
  readonly args: string;
  readonly says: readonly RegExp[];
  readonly not?: RegExp;
}

const OK = /status: NOERROR/;
const SOA_LINE =
  /example\.com\.\s+10\s+IN\s+SOA\s+ns1\.example\.com\. hostmaster\.example\.com\. 1 3600 600 1209600 10/;

const DIG: readonly Case[] = [
  { title: 'A', args: 'example.com A', says: [OK, /flags: qr aa rd;/, /example\.com\.\s+5\s+IN\s+A\s+192\.0\.2\.10/] },
  { title: 'AAAA', args: 'example.com AAAA', says: [OK, /AAAA\s+2001:db8::10/] },
  { title: 'SOA', args: 'example.com SOA', says: [OK, /60\s+IN\s+SOA/] },
  { title: 'NS', args: 'example.com NS', says: [OK, /3600\s+IN\s+NS\s+ns1\.example\.com\./] },
  { title: 'MX', args: 'example.com MX', says: [/MX\s+10 mail\.example\.com\./] },
  { title: 'CAA', args: 'example.com CAA', says: [/CAA\s+0 issue "ca\.example\.net"/] },
  { title: 'SRV', args: '_s._tcp.example.com SRV', says: [/SRV\s+0 5 443 www\.example\.com\./] },
  {
    title: 'CNAME',
    args: 'www.example.com',
    says: [/www\.example\.com\.\s+300\s+IN\s+CNAME\s+example\.com\./, /A\s+192\.0\.2\.10/],
  },
  {
    title: 'wildcard',
    args: 'q.w.wild.example.com TXT',
    says: [/q\.w\.wild\.example\.com\.\s+60\s+IN\s+TXT\s+"one" "two"/],
  },
  { title: 'NODATA', args: 'ns1.example.com AAAA', says: [OK, /ANSWER: 0, AUTHORITY: 1/, SOA_LINE] },
  { title: 'empty non-terminal', args: 'x.example.com', says: [OK, /ANSWER: 0, AUTHORITY: 1/] },
  { title: 'NXDOMAIN', args: 'nosuch.example.com', says: [/status: NXDOMAIN/, /flags: qr aa rd;/, SOA_LINE] },
  {
    title: 'referral',
    args: 'x.sub.example.com',
    says: [
      OK,
      /flags: qr rd;/,
      /NS\s+ns\.sub\.example\.com\./,
      /ns\.sub\.example\.com\.\s+3600\s+IN\s+A\s+192\.0\.2\.54/,
    ],
  },
  { title: 'REFUSED', args: 'example.org', says: [/status: REFUSED/, /EDE: 20 \(Not Authoritative\)/] },
  { title: 'degraded', args: 'example.com', says: [/EDE: 3 \(Stale Answer\).*all targets down/] },
  { title: 'mapped address', args: 'mapped.example.com AAAA', says: [/AAAA\s+::ffff:192\.0\.2\.1/] },
  {
    title: 'a dot in a label',
    args: 'a\\.b.example.com A',
    says: [/a\\\.b\.example\.com\.\s+60\s+IN\s+A\s+192\.0\.2\.7/],
  },
  { title: 'letter case', args: 'eXaMple.COM A', says: [/^eXaMple\.COM\.\s+5\s+IN\s+A/m] },
  { title: 'ANY', args: '+notcp example.com ANY', says: [/ANSWER: 1,/, /A\s+192\.0\.2\.10/] },
  { title: 'TCP', args: '+tcp example.com A', says: [OK, /A\s+192\.0\.2\.10/] },
  {
    title: 'truncation',
    args: '+ignore +bufsize=512 big.example.com TXT',
    says: [/flags: qr aa tc rd;/, /EDNS: version: 0/],
  },
  { title: 'truncation, then TCP', args: '+bufsize=512 big.example.com TXT', says: [/ANSWER: 3,/] },
  { title: 'no EDNS', args: '+noedns example.com', says: [OK], not: /OPT PSEUDOSECTION/ },
  { title: 'BADVERS', args: '+edns=1 +noednsneg example.com', says: [/status: BADVERS/, /EDNS: version: 0/] },
  { title: 'DO', args: '+dnssec example.com', says: [OK, /EDNS: version: 0, flags: do;/] },
  {
    title: 'unknown flag and option',
    args: '+ednsflags=0x40 +ednsopt=100 example.com',
    says: [OK],
    not: /MBZ|OPT=100/,
  },
  { title: 'cookie', args: '+cookie example.com', says: [/COOKIE: [0-9a-f]{48} \(good\)/] },
  { title: 'NSID', args: '+nsid example.com', says: [/NSID: .*ns1\.test/] },
  { title: 'opcode', args: '+noedns +opcode=15 example.com', says: [/status: NOTIMP/] },
  { title: 'notify', args: '+opcode=notify example.com SOA', says: [/status: NOTAUTH/] },
  { title: 'update', args: '+noedns +opcode=update example.com SOA', says: [/status: NOTIMP/] },
  { title: 'header only', args: '+noedns +header-only example.com', says: [/status: FORMERR/] },
  {
    title: 'a cookie without a question',
    args: '+cookie +header-only example.com',
    says: [OK, /QUERY: 0/, /\(good\)/],
  },
  { title: 'Z', args: '+zflag example.com', says: [OK], not: /MBZ/ },
  { title: 'version.bind', args: 'version.bind CH TXT', says: [OK, /CH\s+TXT\s+"failoverd"/] },
  { title: 'id.server', args: 'id.server CH TXT', says: [/CH\s+TXT\s+"ns1\.test"/] },
  { title: 'AXFR', args: 'example.com AXFR', says: [/Transfer failed/] },
  { title: 'unknown type', args: 'example.com TYPE666', says: [OK, /ANSWER: 0, AUTHORITY: 1/] },
];

const KDIG: readonly Case[] = [
  {
    title: 'A with cookie',
    args: '+edns +cookie example.com A',
    says: [/NOERROR/, /192\.0\.2\.10/, /COOKIE: [0-9A-F]{48}/i],
  },
  {
    title: 'TCP, two queries on one connection',
    args: '+tcp +keepopen example.com A www.example.com AAAA',
    says: [/192\.0\.2\.10/, /2001:db8::10/],
  },
  { title: 'NXDOMAIN', args: '+edns nosuch.example.com', says: [/NXDOMAIN/, SOA_LINE] },
  { title: 'REFUSED with EDE', args: '+edns example.org', says: [/REFUSED/, /EDE: 20/] },
  { title: 'wildcard', args: 'q.wild.example.com TXT', says: [/"one" "two"/] },
  { title: 'NSID', args: '+nsid example.com', says: [/NSID: .*ns1\.test/] },
  { title: 'padding', args: '+edns +padding=64 example.com', says: [/NOERROR/, /192\.0\.2\.10/] },
  { title: 'referral', args: 'x.sub.example.com', says: [/ns\.sub\.example\.com\.\s+3600\s+IN\s+A\s+192\.0\.2\.54/] },
];

const DRILL: readonly Case[] = [
  {
    title: 'A',
    args: 'example.com A',
    says: [/rcode: NOERROR/, /flags: qr aa rd ;/, /example\.com\.\s+5\s+IN\s+A\s+192\.0\.2\.10/],
  },
  { title: 'DO', args: '-D example.com AAAA', says: [/flags: do ?;/, /2001:db8::10/] },
  { title: 'TCP', args: '-t www.example.com A', says: [/CNAME\s+example\.com\./, /192\.0\.2\.10/] },
  { title: 'NXDOMAIN', args: 'nosuch.example.com A', says: [/rcode: NXDOMAIN/, SOA_LINE] },
  { title: 'SRV', args: '_s._tcp.example.com SRV', says: [/SRV\s+0 5 443 www\.example\.com\./] },
  { title: 'referral', args: 'x.sub.example.com A', says: [/ns\.sub\.example\.com\.\s+3600\s+IN\s+A\s+192\.0\.2\.54/] },
];

/** What a tool says when it does not understand what it got. */
const COMPLAINT = /malformed|bad packet|parse error|garbage|WARNING(?!: recursion requested)/i;

async function check(t: Test, tool: string, fixed: readonly string[], cases: readonly Case[]): Promise<void> {
  for (const { title, args, says, not } of cases) {
    const { stdout } = await run(tool, [...fixed, ...args.split(' ')]).catch((error) => error);
    for (const expected of says) t.match(stdout, expected, `${title}: ${expected.source}`);
    t.notMatch(stdout, not ?? COMPLAINT, title);
    t.notMatch(stdout, COMPLAINT, title);
  }
}

t.test('dig understands every answer', { skip: isMissing('dig') }, async (t) => {
  const port = await startPlane(t);
  await check(t, 'dig', ['@127.0.0.1', '-p', `${port}`, '+tries=1', '+time=5', '+recurse'], DIG);
});

t.test('kdig understands the answers', { skip: isMissing('kdig') }, async (t) => {
  const port = await startPlane(t);
  await check(t, 'kdig', ['@127.0.0.1', '-p', `${port}`, '+retry=0', '+time=5', '+rdflag'], KDIG);
});

t.test('drill understands the answers', { skip: isMissing('drill') }, async (t) => {
  const port = await startPlane(t);
  await check(t, 'drill', ['@127.0.0.1', '-p', `${port}`], DRILL);
});
