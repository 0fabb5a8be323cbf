/** EDNS: the sizes of RFC 6891 §6.2, truncation of RFC 2181 §9, and what else goes into an OPT. */
import t from 'tap';
import { query, wireName } from '../helpers/message.ts';
import { name } from '../helpers/names.ts';
import { testResponder } from '../helpers/responder.ts';
import { content } from '../helpers/zones.ts';

const TXT = 16;
const [NSID, COOKIE, EDE] = [3, 10, 15];

/** A TXT RRset whose response over UDP has so many octets, without an OPT: 12 + 17, 13 a record, and the strings. */
function zoneOf(octets: number) {
  const strings = [];
  for (let left = octets - 29; left > 0; left -= 268) strings.push('x'.repeat(Math.min(left, 268) - 13));
  return content(
    'example.com',
    strings.map((text, i) => `@ 60 TXT ${String(i).slice(0, 1)}${text.slice(1)}`).join('\n'),
  );
}

t.test('a response without EDNS has 512 octets at most (RFC 1035 §4.2.1)', async (t) => {
  const fits = testResponder([zoneOf(512)]).udp(query({ type: TXT }));
  t.equal(fits?.length, 512);
  const { ask } = testResponder([zoneOf(513)]);
  const truncated = ask(query({ type: TXT }));
  t.equal(truncated.flags, 'qr aa tc rd');
  t.equal(truncated.answers.length, 0);
  t.equal(truncated.opt, null);
});

t.test(
  'a response with EDNS has as many octets as the client takes, 512 at least, and 1232 at most (§6.2.3 to §6.2.5)',
  async (t) => {
    const cases: [string, number, number, boolean][] = [
      ['client 700: fits', 700 - 11, 700, false],
      ['client 700: one too many', 701 - 11, 700, true],
      ['client 0 counts as 512', 512 - 11, 0, false],
      ['client 511 counts as 512', 513 - 11, 511, true],
      ['ours: fits', 1232 - 11, 4096, false],
      ['ours: one too many', 1233 - 11, 4096, true],
      ['ours: one too many for the largest client', 1233 - 11, 65_535, true],
    ];
    for (const [title, octets, udpOctets, isTruncated] of cases) {
      const { udp, ask, askTcp } = testResponder([zoneOf(octets)]);
      const message = query({ type: TXT, opt: { udpOctets, extendedFlags: 0x8000 } });
      const response = ask(message);
      t.equal(response.flags.includes('tc'), isTruncated, title);
      t.match(response.opt, { version: 0, udpOctets: 1232, extendedFlags: 0x8000 }, title);
      t.ok((udp(message)?.length ?? 0) <= Math.max(Math.min(udpOctets, 1232), 512), title);
      t.equal(askTcp(message).flags.includes('tc'), false, `${title}, over TCP`);
    }
  },
);

t.test('a response that is too long leaves its Extended DNS Error away before its records (RFC 8914 §3)', async (t) => {
  const zone = { ...zoneOf(512 - 11 - 10), degraded: { [name('example.com')]: 'x'.repeat(300) } };
  const { ask } = testResponder([zone]);
  const short = ask(query({ type: TXT, opt: { udpOctets: 512 } }));
  t.notOk(short.flags.includes('tc'));
  t.equal(short.opt?.options.size, 0);
  const long = ask(query({ type: TXT, opt: {} }));
  t.equal(long.opt?.options.get(EDE)?.toString('latin1'), `\0\x03${'x'.repeat(256)}`, 'its text is cut at 256 octets');
});

t.test('a truncated response fits also with the longest name, NSID and a cookie', async (t) => {
  const long = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(49)}.example.com`;
  t.equal(wireName(long).length, 255);
  const records = Array.from({ length: 3 }, (_, i) => `${long}. 60 TXT ${i}${'x'.repeat(200)}`).join('\n');
  const { ask, udp } = testResponder([content('example.com', records)], { nsid: 'n'.repeat(255) });
  const options = [
    { code: NSID, data: Buffer.alloc(0) },
    { code: COOKIE, data: Buffer.alloc(8) },
  ];
  const message = query({ name: long, type: TXT, opt: { udpOctets: 512, options } });
  t.ok(ask(message).flags.includes('tc'));
  t.ok((udp(message)?.length ?? 0) <= 512);
  t.equal(ask(message).opt?.options.get(COOKIE)?.length, 24);
});

t.test('the size of edns_size is announced, and kept', async (t) => {
  const { ask } = testResponder([zoneOf(600)], { ednsSizeBytes: 512 });
  const response = ask(query({ type: TXT, opt: { udpOctets: 4096 } }));
  t.match(response, { flags: /^qr aa tc rd$/, opt: { udpOctets: 512 } });
});

t.test('NSID is told to who asks for it (RFC 5001 §2)', async (t) => {
  const zone = content('example.com', '@ 5 A 192.0.2.1');
  const message = query({ opt: { options: [{ code: NSID, data: Buffer.alloc(0) }] } });
  t.equal(testResponder([zone]).ask(message).opt?.options.get(NSID)?.toString(), 'ns1.test');
  t.equal(
    testResponder([zone])
      .ask(query({ opt: {} }))
      .opt?.options.has(NSID),
    false,
  );
  t.equal(testResponder([zone], { nsid: null }).ask(message).opt?.options.has(NSID), false);
  t.equal(testResponder([zone], { nsid: 'ü' }).ask(message).opt?.options.get(NSID)?.toString('hex'), 'c3bc');
});

t.test('Extended DNS Errors: where an answer is degraded, and why a query is refused (RFC 8914 §4)', async (t) => {
  const zone = content('example.com', 'up 5 A 192.0.2.1\ndown 5 A 192.0.2.2\nalias 5 CNAME down\n*.w 5 A 192.0.2.3', {
    names: [],
    degraded: { [name('down.example.com')]: 'all targets down', [name('*.w.example.com')]: 'wild' },
  });
  const { ask } = testResponder([zone]);
  const ede = (name: string, type = 1) =>
    ask(query({ name, type, opt: {} }))
      .opt?.options.get(EDE)
      ?.toString('latin1');
  t.equal(ede('up.example.com'), undefined);
  t.equal(ede('down.example.com'), '\0\x03all targets down', 'Stale Answer');
  t.equal(ede('down.example.com', 28), '\0\0all targets down', 'Other, where there is no answer');
  t.equal(ede('alias.example.com'), '\0\x03all targets down');
  t.equal(ede('x.w.example.com'), '\0\x03wild');
  t.equal(ede('example.org'), '\0\x14', 'Not Authoritative');
  t.equal(ede('example.com', 252), '\0\x1e', 'AXFR over UDP: Invalid Query Type');
  t.equal(ask(query({ name: 'down.example.com' })).opt, null, 'none without EDNS');
});
