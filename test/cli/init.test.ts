import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import t from 'tap';
import { run } from '../../src/cli/run.ts';
import { LAUNCHER } from '../helpers/serve.ts';
import { cli, fakeIo } from './io.ts';

const FLAGS = {
  zone: 'app.example.com',
  nameserver: '203.0.113.53,198.51.100.53',
  primary: '192.0.2.10',
  backup: '198.51.100.20',
  check: 'https://app.example.com/healthz',
};

const flags = (changed: Partial<typeof FLAGS> = {}) =>
  Object.entries({ ...FLAGS, ...changed }).flatMap(([name, value]) => [`--${name}`, value]);

const LINES = `app.example.com.\t3600\tIN\tNS\tns1.app.example.com.
app.example.com.\t3600\tIN\tNS\tns2.app.example.com.
ns1.app.example.com.\t3600\tIN\tA\t203.0.113.53
ns2.app.example.com.\t3600\tIN\tA\t198.51.100.53
`;

t.test('init writes a config that check takes without a warning, and says what the parent needs', async (t) => {
  const path = join(t.testdir(), 'failoverd.yaml');
  const { code, stdout, stderr } = await cli('init', '--config', path, ...flags());
  t.match({ code, stderr }, { code: 0, stderr: '' });
  t.match(stdout, `${path} is written. The parent zone, example.com, needs these lines:\n\n${LINES}\n`);
  t.match(stdout, `failoverd delegation app.example.com --config ${path}\n`);
  const checked = await cli('check', '--config', path, '--json');
  t.match(JSON.parse(checked.stdout), { ok: true, errors: 0, warnings: 0 });
  const lines = readFileSync(path, 'utf8').split('\n');
  t.ok(lines.every((line) => line.length <= 120));
});

t.test('init takes IPv6, several addresses, names of servers, TCP checks and own witnesses', async (t) => {
  const path = join(t.testdir(), 'failoverd.yaml');
  const given = flags({
    zone: 'Bücher.Example.',
    nameserver: 'a.ns.bücher.example=2001:db8::53, ns.example.net=198.51.100.53',
    primary: '192.0.2.10,192.0.2.11, 2001:db8::10',
    backup: '198.51.100.20,2001:db8::20',
    check: 'tcp:443',
  });
  const { code, stdout } = await cli('init', '--config', path, ...given, '--witness', 'www.example.org:443', '--json');
  t.equal(code, 0);
  t.match(JSON.parse(stdout), {
    parent: 'example',
    parentLines: [
      'xn--bcher-kva.example.\t3600\tIN\tNS\ta.ns.xn--bcher-kva.example.',
      'xn--bcher-kva.example.\t3600\tIN\tNS\tns.example.net.',
      'a.ns.xn--bcher-kva.example.\t3600\tIN\tAAAA\t2001:db8::53',
    ],
    warnings: [],
  });
  const checked = await cli('check', '--config', path);
  t.match(checked.stdout, 'primary 192.0.2.10 192.0.2.11 2001:db8::10, backup 198.51.100.20 2001:db8::20');
});

t.test('init with one name server warns as check does', async (t) => {
  const path = join(t.testdir(), 'failoverd.yaml');
  const { code, stdout } = await cli('init', '--config', path, ...flags({ nameserver: '203.0.113.53' }));
  t.equal(code, 0);
  t.match(stdout, /warning {2}one name server/);
});

t.test('init never overwrites', async (t) => {
  const path = join(t.testdir({ 'failoverd.yaml': 'mine' }), 'failoverd.yaml');
  t.match(await cli('init', '--config', path, ...flags()), { code: 1, stderr: /exists already; name another file/ });
  t.equal(readFileSync(path, 'utf8'), 'mine');
  const nowhere = join(t.testdirName, 'no/such/folder.yaml');
  t.match(await cli('init', '--config', nowhere, ...flags()), { code: 1, stderr: /cannot write .*ENOENT/ });
});

const WRONG: readonly (readonly [changed: Partial<typeof FLAGS>, stderr: RegExp])[] = [
  [{ zone: '.' }, /--zone must be a name below the root, found "\."/],
  [{ zone: 'a..b' }, /--zone has an empty label/],
  [{ primary: '192.0.2.300' }, /--primary must be an IP address, found "192.0.2.300"/],
  [{ backup: '0.0.0.0' }, /--backup must be the address of one server, found "0.0.0.0"/],
  [{ nameserver: 'ns1=203.0.113' }, /--nameserver must be an IP address, found "ns1=203.0.113"/],
  [{ check: 'app.example.com' }, /--check must be an http or https URL, or tcp: and a port, found "app.example.com"/],
  [{ check: 'https://user:secret@example.com/' }, /--check must not hold a user or password/],
];

for (const [changed, stderr] of WRONG) {
  t.test(`init --${Object.entries(changed).flat().join(' ')} is a usage error`, async (t) => {
    const path = join(t.testdir(), 'failoverd.yaml');
    t.match(await cli('init', '--config', path, ...flags(changed)), { code: 2, stderr });
    t.notOk(existsSync(path));
  });
}

t.test('init without a terminal says which options are missing', async (t) => {
  const path = join(t.testdir(), 'failoverd.yaml');
  const { code, stderr } = await cli('init', '--config', path, '--zone', 'a.example', '--check', 'tcp:80');
  t.equal(code, 2);
  t.match(stderr, '--nameserver, --primary, --backup missing');
});

/** A terminal whose user gives these answers, and then ends the input. */
function answering(...answers: string[]) {
  const asked: string[] = [];
  const io = fakeIo();
  const ask = async (question: string) => {
    asked.push(question);
    return answers.shift() ?? null;
  };
  return { io: { ...io, openPrompt: () => ({ ask, close() {} }) }, asked, written: io.written };
}

t.test('init asks for what the options do not say, and again when it cannot use an answer', async (t) => {
  const path = join(t.testdir(), 'failoverd.yaml');
  const { io, asked, written } = answering(
    '203.0.113.53, 198.51.100.53',
    'nonsense',
    '192.0.2.10',
    '198.51.100.20',
    '',
    '',
  );
  t.equal(await run(['init', '--config', path, '--zone', 'app.example.com'], io), 0);
  t.match(asked, [
    /name servers/,
    /primary/,
    /primary/,
    /backup/,
    /\[https:\/\/app.example.com\/\]: $/,
    /\[1.1.1.1:53,9.9.9.9:53\]/,
  ]);
  t.match(written.stdout, 'it must be an IP address, found "nonsense"\n');
  const text = readFileSync(path, 'utf8');
  t.match(text, 'url: https://app.example.com/\n');
  t.match(text, 'witnesses: ["1.1.1.1:53", "9.9.9.9:53"]');
});

t.test('init writes nothing when the input ends', async (t) => {
  const path = join(t.testdir(), 'failoverd.yaml');
  const { io, written } = answering('app.example.com', '203.0.113.53');
  t.equal(await run(['init', '--config', path], io), 2);
  t.match(written.stderr, 'nothing was written');
  t.notOk(existsSync(path));
});

const NO_SCRIPT = spawnSync('script', ['--version']).status === 0 ? false : 'script(1) is not installed';

t.test('init asks on a real terminal, and Ctrl-C ends it', { skip: NO_SCRIPT }, async (t) => {
  const dir = t.testdir();
  const onTerminal = (typed: readonly string[]) => {
    const child = spawn('script', ['-qec', `env -u NODE_OPTIONS ${LAUNCHER} init`, '/dev/null'], { cwd: dir });
    const lines = [...typed];
    child.stdout.on('data', (chunk) => {
      if (/[?\]]+:? *$/.test(stripVTControlCharacters(String(chunk)))) child.stdin.write(lines.shift() ?? '');
    });
    return once(child, 'exit').then(([code]) => code);
  };
  t.equal(await onTerminal(['app.example.com\r', '\u0003']), 2);
  t.notOk(existsSync(join(dir, 'failoverd.yaml')));
  const answers = ['app.example.com', '203.0.113.53,198.51.100.53', '192.0.2.10', '198.51.100.20', 'tcp:80', ''];
  t.equal(await onTerminal(answers.map((answer) => `${answer}\r`)), 0);
  t.match(readFileSync(join(dir, 'failoverd.yaml'), 'utf8'), 'tcp: 80\n');
});
