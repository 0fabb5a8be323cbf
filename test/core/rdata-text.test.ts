import fc from 'fast-check';
import t from 'tap';
import { formatIPv6, parseIPv6 } from '../../src/core/address.ts';
import { formatRdata, formatRRset } from '../../src/core/master-file.ts';
import { parseRdata, parseTxt, type StaticRRType } from '../../src/core/rdata-text.ts';
import { name, rrsets } from '../helpers/names.ts';

const origin = name('example.com');

t.test('parseRdata() and formatRdata() read and write master-file form (RFC 1035 §5.1)', async (t) => {
  const cases: [StaticRRType, string, string][] = [
    ['A', '192.0.2.1', '192.0.2.1'],
    ['AAAA', '2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['AAAA', '::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['NS', 'ns1', 'ns1.example.com.'],
    ['CNAME', '@', 'example.com.'],
    ['CNAME', 'Web.Example.NET.', 'web.example.net.'],
    ['MX', '10  Mail', '10 mail.example.com.'],
    ['MX', '0 .', '0 .'],
    ['SRV', '0 5 443 server.example.net.', '0 5 443 server.example.net.'],
    ['CAA', '0 issue "ca.example.net; policy=ev"', '0 issue "ca.example.net; policy=ev"'],
    ['CAA', '128 ISSUE ";"', '128 issue ";"'],
    ['CAA', '0 issue ca.example.net', '0 issue "ca.example.net"'],
    ['TXT', 'v=spf1 -all', '"v=spf1 -all"'],
    ['TXT', '"one" "two \\"quoted\\"" three', '"one" "two \\"quoted\\"" "three"'],
    ['TXT', '""', '""'],
    ['TXT', '"\\195\\188 \\000"', '"\\195\\188 \\000"'],
    ['TXT', 'ü\\', '"\\195\\188\\\\"'],
  ];
  for (const [type, text, expected] of cases) {
    const parsed = parseRdata(type, text, origin);
    t.equal(parsed.ok ? formatRdata(parsed.value) : parsed.problem, expected, `${type} ${text}`);
  }
});

t.test('parseRdata() says what is wrong', async (t) => {
  const cases: [StaticRRType, string, string][] = [
    ['A', '192.0.2.256', 'is not an IPv4 address such as 192.0.2.1'],
    ['A', '192.0.2.01', 'is not an IPv4 address such as 192.0.2.1'],
    ['A', '192.0.2.1 192.0.2.2', 'is not an IPv4 address such as 192.0.2.1'],
    ['AAAA', '192.0.2.1', 'is not an IPv6 address such as 2001:db8::1'],
    ['AAAA', 'fe80::1%eth0', 'is not an IPv6 address such as 2001:db8::1'],
    ['MX', 'mail.example.com.', 'is not of the form 10 mail.example.net.'],
    ['MX', '65536 mail', 'is not of the form 10 mail.example.net.'],
    ['SRV', '0 5 443', 'is not of the form 0 5 443 server.example.net.'],
    ['NS', 'ns1 ns2', 'is not of the form ns1.example.net.'],
    ['CNAME', '', 'is not of the form www.example.net.'],
    ['CNAME', 'a..b', 'names a..b, which has an empty label'],
    ['CAA', '256 issue "x"', 'is not of the form 0 issue "ca.example.net"'],
    ['CAA', '0 is-sue "x"', 'is not of the form 0 issue "ca.example.net"'],
    ['CAA', '0 issue', 'is not of the form 0 issue "ca.example.net"'],
    ['TXT', '"open', 'has a quote that is not closed, or something right after one'],
    ['TXT', '"a"b', 'has a quote that is not closed, or something right after one'],
    ['TXT', '"\\999"', 'has an escape that is not \\X or \\DDD'],
    ['TXT', 'x'.repeat(256), 'has a string of 256 octets, more than 255: write a list of shorter strings'],
    ['TXT', 'ü'.repeat(128), 'has a string of 256 octets, more than 255: write a list of shorter strings'],
  ];
  for (const [type, text, problem] of cases) {
    t.same(parseRdata(type, text, origin), { ok: false, problem }, `${type} ${text}`);
  }
});

t.test('parseTxt() takes strings as they stand, backslashes and quotes too', async (t) => {
  const parsed = parseTxt(['a\\b', '"c"', '']);
  t.equal(parsed.ok && formatRdata(parsed.value), '"a\\\\b" "\\"c\\"" ""');
  t.equal(parseTxt([]).ok, false);
});

t.test('formatRRset() writes a line for each record', async (t) => {
  const [rrset] = rrsets('example.com', 'www 300 A 192.0.2.1\nwww 300 A 192.0.2.2');
  t.same(rrset && formatRRset(rrset), [
    'www.example.com.\t300\tIN\tA\t192.0.2.1',
    'www.example.com.\t300\tIN\tA\t192.0.2.2',
  ]);
});

t.test('parseIPv6() and formatIPv6() use the canonical text of RFC 5952', async (t) => {
  const cases: [string, string | null][] = [
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['10::0:2', '10::2'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['1:2:3:4:5:6:7', null],
    ['1:2:3:4:5:6:7:8:9', null],
    ['1:2:3:4:5:6:7:8::', null],
    ['1::2::3', null],
    [':::', null],
    ['12345::', null],
    ['1.2.3.4::', null],
    ['', null],
    [':1', null],
  ];
  for (const [text, expected] of cases) {
    const octets = parseIPv6(text);
    t.equal(octets && formatIPv6(octets), expected, text);
  }
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const octets = parseIPv6(text);
      return (
        octets !== null &&
        formatIPv6(octets) ===
          new URL(`http://[${text}]`).hostname.slice(1, -1).replace(/^::ffff:.*/, formatIPv6(octets))
      );
    }),
  );
});
