import t from 'tap';
import { isSupported } from '../../src/config/unsupported.ts';
import { allProblemsOf, withCheck, withRecord, withTop, withZone } from './texts.ts';

const inRecord = (line: string) => withRecord('primary: 192.0.2.1', 'backup: 192.0.2.2', 'check: http://a/', line);
const inCheck = (line: string) => withCheck('url: http://a/', line);
const SECRET = 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=';

/** Every key that ever was without effect: how it is used, and how to say that it is not. */
const SAMPLES = [
  ['admin.metrics', withTop, 'admin: {metrics: true}', null],
  ['admin.public_read', withTop, 'admin: {public_read: true}', 'admin: {public_read: false}'],
  ['defaults.sentinel', withTop, 'defaults: {sentinel: true}', 'defaults: {sentinel: false}'],
  ['history.transitions', withTop, 'history: {transitions: 30d}', 'history: {transitions: forever}'],
  ['keys', withTop, `keys: {a: {secret: ${SECRET}}}`, 'keys: {}'],
  ['notify', withTop, 'notify: [{url: "http://a/"}]', 'notify: []'],
  ['prober.blind_when', withTop, 'prober: {blind_when: 1}', 'prober: {blind_when: 2}'],
  ['prober.on_blind', withTop, 'prober: {on_blind: trust}', 'prober: {on_blind: hold}'],
  ['prober.witnesses', withTop, 'prober: {witnesses: ["192.0.2.1:53", "192.0.2.2:53"]}', 'prober: {witnesses: []}'],
  ['zones.*.records.*.check.sentinel', inCheck, 'sentinel: true', 'sentinel: false'],
  [
    'zones.*.records.*.maintenance',
    inRecord,
    'maintenance: [{target: primary, cron: "0 3 * * 0", for: 1h}]',
    'maintenance: []',
  ],
  ['zones.*.secondaries', withZone, 'secondaries: [{address: 192.0.2.1}]', 'secondaries: []'],
  ['zones.*.status_txt', withZone, 'status_txt: true', 'status_txt: false'],
] as const;

t.test('a key without effect is refused, and only such a one', async (t) => {
  for (const [key, wrap, used] of SAMPLES) {
    const name = key.split('.').at(-1);
    const errors = allProblemsOf(wrap(used)).filter((line) => line.includes(' error '));
    t.same(
      errors.map((line) => line.replace(/^\S+ error /, '')),
      isSupported(key) ? [] : [`"${name}" is not supported yet`],
      key,
    );
  }
});

t.test('a key without effect may say what is so anyway', async (t) => {
  for (const [key, wrap, , unused] of SAMPLES) {
    if (unused !== null)
      t.same(
        allProblemsOf(wrap(unused)).filter((line) => line.includes(' error ')),
        [],
        key,
      );
  }
});

t.test('a key without effect is refused at its place, in every record of every zone', async (t) => {
  const text = `zones:
  a.example: &
  b.example: &
`.replaceAll(
    '&',
    '{nameservers: {ns.c.example: }, status_txt: true, records: {"@": {primary: 192.0.2.1, backup: 192.0.2.2, check: {tcp: 80}}}}',
  );
  const expected = isSupported('zones.*.status_txt')
    ? []
    : ['2:46 error "status_txt" is not supported yet', '3:46 error "status_txt" is not supported yet'];
  t.same(
    allProblemsOf(text).filter((line) => line.includes(' error ')),
    expected,
  );
});

t.test('what will hurt is told once the remedy exists: witnesses, a second name server', async (t) => {
  const warnings = allProblemsOf(withTop('prober: {concurrency: 9}'));
  const witnesses =
    "1:9 warning no witnesses: an outage of the prober's own network will look like one of every server";
  const nameservers =
    '4:5 warning one name server: while it is away the zone has no answer (RFC 1034 §4.1 asks for two)';
  t.same(warnings, [
    ...(isSupported('prober.witnesses') ? [witnesses] : []),
    ...(isSupported('zones.*.secondaries') ? [nameservers] : []),
  ]);
});
