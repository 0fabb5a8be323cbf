// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how a config writes variables.
import fc from 'fast-check';
import t from 'tap';
import { diffConfig, formatDiff } from '../../src/config/diff.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { formatProblems, problemsToJson } from '../../src/config/problems.ts';
import { configOf, withCheck, withRecord, withTop, withZone } from './texts.ts';

const CANARY = 'canary-5e7d1c';

/** Every place that could hold a variable, wrong in as many ways as the value makes it. */
const TEMPLATES = [
  withTop('listen: "${S}"'),
  withTop('workers: ${S}', 'database: "${S}"', 'log: {level: ${S}, format: ${S}}'),
  withTop('admin: {token: ${S}, token_file: ${S}}'),
  withTop('admin: {listen: "0.0.0.0:1", token: "${S} x"}'),
  withTop('dns: {cookie_secret: ${S}, nsid: ${S}, version: "${S}", edns_size: ${S}, sockets: ${S}, cookies: ${S}}'),
  withTop('dns: {tcp: ${S}, rate_limit: ["${S}"]}', 'prober: {witnesses: ["${S}", "http://${S}@x"], on_blind: ${S}}'),
  withTop(
    'keys: {a: {algorithm: ${S}, secret: "${S}"}}',
    'notify: [{url: "https://${S}:${S}@x/", secret: ${S}, on: ["${S}"]}]',
  ),
  withTop(
    'notify: [{url: "${S}", format: ${S}}]',
    'history: {probes: ${S}, transitions: ${S}}',
    'defaults: {ttl: ${S}}',
  ),
  withCheck('url: "${S}"', 'method: ${S}', 'host: "${S}"', 'source: ${S}', 'interval: ${S}', 'max_body: ${S}'),
  withCheck(
    'url: "http://u:${S}@x/"',
    'headers: {A: "${S}\\n", Host: ${S}}',
    'expect: {status: ${S}, body: "/${S}(/"}',
  ),
  withCheck(
    'url: "https://x/?${S}"',
    'tls: {ca_file: "${S}", cert_file: "${S}", key_file: "${S}", server_name: "${S}/"}',
  ),
  withCheck('url: "https://x/?${S}"', 'expect: {body: "/${S}/${S}"}', 'timeout: 6s'),
  withCheck('tcp: ${S}', 'expect: {greeting: "/${S}[/"}'),
];

/** Names are public; what is in a variable is shown by its name all the same. */
const NAMES = [
  withZone('static: [{name: "${S}", type: A, data: "${S}"}, {name: "x", type: MX, data: "10 ${S}..x"}]'),
  withZone(
    'static: [{name: "${S}", type: TXT, data: "a"}, {name: "${S}", type: TXT, data: "a"}]',
    'secondaries: [{address: 192.0.2.1, key: "${S}"}]',
  ),
  withRecord('primary: {name: "${S}", addresses: 192.0.2.1}', 'backup: {name: "${S}", addresses: 192.0.2.1}'),
];

t.test('a secret that a variable holds is in no problem, whatever is wrong with it', async (t) => {
  for (const template of [...TEMPLATES, ...NAMES]) {
    const result = parseConfig(template, 'failoverd.yaml', { S: CANARY });
    t.notOk(result.ok, 'the template has errors');
    const problems = result.ok ? [] : result.problems;
    t.notMatch(formatProblems(problems) + JSON.stringify(problemsToJson(problems)), CANARY);
  }
});

t.test('a secret that a variable holds is in no problem, whatever it is', async (t) => {
  const secrets = fc.string({
    minLength: 6,
    maxLength: 12,
    unit: fc.constantFrom('a', 'Z', '0', '/', '(', '[', ':', '@', '"', '\n'),
  });
  fc.assert(
    fc.property(secrets, fc.constantFrom(...TEMPLATES), (secret, template) => {
      const marked = `${CANARY}${secret}`;
      const result = parseConfig(template, 'failoverd.yaml', { S: marked });
      const problems = result.ok ? result.warnings : result.problems;
      t.notOk(formatProblems(problems).includes(CANARY), template);
    }),
    { numRuns: 200 },
  );
});

t.test('a secret is in no id of an endpoint, and in no description of a reload', async (t) => {
  const text = withCheck(
    'url: "https://app.example.com/?key=${S}"',
    'headers: {Authorization: "${S}"}',
    'expect: {body: "${S}"}',
  );
  const full = `admin: {token: "\${S}"}\n${text}`;
  const config = configOf(full, { S: CANARY });
  const other = configOf(full, { S: 'other' });
  const ids = config.zones.flatMap(({ records }) =>
    records.flatMap((record) => record.targets.flatMap((target) => target.endpoints.map(({ id }) => id))),
  );
  t.equal(ids.length, 2);
  t.match(ids[0], /^192\.0\.2\.10 https:\/\/app\.example\.com\/\?… #[0-9a-f]{8}$/);
  t.notMatch(ids.join(), CANARY);
  t.equal(
    formatDiff(diffConfig(config, other)),
    '1 record changed (app.example.com), 2 endpoints added, 2 endpoints removed, admin changed',
  );
});
