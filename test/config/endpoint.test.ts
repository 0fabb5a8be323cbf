import t from 'tap';
import type { Config } from '../../src/config/config.ts';
import type { EndpointSpec } from '../../src/core/check.ts';
import { configOf, withCheck, withRecord } from './texts.ts';

function endpointsOf(config: Config): readonly EndpointSpec[] {
  return config.zones.flatMap(({ records }) =>
    records.flatMap(({ targets }) => targets.flatMap(({ endpoints }) => endpoints)),
  );
}

const firstId = (text: string) => endpointsOf(configOf(text))[0]?.id;

t.test('an endpoint has the same id in every record with the same address and check', async (t) => {
  const twice = withRecord(
    'primary: 192.0.2.10',
    'backup: 198.51.100.20',
    'check: {url: "http://a.example/", headers: {B: b, A: a}}',
  );
  const config = configOf(
    `${twice}      www: {primary: 192.0.2.10, backup: 198.51.100.21, check: {headers: {A: a, B: b}, timeout: 2s, url: "http://A.example"}}\n`,
  );
  const ids = endpointsOf(config).map(({ id }) => id);
  t.equal(ids[0], ids[2]);
  t.equal(new Set(ids).size, 3);
});

t.test('an endpoint has another id when anything in its check differs', async (t) => {
  const variants = [
    ['url: http://a/'],
    ['url: https://a/'],
    ['url: http://a/b'],
    ['url: http://a/?x'],
    ['url: http://a/?y'],
    ['url: http://a/', 'port: 81'],
    ['url: http://a/', 'host: b'],
    ['url: http://a/', 'source: 192.0.2.99'],
    ['url: http://a/', 'method: HEAD'],
    ['url: http://a/', 'headers: {A: a}'],
    ['url: http://a/', 'headers: {A: b}'],
    ['url: http://a/', 'expect: {status: 200}'],
    ['url: http://a/', 'expect: {body: a}'],
    ['url: http://a/', 'expect: {body: /a/}'],
    ['url: http://a/', 'expect: {body: /a/i}'],
    ['url: http://a/', 'interval: 6s'],
    ['url: http://a/', 'timeout: 1s'],
    ['url: http://a/', 'confirm: 2s'],
    ['url: http://a/', 'fall: 2'],
    ['url: http://a/', 'rise: 2'],
    ['url: http://a/', 'max_body: 1KiB'],
    ['url: https://a/', 'tls: {verify: false}'],
    ['url: https://a/', 'tls: {server_name: b}'],
    ['tcp: 80'],
    ['tcp: 81'],
    ['tcp: 80', 'expect: {greeting: a}'],
  ];
  const ids = variants.map((lines) => firstId(withCheck(...lines)));
  t.equal(new Set(ids).size, variants.length);
});

t.test('an id says what is probed', async (t) => {
  t.match(
    firstId(withCheck('url: http://a.example/healthz#x')),
    /^192\.0\.2\.10 http:\/\/a\.example\/healthz #[0-9a-f]{8}$/,
  );
  t.match(firstId(withCheck('tcp: 443')), /^192\.0\.2\.10 tcp port 443 #[0-9a-f]{8}$/);
  const ipv6 = withRecord('primary: "2001:DB8:0::1"', 'backup: "2001:db8::2"', 'check: {tcp: 443}');
  t.match(firstId(ipv6), /^2001:db8::1 tcp port 443 #/);
});

t.test('source goes to the endpoints of its family only', async (t) => {
  const text = withRecord(
    'primary: [192.0.2.10, "2001:db8::10"]',
    'backup: [192.0.2.11, "2001:db8::11"]',
    'check: {tcp: 443, source: [192.0.2.99, "2001:DB8::99"]}',
  );
  const sources = (config: Config) => endpointsOf(config).map(({ check }) => check.sourceAddress);
  t.same(sources(configOf(text)), ['192.0.2.99', '2001:db8::99', '192.0.2.99', '2001:db8::99']);
  t.same(sources(configOf(text.replace(', "2001:DB8::99"', ''))), ['192.0.2.99', null, '192.0.2.99', null]);
});

t.test('a config keeps one object for what records have in common, through structured cloning too', async (t) => {
  const line = (name: string) =>
    `      ${name}: {primary: 192.0.2.10, backup: 198.51.100.20, check: {url: "http://a.example/"}}\n`;
  const config = structuredClone(
    configOf(`${withRecord('primary: 192.0.2.9', 'backup: 192.0.2.8', 'check: http://b/')}${line('a')}${line('b')}`),
  );
  const [, a, b] = config.zones[0]?.records ?? [];
  t.ok(a?.targets[0]?.endpoints[0], 'the records are there');
  t.equal(a?.targets[0]?.endpoints[0], b?.targets[0]?.endpoints[0], 'an endpoint');
  t.equal(a?.targets[0]?.endpoints[0]?.check, b?.targets[1]?.endpoints[0]?.check, 'a check');
  t.equal(a?.failback, b?.failback, 'a policy');
});
