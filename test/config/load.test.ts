// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how a config writes variables.
import { mkdirSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { loadConfig } from '../../src/config/load.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { formatProblems } from '../../src/config/problems.ts';
import type { CheckSpec } from '../../src/core/check.ts';
import { allProblemsOf, configOf, problemsOf, SMALLEST, withTop } from './texts.ts';

const CHECK_DEFAULTS = {
  intervalMs: 5000,
  timeoutMs: 2000,
  confirmMs: 1000,
  fall: 3,
  rise: 3,
  sourceAddress: null,
  sentinel: false,
};

const HTTP: CheckSpec = {
  kind: 'http',
  url: 'http://app.example.com/healthz',
  port: null,
  host: null,
  method: 'GET',
  headers: {},
  expectStatus: [{ from: 200, to: 299 }],
  expectBody: null,
  maxBodyBytes: 65_536,
  tls: { verify: true, serverName: null, ca: null, cert: null, key: null },
  ...CHECK_DEFAULTS,
};

const TOP_DEFAULTS = {
  listen: [
    { host: '0.0.0.0', port: 53 },
    { host: '::', port: 53 },
  ],
  workers: 'auto',
  admin: { listen: { host: '127.0.0.1', port: 8053 }, token: null, metrics: true, publicRead: false },
  dns: {
    sockets: 'auto',
    ednsSizeBytes: 1232,
    rateLimit: { responsesPerSecond: 50, slip: 2, ipv4PrefixBits: 32, ipv6PrefixBits: 64 },
    cookies: true,
    cookieSecrets: [],
    nsid: null,
    chaosVersion: null,
    tcp: { maxConnections: 512, maxPerClient: 32, idleTimeoutMs: 10_000 },
  },
  prober: { concurrency: 512, witnesses: [], blindWhen: 2, onBlind: 'hold' },
  keys: [],
  notify: [],
  maintenance: [],
  history: { probesMs: 14 * 86_400_000, transitionsMs: 'forever' },
  log: { level: 'info', format: 'auto' },
};

t.test('loadConfig() reads the smallest useful config, with every default filled in', async (t) => {
  const folder = t.testdir({ 'failoverd.yaml': SMALLEST });
  const result = await loadConfig(`${folder}/failoverd.yaml`, {});
  t.same(result.ok && result.config, {
    ...TOP_DEFAULTS,
    path: `${folder}/failoverd.yaml`,
    databasePath: `${folder}/failoverd.db`,
    zones: [
      {
        apex: 'app.example.com.',
        nameservers: [{ name: 'ns1.app.example.com.', addresses: ['203.0.113.53'] }],
        soa: {
          contact: 'hostmaster.app.example.com.',
          refreshSeconds: 3600,
          retrySeconds: 600,
          expireSeconds: 1_209_600,
          minimumSeconds: 10,
        },
        staticRRsets: [],
        secondaries: [],
        statusTxt: false,
        records: [
          {
            name: 'app.example.com.',
            zone: 'app.example.com.',
            ttlSeconds: 10,
            targets: [
              { name: 'primary', minHealthy: 1, endpoints: [endpoint('192.0.2.10')] },
              { name: 'backup', minHealthy: 1, endpoints: [endpoint('198.51.100.20')] },
            ],
            families: 'together',
            allDown: 'keep',
            failback: { mode: 'auto', afterMs: 60_000 },
          },
        ],
      },
    ],
  });
  t.same(problemsOf(SMALLEST), []);
});

function endpoint(address: string) {
  return { id: `${address} http://app.example.com/healthz #3fc8d73b`, address, family: 4, check: HTTP };
}

/** Every key that has an effect, with its default. */
const FULL = `
listen: ["0.0.0.0:53", "[::]:53"]        # DNS, UDP and TCP
workers: auto                            # DNS worker threads; auto = cores
database: ./failoverd.db
admin:
  listen: 127.0.0.1:8053                 # API, metrics, dashboard
  token: \${FAILOVERD_TOKEN}
  public_read: false
dns:
  sockets: auto                          # auto | batched | dgram
  edns_size: 1232
  rate_limit: {responses_per_second: 50, slip: 2, ipv4_prefix: 32, ipv6_prefix: 64}
  cookies: true
  cookie_secret: null
  nsid: null
  version: null
  tcp: {max_connections: 512, max_per_client: 32, idle_timeout: 10s}
prober:
  concurrency: 512
  witnesses: []                          # host:port, tcp or http(s) URL
  blind_when: 2                          # so many witnesses down at once: the prober is blind
  on_blind: hold                         # hold | trust
defaults:                                # any key of a record's policy or check
  ttl: 10s
zones:
  app.example.com:
    nameservers: {ns1.app.example.com: [203.0.113.53, "2001:db8::53"]}
    soa: {contact: hostmaster.app.example.com, refresh: 1h, retry: 10m, expire: 14d, minimum: 10s}
    static:                              # ordinary records: A AAAA CNAME TXT MX NS SRV CAA
      - {name: www, type: CNAME, ttl: 5m, data: app.example.com.}
    secondaries: []
    status_txt: false                    # _failover.<record> TXT "active=backup since=… serial=…"
    records:
      "@":
        ttl: 10s                         # 1s to 1h
        primary: {addresses: [192.0.2.10, "2001:db8::10"], min_healthy: 1}
        backup:                          # one, or a list in order of preference
          - {name: frankfurt, addresses: [198.51.100.20, "2001:db8::20"]}
        families: together               # together | independent
        all_down: keep                   # keep | primary | backup | all | nodata
        failback: {mode: auto, after: 60s}   # or just: auto, manual
        maintenance: []
        check:
          url: https://app.example.com/healthz   # http, https; or tcp: 443
          port: null
          host: null
          source: null
          method: GET
          headers: {}
          expect: {status: 200-299, body: null, greeting: null}
          sentinel: false                # keep one idle connection open; its end triggers a probe at once
          tls: {verify: true, server_name: null, ca_file: null, cert_file: null, key_file: null}
          interval: 5s
          timeout: 2s                    # whole attempt, connect to last byte judged
          confirm: 1s
          fall: 3
          rise: 3
          max_body: 64KiB
keys: {}
notify: []
history: {probes: 14d, transitions: forever}
log: {level: info, format: auto}         # auto: pretty on a terminal, else JSON
`;

t.test('parseConfig() reads every key with its default as if it were not written', async (t) => {
  const env = { FAILOVERD_TOKEN: 's3cr3t' };
  t.same(problemsOf(FULL, env), []);
  const { zones, ...top } = configOf(FULL, env);
  t.same(top, {
    ...TOP_DEFAULTS,
    path: '/etc/failoverd/failoverd.yaml',
    databasePath: '/etc/failoverd/failoverd.db',
    admin: { ...TOP_DEFAULTS.admin, token: 's3cr3t' },
  });
  const [zone] = zones;
  const record = zone?.records[0];
  t.same(zone?.nameservers, [{ name: 'ns1.app.example.com.', addresses: ['203.0.113.53', '2001:db8::53'] }]);
  t.same(zone?.staticRRsets, [
    {
      owner: 'www.app.example.com.',
      type: 'CNAME',
      ttlSeconds: 300,
      rdatas: [{ type: 'CNAME', cname: 'app.example.com.' }],
    },
  ]);
  t.same(
    record?.targets.map(({ name, endpoints }) => [name, endpoints.map(({ address, family }) => [address, family])]),
    [
      [
        'primary',
        [
          ['192.0.2.10', 4],
          ['2001:db8::10', 6],
        ],
      ],
      [
        'frankfurt',
        [
          ['198.51.100.20', 4],
          ['2001:db8::20', 6],
        ],
      ],
    ],
  );
  t.same(record?.targets[0]?.endpoints[0]?.check, { ...HTTP, url: 'https://app.example.com/healthz' });
});

t.test('loadConfig() says in one line why a file cannot be read', async (t) => {
  const folder = t.testdir({ 'latin1.yaml': '', 'folder.yaml': {} });
  writeFileSync(`${folder}/latin1.yaml`, Buffer.from('# \xfc\n', 'latin1'));
  mkdirSync(`${folder}/x`);
  const lines = async (name: string) => {
    const result = await loadConfig(`${folder}/${name}`, {});
    return result.ok ? 'ok' : formatProblems(result.problems);
  };
  t.equal(await lines('none.yaml'), `${folder}/none.yaml  error    cannot be read: no such file\n1 error`);
  t.equal(await lines('folder.yaml'), `${folder}/folder.yaml  error    cannot be read: it is a folder\n1 error`);
  t.equal(await lines('latin1.yaml'), `${folder}/latin1.yaml  error    cannot be read: it is not UTF-8 text\n1 error`);
});

t.test('loadConfig() reads a file that begins with a byte order mark, places as an editor shows them', async (t) => {
  const folder = t.testdir({ 'failoverd.yaml': '\uFEFFlog: x\n' });
  const result = await loadConfig(`${folder}/failoverd.yaml`, {});
  t.match(!result.ok && result.problems.at(-1), { line: 1, column: 6, message: 'log must be a map, found "x"' });
});

t.test('parseConfig() reads lines that end as on Windows', async (t) => {
  t.same(problemsOf(SMALLEST.replaceAll('\n', '\r\n')), []);
  t.same(problemsOf('listen: 53\r\nlog: x\r\n').slice(1), [
    '1:9 error listen must be an address and a port such as 127.0.0.1:53 or [::1]:53, found 53',
    '2:6 error log must be a map, found "x"',
  ]);
});

t.test('loadConfig() reads a large config aside, while the event loop goes on', async (t) => {
  const records = Array.from({ length: 3000 }, (_, i) => {
    return `      host${i}: {primary: 10.0.${i >> 8}.${i & 255}, backup: 10.1.${i >> 8}.${i & 255}, check: "http://host${i}.example/"}\n`;
  });
  const text = SMALLEST + records.join('');
  const folder = t.testdir({ 'good.yaml': text, 'bad.yaml': `${text}      \${X}: {}\nlog: {level: \${LEVEL}}\n` });
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const good = await loadConfig(`${folder}/good.yaml`, {});
  const turnsOfGood = turns;
  const bad = await loadConfig(`${folder}/bad.yaml`, { LEVEL: 'loud' });
  clearInterval(timer);
  t.ok(turnsOfGood > 5, `${turnsOfGood} turns of the event loop`);
  t.same(good, parseConfig(text, `${folder}/good.yaml`, {}));
  const last = bad.ok ? undefined : bad.problems.at(-1);
  t.same([last?.line, last?.message], [3011, 'level must be one of debug, info, warn or error, found "${LEVEL}"']);
});

t.test('what will hurt is told: no witnesses, a single name server', async (t) => {
  t.same(allProblemsOf(withTop('prober: {concurrency: 9}')), [
    "1:9 warning no witnesses: an outage of the prober's own network will look like one of every server",
    '4:5 warning one name server: while it is away the zone has no answer (RFC 1034 §4.1 asks for two)',
  ]);
});
