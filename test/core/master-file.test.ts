import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { formatZone } from '../../src/core/master-file.ts';
import { name } from '../helpers/names.ts';
import { content } from '../helpers/zones.ts';

const zone = content(
  'app.example.com',
  `@      3600 NS    ns1
   @      3600 NS    ns2.example.net.
   ns1    3600 A     203.0.113.53
   ns1    3600 AAAA  2001:db8::53
   @      5    A     192.0.2.10
   @      5    AAAA  2001:db8::10
   www    300  CNAME @
   *.wild 300  TXT   "a \\"quoted\\" \\\\ text; with \\195\\188" "and another" ""
   @      300  MX    10 mail
   mail   300  A     192.0.2.25
   _imaps._tcp 300 SRV 0 5 993 mail
   @      300  CAA   0 issue "ca.example.net"
   odd\\.label\\@\\;\\(\\)\\"\\$\\032\\000\\255 300 TXT odd
   sub    3600 NS    ns.sub
   ns.sub 3600 A     192.0.2.77`,
  {
    names: [name('app.example.com'), name('api.app.example.com')],
    degraded: { [name('app.example.com')]: 'all down:\nür' },
  },
);

t.test('formatZone() writes the SOA first, then the rest in canonical order, and comments', async (t) => {
  const lines = formatZone(zone).replaceAll('\t', ' ').split('\n');
  t.same(lines.slice(0, 5), [
    '; api.app.example.com. exists, but has no record now',
    '; app.example.com. is degraded: all down:??r',
    'app.example.com. 60 IN SOA ns1.app.example.com. hostmaster.app.example.com. 1 3600 600 1209600 10',
    'app.example.com. 5 IN A 192.0.2.10',
    'app.example.com. 3600 IN NS ns1.app.example.com.',
  ]);
  t.equal(lines.at(-1), '', 'the last line ends');
});

const isMissing = spawnSync('named-checkzone', ['-v']).error !== undefined;
const skip = isMissing && 'named-checkzone (Debian bind9-utils) is not installed';

t.test('formatZone() writes what named-checkzone reads, and means the same', { skip }, async (t) => {
  const file = path.join(t.testdir(), 'zone');
  fs.writeFileSync(file, formatZone(zone));
  const args = ['-i', 'local', '-k', 'fail', '-n', 'fail', '-D', '-o', '-', 'app.example.com', file];
  const { status, stdout, stderr } = spawnSync('named-checkzone', args, { encoding: 'utf8' });
  t.equal(status, 0, stderr);
  const fields = (text: string) =>
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith(';'))
      .map((line) => line.replace(/\s+/g, ' '))
      .sort();
  t.same(fields(stdout), fields(formatZone(zone)));
});
