import t from 'tap';
import type { HttpCheck, TcpCheck } from '../../src/core/check.ts';
import type { RecordSpec } from '../../src/core/record.ts';
import { configOf, withCheck, withRecord, withTop, withZone } from './texts.ts';

const zoneOf = (text: string) => configOf(text).zones[0];
const recordOf = (text: string): RecordSpec | undefined => zoneOf(text)?.records[0];
const checkOf = (text: string) => recordOf(text)?.targets[0]?.endpoints[0]?.check as HttpCheck & TcpCheck;

const TARGETS = ['primary: 192.0.2.1', 'backup: 192.0.2.2'];

t.test('targets are named by their place, or by their name', async (t) => {
  for (const [backup, names] of [
    ['192.0.2.2', ['primary', 'backup']],
    ['[192.0.2.2, 192.0.2.3, 192.0.2.4]', ['primary', 'backup', 'backup2', 'backup3']],
    ['[[192.0.2.2, 192.0.2.3], 192.0.2.4]', ['primary', 'backup', 'backup2']],
    ['{name: frankfurt, addresses: [192.0.2.2]}', ['primary', 'frankfurt']],
    ['[{name: a, addresses: 192.0.2.2}, 192.0.2.3, {name: c, addresses: 192.0.2.4}]', ['primary', 'a', 'backup2', 'c']],
  ] as const) {
    const text = withRecord('primary: 192.0.2.1', `backup: ${backup}`, 'check: http://a/');
    t.same(
      recordOf(text)?.targets.map(({ name }) => name),
      names,
      backup,
    );
  }
});

t.test('a target takes an address, a list of addresses, or a map; addresses become canonical (RFC 5952)', async (t) => {
  for (const [primary, addresses, minHealthy] of [
    ['192.0.2.1', ['192.0.2.1'], 1],
    ['"2001:DB8:0:0:0:0:0:1"', ['2001:db8::1'], 1],
    ['[192.0.2.1, "2001:db8:0:1:0:0:0:1"]', ['192.0.2.1', '2001:db8:0:1::1'], 1],
    ['{addresses: 192.0.2.1}', ['192.0.2.1'], 1],
    ['{addresses: [192.0.2.1, 192.0.2.3], min_healthy: 2}', ['192.0.2.1', '192.0.2.3'], 2],
  ] as const) {
    const target = recordOf(
      withRecord(`primary: ${primary}`, 'backup: [[192.0.2.9, "2001:db8::9"]]', 'check: http://a/'),
    )?.targets[0];
    t.same([target?.endpoints.map(({ address }) => address), target?.minHealthy], [addresses, minHealthy], primary);
  }
});

t.test('policies: the record says it, else defaults, else the program', async (t) => {
  const policyOf = (text: string) => {
    const { ttlSeconds, families, allDown, failback } = recordOf(text) ?? {};
    return { ttlSeconds, families, allDown, failback };
  };
  const check = 'check: http://a/';
  const record = withRecord(
    ...TARGETS,
    check,
    'ttl: 5s',
    'families: independent',
    'all_down: nodata',
    'failback: manual',
  );
  t.same(policyOf(record), {
    ttlSeconds: 5,
    families: 'independent',
    allDown: 'nodata',
    failback: { mode: 'manual', afterMs: 60_000 },
  });
  const defaults = 'defaults: {ttl: 20s, families: independent, all_down: all, failback: {mode: manual, after: 5m}}';
  t.same(policyOf(`${defaults}\n${withRecord(...TARGETS, check)}`), {
    ttlSeconds: 20,
    families: 'independent',
    allDown: 'all',
    failback: { mode: 'manual', afterMs: 300_000 },
  });
  t.same(policyOf(`${defaults}\n${withRecord(...TARGETS, check, 'failback: auto', 'all_down: backup', 'ttl: 1h')}`), {
    ttlSeconds: 3600,
    families: 'independent',
    allDown: 'backup',
    failback: { mode: 'auto', afterMs: 300_000 },
  });
});

t.test('checks: every key', async (t) => {
  t.same(
    checkOf(
      withCheck(
        'url: HTTPS://Bücher.example:443/a b?c#d',
        'port: 8443',
        'host: Bücher.example',
        'method: POST',
        'headers: {X-B: b, X-A: "1"}',
        'expect: {status: [200, 301-302], body: /^ok$/im}',
        'tls: {verify: false, server_name: TLS.example}',
        'interval: 10s',
        'timeout: 1500ms',
        'confirm: 500ms',
        'fall: 2',
        'rise: 4',
        'max_body: 1MiB',
      ),
    ),
    {
      kind: 'http',
      url: 'https://xn--bcher-kva.example/a%20b?c',
      port: 8443,
      host: 'xn--bcher-kva.example',
      method: 'POST',
      headers: { 'X-A': '1', 'X-B': 'b' },
      expectStatus: [
        { from: 200, to: 200 },
        { from: 301, to: 302 },
      ],
      expectBody: { kind: 'pattern', source: '^ok$', flags: 'im' },
      maxBodyBytes: 1_048_576,
      tls: { verify: false, serverName: 'tls.example', ca: null, cert: null, key: null },
      intervalMs: 10_000,
      timeoutMs: 1500,
      confirmMs: 500,
      fall: 2,
      rise: 4,
      sourceAddress: null,
      sentinel: false,
    },
  );
});

t.test('checks over tcp', async (t) => {
  const { kind, port, greeting, maxBodyBytes } = checkOf(withCheck('tcp: 25', 'expect: {greeting: "220 "}'));
  t.same(
    { kind, port, greeting, maxBodyBytes },
    { kind: 'tcp', port: 25, greeting: { kind: 'text', text: '220 ' }, maxBodyBytes: 65_536 },
  );
});

t.test('checks: defaults fill in what a record leaves out, map by map', async (t) => {
  const defaults =
    'defaults: {interval: 2s, timeout: 1s, headers: {A: a, B: b}, expect: {status: 204}, tls: {server_name: x.example}}';
  const check = checkOf(
    `${defaults}\n${withCheck('url: https://a/', 'timeout: 500ms', 'headers: {B: c}', 'expect: {body: ok}', 'tls: {verify: false}')}`,
  );
  t.match(check, {
    intervalMs: 2000,
    timeoutMs: 500,
    headers: { A: 'a', B: 'c' },
    expectStatus: [{ from: 204, to: 204 }],
    expectBody: { kind: 'text', text: 'ok' },
    tls: { verify: false, serverName: 'x.example' },
  });
});

t.test('checks: what is probed comes from the record, or else from defaults', async (t) => {
  const noCheck = withRecord(...TARGETS);
  t.match(checkOf(`defaults: {url: "http://a/"}\n${noCheck}`), { kind: 'http', url: 'http://a/' });
  t.match(checkOf(`defaults: {tcp: 80, method: HEAD}\n${noCheck}`), { kind: 'tcp', port: 80 });
  t.match(checkOf(`defaults: {url: "http://a/"}\n${withCheck('tcp: 81')}`), { kind: 'tcp', port: 81 });
  t.match(checkOf(`defaults: {tcp: 80}\n${withCheck('url: http://b/')}`), { kind: 'http', url: 'http://b/' });
  t.match(checkOf(`defaults: {tcp: 80}\n${withCheck('interval: 9s')}`), { kind: 'tcp', port: 80, intervalMs: 9000 });
});

t.test('static: records of one owner and type become one RRset, names relative to the zone', async (t) => {
  const zone = zoneOf(
    withZone(
      'static:',
      '  - {name: mail, type: A, data: 192.0.2.5, ttl: 1h}',
      '  - {name: "@", type: mx, data: 10 Mail}',
      '  - {name: mail.app.example.com., type: A, data: 192.0.2.6, ttl: 1h}',
      '  - {name: "@", type: MX, data: 20 mail.example.net.}',
      '  - {name: "*.dev", type: AAAA, data: "2001:DB8::5"}',
      '  - {name: _sip._tcp, type: SRV, data: 0 5 5060 mail}',
      "  - {name: '@', type: CAA, data: '0 issue \"ca.example.net\"'}",
      '  - {name: txt, type: TXT, data: v=spf1 -all}',
      '  - {name: txt, type: TXT, data: [one, zwö]}',
      '  - {name: bücher, type: CNAME, data: straße.example.net.}',
    ),
  );
  t.same(
    zone?.staticRRsets.map(({ owner, type, ttlSeconds, rdatas }) => [owner, type, ttlSeconds, rdatas]),
    [
      [
        'mail.app.example.com.',
        'A',
        3600,
        [
          { type: 'A', address: '192.0.2.5' },
          { type: 'A', address: '192.0.2.6' },
        ],
      ],
      [
        'app.example.com.',
        'MX',
        300,
        [
          { type: 'MX', preference: 10, exchange: 'mail.app.example.com.' },
          { type: 'MX', preference: 20, exchange: 'mail.example.net.' },
        ],
      ],
      ['*.dev.app.example.com.', 'AAAA', 300, [{ type: 'AAAA', address: '2001:db8::5' }]],
      [
        '_sip._tcp.app.example.com.',
        'SRV',
        300,
        [{ type: 'SRV', priority: 0, weight: 5, port: 5060, target: 'mail.app.example.com.' }],
      ],
      ['app.example.com.', 'CAA', 300, [{ type: 'CAA', flags: 0, tag: 'issue', value: 'ca.example.net' }]],
      [
        'txt.app.example.com.',
        'TXT',
        300,
        [
          { type: 'TXT', strings: ['v=spf1 -all'] },
          { type: 'TXT', strings: ['one', 'zw\xc3\xb6'] },
        ],
      ],
      ['xn--bcher-kva.app.example.com.', 'CNAME', 300, [{ type: 'CNAME', cname: 'xn--strae-oqa.example.net.' }]],
    ],
  );
});

t.test('soa: contact as name or address (RFC 1035 §8), minimum never above the shortest ttl', async (t) => {
  const soaOf = (...lines: string[]) => zoneOf(withZone(...lines))?.soa;
  t.equal(soaOf('soa: {contact: Ops.Example.com}')?.contact, 'ops.example.com.');
  t.equal(soaOf('soa: {contact: first.last@example.com}')?.contact, 'first\\.last.example.com.');
  t.equal(soaOf('soa: {refresh: 2h}')?.refreshSeconds, 7200);
  t.equal(soaOf('soa: {minimum: 0s}')?.minimumSeconds, 0);
  t.equal(zoneOf(withRecord(...TARGETS, 'check: http://a/', 'ttl: 3s'))?.soa.minimumSeconds, 3);
  t.equal(zoneOf(withRecord(...TARGETS, 'check: http://a/', 'ttl: 30s'))?.soa.minimumSeconds, 10);
});

t.test('names: any letter case, with or without the final dot, relative or not, wildcards and escapes', async (t) => {
  const text = `zones:
  App.Example.COM.:
    nameservers: {NS1.app.example.com.: [192.0.2.53, "2001:DB8::53"], ns.example.net: }
    records:
      WWW: &
      api.app.example.com.: &
      "*.dev": &
      a\\.b: &
`.replaceAll('&', '{primary: 192.0.2.1, backup: 192.0.2.2, check: {tcp: 80}}');
  const zone = zoneOf(text);
  t.equal(zone?.apex, 'app.example.com.');
  t.same(zone?.nameservers, [
    { name: 'ns1.app.example.com.', addresses: ['192.0.2.53', '2001:db8::53'] },
    { name: 'ns.example.net.', addresses: [] },
  ]);
  t.same(
    zone?.records.map(({ name }) => name),
    ['www.app.example.com.', 'api.app.example.com.', '*.dev.app.example.com.', 'a\\.b.app.example.com.'],
  );
});

t.test('listen is one address or a list; a port of 0 may stand there twice', async (t) => {
  t.same(configOf(withTop('listen: "[::1]:5353"')).listen, [{ host: '::1', port: 5353 }]);
  t.same(configOf(withTop('listen: ["127.0.0.1:0", "127.0.0.1:0", "[fe80::1%lo]:53"]')).listen, [
    { host: '127.0.0.1', port: 0 },
    { host: '127.0.0.1', port: 0 },
    { host: 'fe80::1%lo', port: 53 },
  ]);
});
