import t from 'tap';
import { diffConfig, formatDiff } from '../../src/config/diff.ts';
import { configOf, SMALLEST, withTop } from './texts.ts';

const BEFORE = configOf(SMALLEST);
const record = (name: string, address = '192.0.2.30') =>
  `      ${name}: {primary: ${address}, backup: 198.51.100.20, check: http://app.example.com/healthz}\n`;

t.test('diffConfig() finds nothing between equal configs', async (t) => {
  t.equal(formatDiff(diffConfig(BEFORE, configOf(SMALLEST))), 'nothing changed');
  const written = SMALLEST.replace('primary: 192.0.2.10', 'primary: {addresses: [192.0.2.10]}\n        ttl: 10s');
  t.equal(formatDiff(diffConfig(BEFORE, configOf(written))), 'nothing changed', 'the same in other words');
});

t.test('diffConfig() tells records and endpoints that come, go and change', async (t) => {
  const added = configOf(SMALLEST + record('www') + record('api', '192.0.2.10'));
  t.same(diffConfig(BEFORE, added), {
    zones: { added: [], removed: [], changed: [] },
    records: { added: ['www.app.example.com', 'api.app.example.com'], removed: [], changed: [] },
    endpoints: { added: ['192.0.2.30 http://app.example.com/healthz #3fc8d73b'], removed: [] },
    settings: [],
  });
  t.equal(
    formatDiff(diffConfig(BEFORE, added)),
    '2 records added (www.app.example.com, api.app.example.com), 1 endpoint added',
  );
  t.equal(
    formatDiff(diffConfig(added, BEFORE)),
    '2 records removed (www.app.example.com, api.app.example.com), 1 endpoint removed',
  );
  const ttl = configOf(`${SMALLEST}        ttl: 20s\n`);
  t.equal(formatDiff(diffConfig(BEFORE, ttl)), '1 record changed (app.example.com)');
  const check = configOf(SMALLEST.replace('/healthz', '/'));
  t.equal(
    formatDiff(diffConfig(BEFORE, check)),
    '1 record changed (app.example.com), 2 endpoints added, 2 endpoints removed',
  );
});

t.test('diffConfig() tells zones and settings that change', async (t) => {
  const glue = configOf(SMALLEST.replace('203.0.113.53', '203.0.113.54'));
  t.equal(formatDiff(diffConfig(BEFORE, glue)), '1 zone changed (app.example.com)');
  const settings = configOf(
    withTop(
      'listen: 127.0.0.1:53',
      'workers: 2',
      'database: x.db',
      'admin: {token: t}',
      'dns: {edns_size: 512}',
      'prober: {concurrency: 5}',
      'history: {probes: 1d}',
      'log: {level: debug}',
    ),
  );
  t.equal(
    formatDiff(diffConfig(BEFORE, settings)),
    'listen changed, workers changed, database changed, admin changed, dns changed, prober changed, history changed, log changed',
  );
  const renamed = configOf(SMALLEST.replaceAll('app.example.com', 'app.example.net'));
  t.match(
    formatDiff(diffConfig(BEFORE, renamed)),
    /^1 zone added \(app\.example\.net\), 1 zone removed \(app\.example\.com\), 1 record added/,
  );
});

t.test('formatDiff() names five and counts the rest', async (t) => {
  const many = configOf(SMALLEST + ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => record(name)).join(''));
  t.match(
    formatDiff(diffConfig(BEFORE, many)),
    /^7 records added \(a\.app\.example\.com, .*, e\.app\.example\.com and 2 more\), /,
  );
});
