// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how a config writes variables.
import fc from 'fast-check';
import t from 'tap';
import { stringify } from 'yaml';
import { parseConfig } from '../../src/config/parse.ts';
import { problemsOf, SMALLEST, withCheck, withZone } from './texts.ts';

const ENV = { HOME: '/root' };

/** Every key that a config knows, and a few that none does. */
const KEYS = `listen workers database admin dns prober defaults zones keys notify history log token token_file metrics
  public_read sockets edns_size rate_limit responses_per_second slip ipv4_prefix ipv6_prefix cookies cookie_secret nsid
  version tcp max_connections max_per_client idle_timeout concurrency witnesses blind_when on_blind nameservers soa
  contact refresh retry expire minimum static name type ttl data secondaries address port key status_txt records primary
  backup addresses min_healthy families all_down failback mode after check url host source method headers expect status
  body greeting sentinel tls verify server_name ca_file interval timeout confirm fall rise max_body maintenance target
  cron timezone for algorithm secret format on probes transitions level @ a.example. * "" x..y`
  .trim()
  .split(/\s+/);

const SCALARS = fc.constantFrom<unknown>(
  ...[
    null,
    true,
    0,
    -1,
    1.5,
    1e99,
    '',
    'auto',
    '5s',
    '64KiB',
    '192.0.2.1',
    '::1',
    '0.0.0.0:53',
    'http://a/',
    '/(/',
    '*',
    '@',
  ],
  ...[
    'A',
    'NS',
    'CNAME',
    'TXT',
    'a.example.',
    'b',
    '..',
    '\\',
    '\\999',
    '${HOME}',
    '${',
    '$${',
    'ü',
    '\u0000',
    'x'.repeat(300),
  ],
);

const TREES = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    SCALARS,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('tree'), { maxKeys: 5 }),
  ),
})).tree;

/** Puts a tree in the place of a part of a good config. */
function graft(good: unknown, path: readonly number[], tree: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof good !== 'object' || good === null) return tree;
  const copy = structuredClone(good) as Record<string, unknown>;
  const keys = Object.keys(copy);
  const key = keys[step % (keys.length + 1)] ?? KEYS[step % KEYS.length] ?? 'x';
  copy[key] = graft(copy[key], rest, tree);
  return copy;
}

const GOOD = {
  admin: { listen: '127.0.0.1:0' },
  dns: { rate_limit: { slip: 2 }, tcp: { max_connections: 5 } },
  defaults: { ttl: '10s', failback: { mode: 'auto' }, tls: { verify: true } },
  zones: {
    'app.example.com': {
      nameservers: { 'ns1.app.example.com': '203.0.113.53' },
      soa: { minimum: '1s' },
      static: [{ name: 'www', type: 'CNAME', data: '@' }],
      records: {
        '@': {
          primary: ['192.0.2.1', '2001:db8::1'],
          backup: [{ addresses: ['192.0.2.2'] }],
          check: {
            url: 'https://a/',
            headers: { A: 'b' },
            expect: { status: [200], body: '/a/' },
            tls: { verify: true },
          },
        },
      },
    },
  },
};

t.test(
  'parseConfig() never throws, whatever stands where, and says at least one thing about what it refuses',
  async (t) => {
    const paths = fc.array(fc.nat({ max: 40 }), { maxLength: 8 });
    let refused = 0;
    fc.assert(
      fc.property(paths, TREES, (path, tree) => {
        const result = parseConfig(stringify(graft(GOOD, path, tree)), 'failoverd.yaml', ENV);
        if (result.ok) return;
        refused++;
        const whole = result.problems.every(
          ({ line, column, message }) => line > 0 && column > 0 && !message.includes('\n'),
        );
        if (result.problems.length === 0 || !whole) throw new Error('no problem, or one without a place');
      }),
      { numRuns: 600 },
    );
    t.ok(refused > 300, `${refused} refused`);
  },
);

t.test('parseConfig() never throws for any text', async (t) => {
  const cuts = fc.tuple(
    fc.constantFrom(SMALLEST, stringify(GOOD)),
    fc.nat(),
    fc.nat(),
    fc.string({ unit: 'binary', maxLength: 5 }),
  );
  fc.assert(
    fc.property(cuts, ([text, from, length, insert]) => {
      const at = from % text.length;
      parseConfig(text.slice(0, at) + insert + text.slice(at + (length % 20)), 'failoverd.yaml', ENV);
    }),
    { numRuns: 400 },
  );
  t.pass('no text of 400 made it throw');
});

t.test('parseConfig() answers in time for texts that grow when they are read', async (t) => {
  const bomb = [
    'a: &a [x]',
    ...'bcdefghi'.split('').map((name, i) => `${name}: &${name} [${`*${'abcdefgh'[i]},`.repeat(9)}]`),
  ];
  t.match(problemsOf(bomb.join('\n')).join('\n'), /1:7 error anchors, aliases and merge keys/);
  for (const deep of ['[', '{a: ', '- ']) {
    t.match(
      problemsOf(`zones:\n  ${deep.repeat(20_000)}`).join('\n'),
      /error nested too deeply|error a \[ or \{/,
      deep,
    );
  }
  t.equal(problemsOf('zones: x\n'.repeat(20_000)).length, 20_000);
});

t.test('long texts: what is shown of them is short, what is too long for DNS is refused', async (t) => {
  t.same(problemsOf(withCheck(`url: ${'x'.repeat(500)}`)), [
    `9:16 error url must be an http or https URL, found "${'x'.repeat(59)}…"`,
  ]);
  for (const data of ['x'.repeat(256), `[a, ${'ü'.repeat(128)}]`]) {
    t.same(problemsOf(withZone(`static: [{name: a, type: TXT, data: ${data}}]`)), [
      '4:41 error data has a string of 256 octets, more than 255: write a list of shorter strings',
    ]);
  }
  const name = Array.from({ length: 4 }, () => 'x'.repeat(60)).join('.');
  t.same(problemsOf(withZone(`static: [{name: ${name}, type: A, data: 192.0.2.1}]`)), [
    '4:21 error name has 261 octets, more than 255',
  ]);
});
