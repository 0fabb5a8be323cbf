import fc from 'fast-check';
import t from 'tap';
import { parseConfig } from '../../src/config/parse.ts';
import { configTemplate } from '../../src/config/template.ts';
import { shown } from '../../src/core/name.ts';

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
const zone = fc.tuple(label, label).map((labels) => labels.join('.'));
const ipv4 = fc
  .tuple(fc.integer({ min: 1, max: 223 }), fc.nat(255), fc.nat(255), fc.nat(255))
  .map((all) => all.join('.'));
const ipv6 = fc
  .tuple(fc.nat(0xffff), fc.nat(0xffff))
  .map(([a, b]) => `2001:db8::${(a | 1).toString(16)}:${(b | 1).toString(16)}`);
const addresses = fc.uniqueArray(ipv4, { minLength: 1, maxLength: 3 });

t.test('configTemplate() makes a config that says what it was given, without a warning', async () => {
  fc.assert(
    fc.property(
      zone,
      fc.tuple(addresses, addresses, ipv6),
      fc.webUrl({ withQueryParameters: true }),
      (name, [primary, backup, glue], url) => {
        fc.pre(!primary.some((address) => backup.includes(address)));
        const text = configTemplate({
          zone: name,
          nameservers: [
            [`ns1.${name}`, [glue]],
            ['ns.example.net', []],
          ],
          primary,
          backup,
          check: { url: `${url.split('?')[0]}?q=\${x}&"'#:` },
          database: './failoverd.db',
          witnesses: ['192.0.2.1:53', '[2001:db8::1]:443'],
        });
        const result = parseConfig(text, 'failoverd.yaml', {});
        if (!result.ok) throw new Error(`${JSON.stringify(result.problems)}\n${text}`);
        const [read] = result.config.zones;
        const targets = read?.records[0]?.targets.map(({ endpoints }) => endpoints.map(({ address }) => address));
        return (
          result.warnings.length === 0 &&
          read !== undefined &&
          shown(read.apex) === name &&
          JSON.stringify(targets) === JSON.stringify([primary, backup])
        );
      },
    ),
    { numRuns: 60 },
  );
});
