/**
 * `failoverd delegation` against a root and a parent (NSD), a resolver (BIND) and failoverd itself: one zone for each fault
 * that a delegation can have, and one without any.
 */
import path from 'node:path';
import t from 'tap';
import { diagnose } from '../../src/cli/delegation/diagnose.ts';
import type { Finding } from '../../src/cli/delegation/finding.ts';
import { loadConfig } from '../../src/config/load.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { cli } from '../cli/io.ts';
import { startBackend } from '../helpers/backend.ts';
import * as world from '../helpers/delegation-world.ts';
import { name } from '../helpers/names.ts';
import { freePort } from '../helpers/secondaries.ts';
import { serve } from '../helpers/serve.ts';

const { NS1, NS2, OLD, NOBODY } = world;
const PRIMARY = '127.0.0.91';
const BACKUP = '127.0.0.92';

interface Case {
  /** Below `.example`. */
  readonly zone: string;
  /** The second name server's address in the config; the first one's is always failoverd's. */
  readonly second?: string;
  /** In the config, instead of both. */
  readonly nameservers?: string;
  /** What the parent has, `$` for the zone; by default what is right. */
  readonly parent?: string;
  /** `severity check message` of each finding that is not ok, and what its remedy must say. */
  readonly findings: readonly (readonly [finding: RegExp, remedy: RegExp])[];
}

const NS_BOTH = '$ IN NS ns1.$\n$ IN NS ns2.$';
const GLUE1 = `ns1.$ IN A ${NS1}`;

const CASES: readonly Case[] = [
  { zone: 'good', findings: [] },
  {
    zone: 'absent',
    parent: '',
    findings: [
      [
        /^error parent example does not delegate absent.example$/,
        /add to the zone example:\nabsent.example.\t3600\tIN\tNS\tns1.absent.example.\n[\s\S]*ns2.absent.example.\t3600\tIN\tA\t127.0.0.84$/,
      ],
    ],
  },
  {
    zone: 'ns',
    parent: `$ IN NS ns1.$\n$ IN NS ns3.$\n${GLUE1}\nns3.$ IN A ${NS2}`,
    findings: [
      [/^error ns ns2.ns.example is a name server in the zone and not at the parent$/, /add it at the parent/],
      [/^error ns ns3.ns.example is a name server at the parent and not in the zone$/, /remove it at the parent/],
    ],
  },
  {
    zone: 'noglue',
    parent: `${NS_BOTH}\n${GLUE1}`,
    findings: [
      [/^error glue the parent has no address for ns2.noglue.example/, /ns2.noglue.example.\t3600\tIN\tA\t127.0.0.84$/],
    ],
  },
  {
    zone: 'wrongglue',
    parent: `${NS_BOTH}\n${GLUE1}\nns2.$ IN A ${NOBODY}`,
    findings: [
      [
        /^error glue the parent's address of ns2.wrongglue.example is 127.0.0.86, in the zone it is 127.0.0.84$/,
        /both the same/,
      ],
      [/^error server ns2.wrongglue.example \(127.0.0.86\): nothing listens there$/, /start the server/],
    ],
  },
  {
    zone: 'lame',
    second: OLD,
    findings: [[/^error server ns2.lame.example \(127.0.0.85\): it answers REFUSED$/, /configure the zone there/]],
  },
  {
    zone: 'old',
    second: OLD,
    findings: [
      [/^error serial the servers have different serials: .*ns2.old.example \(127.0.0.85\): 7/, /failoverd status/],
      [
        /^error answer old.example A: ns2.old.example \(127.0.0.85\) answers 192.0.2.99, decided is 127.0.0.91$/,
        /NOTIFY/,
      ],
    ],
  },
  {
    zone: 'tcp',
    second: world.NO_TCP,
    findings: [[/^error tcp ns2.tcp.example \(127.0.0.87\) over TCP: nothing listens there$/, /RFC 7766/]],
  },
  {
    zone: 'edns',
    second: world.NO_EDNS,
    findings: [[/^warning edns ns2.edns.example \(127.0.0.88\) asked with EDNS: it answers FORMERR$/, /firewall/]],
  },
  {
    zone: 'aa',
    second: world.NO_AA,
    findings: [
      [/^error server ns2.aa.example \(127.0.0.89\): it answers without authority \(no AA\)$/, /configure the zone/],
    ],
  },
  {
    zone: 'ds',
    parent: `${NS_BOTH}\n${GLUE1}\nns2.$ IN A ${NS2}\n$ IN DS 1 13 2 ${'AB'.repeat(32)}`,
    findings: [[/^error ds the parent has a DS for ds.example, but the zone has no keys/, /remove the DS/]],
  },
  {
    zone: 'short',
    parent: `${NS_BOTH}\n${GLUE1}\nns2.$ IN A ${NS2}`.replaceAll(' IN NS', ' 60 IN NS'),
    findings: [[/^warning ttl the parent's NS records live for 1m only/, /an hour/]],
  },
  {
    zone: 'long',
    parent: `${NS_BOTH}\n${GLUE1}\nns2.$ IN A ${NS2}`.replaceAll(' IN NS', ' 604800 IN NS'),
    findings: [[/^warning ttl the parent's NS records live for 7d: so long/, /lower it/]],
  },
  {
    zone: 'single',
    nameservers: `ns1.single.example: ${NS1}`,
    parent: `$ IN NS ns1.$\n${GLUE1}`,
    findings: [[/^warning server one name server: while it is away/, /add a secondary/]],
  },
  {
    zone: 'outside',
    nameservers: `ns1.outside.example: ${NS1}, elsewhere.example: `,
    parent: `$ IN NS ns1.$\n$ IN NS elsewhere.example.\n${GLUE1}\nelsewhere.example. IN A ${NS2}`,
    findings: [],
  },
  {
    zone: 'lost',
    nameservers: `ns1.lost.example: ${NS1}, nowhere.example: `,
    parent: `$ IN NS ns1.$\n$ IN NS nowhere.example.\n${GLUE1}`,
    findings: [
      [/^error glue nowhere.example has no address$/, /give it one in its own zone/],
      [/^warning server one name server/, /add a secondary/],
    ],
  },
  { zone: 'slow', findings: [] },
];

function lines({ zone, parent = `${NS_BOTH}\n${GLUE1}\nns2.$ IN A {second}`, second = NS2 }: Case): string {
  return `$TTL 3600\n${parent.replaceAll('$', `${zone}.example.`).replace('{second}', second)}\n`;
}

function zoneOf(one: Case, httpPort: number): string {
  const { zone, second = NS2 } = one;
  const { nameservers = `ns1.${zone}.example: ${NS1}, ns2.${zone}.example: ${second}` } = one;
  return `  ${zone}.example:
    nameservers: {${nameservers}}
    records:
      "@":
        primary: ${PRIMARY}
        backup: ${BACKUP}
        ttl: ${zone === 'slow' ? '1h' : '1s'}
        check: {url: "http://app.example:${httpPort}/", interval: 1s, timeout: 900ms}
`;
}

t.test(
  'delegation reports each fault of a delegation with its remedy',
  { skip: world.missingSoftware() ?? false },
  async (t) => {
    const primary = await startBackend(PRIMARY);
    const backup = await startBackend(BACKUP, primary.port);
    const port = await freePort('127.0.0.1');
    const adminPort = await freePort('127.0.0.1');
    const directory = t.testdir({ world: {} });
    const oldZone = `@ 60 IN SOA ns1 hostmaster 7 3600 600 86400 10
@ 60 IN NS ns1
@ 60 IN NS ns2
ns1 60 IN A ${NS1}
ns2 60 IN A ${OLD}
@ 3600 IN A 192.0.2.99
`;
    const served = await serve(
      directory,
      `listen: ["${NS1}:${port}", "${NS2}:${port}"]
admin: {listen: "127.0.0.1:${adminPort}"}
zones:
${CASES.map((one) => zoneOf(one, primary.port)).join('')}`,
    );
    t.teardown(async () => {
      await served.stop();
      await Promise.all([primary.kill(), backup.kill()]);
    });
    await world.startWorld(t, {
      directory: path.join(directory, 'world'),
      port,
      delegations: CASES.map(lines).join(''),
      old: { 'old.example': oldZone },
    });

    const config = path.join(directory, 'failoverd.yaml');
    const ask = async (zone: string, ...more: readonly string[]) => {
      const from = ['--from', world.ROOT, '--port', `${port}`, '--resolver', `${world.RESOLVER}:${port}`];
      const { code, stdout, stderr } = await cli(
        'delegation',
        `${zone}.example`,
        '--config',
        config,
        '--json',
        ...from,
        ...more,
      );
      t.equal(stderr, '');
      const { findings, errors } = JSON.parse(stdout) as { findings: readonly Finding[]; errors: number };
      t.equal(code, errors > 0 ? 1 : 0, `${zone}: exit code`);
      return findings.filter(({ severity }) => severity !== 'ok');
    };

    const loaded = await loadConfig(config, {});
    if (!loaded.ok) return t.fail('the config has errors', loaded);
    const places = {
      from: [{ address: world.ROOT, port }],
      resolver: { address: world.RESOLVER, port },
      port,
    };
    for (const { zone, findings: expected } of CASES) {
      const question = { zone: name(`${zone}.example`), config: loaded.config, ...places };
      const bad = (await diagnose(question, systemClock)).filter(({ severity }) => severity !== 'ok');
      // What the resolver says of a broken delegation depends on the server that it happens to ask.
      const seen = bad.filter(({ message }) => zone === 'good' || !message.includes('through the resolver'));
      t.equal(seen.length, expected.length, `${zone}: ${JSON.stringify(seen, null, 1)}`);
      for (const [i, [finding, remedy]] of expected.entries()) {
        const { severity, check, message, remedy: said } = seen[i] ?? {};
        t.match(`${severity} ${check} ${message}`, finding, zone);
        t.match(said, remedy, `${zone}: remedy`);
      }
    }

    const resolver = (server: string) => ask('good', '--resolver', server);
    t.match(await resolver(`${NOBODY}:${port}`), [
      { severity: 'error', message: /through the resolver 127.0.0.86: nothing/ },
    ]);
    t.match(await resolver(`${OLD}:${port}`), [{ severity: 'error', message: /it answers REFUSED/ }]);
    const stale = (await ask('old', '--resolver', `${OLD}:${port}`)).find(({ message }) => /resolver/.test(message));
    t.match(stale, {
      severity: 'error',
      message: /192.0.2.99, but decided is 127.0.0.91$/,
      remedy: /longer than their TTL/,
    });

    t.match(await ask('good', '--from', NOBODY), [
      {
        severity: 'error',
        check: 'parent',
        message: /no server of . can be used .*\(127.0.0.86: nothing listens there\)/,
        remedy: /--from/,
      },
    ]);
    t.match(await ask('slow', '--from', world.NO_AA), [
      {
        message: /no server of . can be used .*\(127.0.0.89: it answers without authority/,
        remedy: /redirects DNS/,
      },
    ]);
    t.match(await ask('good', '--from', world.PARENT), [], 'the way may begin at the parent');
    t.match(await ask('good', '--from', NS1), [{ severity: 'warning', message: /answer for it themselves$/ }]);

    const flip = { target: 'backup', reason: 'test', actor: 'test' };
    await fetch(`http://127.0.0.1:${adminPort}/api/v1/records/slow.example/switch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(flip),
    });
    t.match(
      (await ask('slow')).filter(({ check }) => check === 'answer'),
      [
        {
          severity: 'warning',
          message: /127.0.0.91, but decided is 127.0.0.92 since/,
          remedy: /^wait: .* for another/,
        },
      ],
      'an old answer is a warning as long as it may be kept',
    );

    const here = ['--from', world.ROOT, '--port', `${port}`, '--resolver', `${world.RESOLVER}:${port}`];
    const without = await cli('delegation', 'good.example', ...here);
    t.match(without, {
      code: 0,
      stderr: '',
      stdout: /info +answer +what is decided now is not known: there is no config here/,
    });
    t.match(without.stdout, /ok +answer +good.example A through the resolver 127.0.0.1: 127.0.0.91\n/);
    t.match(without.stdout, /\nall is well\n$/);
    const text = await cli('delegation', 'absent.example', '--config', config, ...here);
    t.match(
      text.stdout,
      /^error {4}parent {2}example does not delegate absent.example\n {17}→ add to the zone example:\n/,
    );
  },
);

for (const [args, message] of [
  [['..'], /"\.\." is no domain name/],
  [['.'], /the root has no parent/],
  [['a.example', '--from', 'ns1.example'], /--from must be an IP address, found "ns1.example"/],
  [['a.example', '--resolver', '1.2.3'], /--resolver must be an IP address, found "1.2.3"/],
  [['a.example', '--port', '99999'], /--port must be a number from 1 to 65535, found "99999"/],
] as const) {
  t.test(`delegation ${args.join(' ')} is a usage error`, async (t) => {
    t.match(await cli('delegation', ...args), { code: 2, stderr: message });
  });
}
