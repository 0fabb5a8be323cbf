/** What is seen of the program from outside only: refused starts that end, signals, a reader that goes away, a bug. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { spawnBare } from './bare.ts';

const LAUNCHER = join(import.meta.dirname, '../../bin/failoverd');

/** A config that listens where nobody else does, with these lines in place of its own. */
function configFor(t: Test, over: Readonly<Record<string, string>> = {}): string {
  const top = { listen: '["127.0.0.1:0"]', admin: '{listen: "127.0.0.1:0"}', workers: '1', ...over };
  const lines = Object.entries(top).map(([key, value]) => `${key}: ${value}\n`);
  const zones = `zones:
  app.example.com:
    nameservers: {ns1.app.example.com: 127.0.0.1}
    records:
      "@": {primary: 127.0.0.1, backup: 127.0.0.2, check: "http://app.example.com:1/"}
`;
  return join(t.testdir({ 'failoverd.yaml': lines.join('') + zones }), 'failoverd.yaml');
}

function failoverd(t: Test, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawnBare(LAUNCHER, args, { cwd: '/', env: { PATH: process.env.PATH, ...env } });
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

async function taken(t: Test): Promise<string> {
  const server: Server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return `127.0.0.1:${(server.address() as { port: number }).port}`;
}

const refusals: readonly (readonly [what: string, over: (t: Test) => Promise<Record<string, string>>, line: RegExp])[] =
  [
    [
      'a DNS port that is taken',
      async (t) => ({ listen: `["${await taken(t)}"]` }),
      /^127\.0\.0\.1:\d+ \(TCP\) is taken by another process/,
    ],
    [
      'an admin port that is taken',
      async (t) => ({ admin: `{listen: "${await taken(t)}"}` }),
      /^127\.0\.0\.1:\d+ \(admin API\) is taken/,
    ],
    ['an address of another machine', async () => ({ listen: '["192.0.2.1:5300"]' }), /^192\.0\.2\.1:5300 .*"listen"/],
    [
      'a database in no folder',
      async () => ({ database: '/no-such-folder/failoverd.db' }),
      /the folder \/no-such-folder does not exist/,
    ],
    ['a database path that is a folder', async () => ({ database: '/' }), /database/],
  ];

for (const [what, over, line] of refusals) {
  t.test(`serve is refused in one line and ends with exit code 1: ${what}`, async (t) => {
    const child = failoverd(t, ['serve', '--config', configFor(t, await over(t))]);
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit'), child.stdout.resume()]);
    t.equal(code, 1);
    t.equal(stderr.split('\n').length, 2, stderr);
    t.match(stderr.replace(/^failoverd: /, ''), line);
  });
}

t.test('serve ends cleanly with SIGTERM, and says so', async (t) => {
  const child = failoverd(t, ['serve', '--config', configFor(t)]);
  const ended = once(child, 'exit');
  const messages: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    messages.push(JSON.parse(line).msg);
    if (messages.at(-1)?.includes('answers DNS')) child.kill('SIGTERM');
  }
  t.same(await ended, [0, null]);
  t.ok(messages.includes('stopping'));
  t.equal(messages.at(-1), 'stopped');
});

t.test('a reader that goes away is no failure', async (t) => {
  const child = failoverd(t, ['--help']);
  child.stdout.destroy();
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  t.same([code, stderr], [0, '']);
});

/** Loaded before the program: fails once the program listens for that. */
const BUG = `data:text/javascript,
const timer = setInterval(() => {
  if (process.listenerCount('uncaughtException') === 0) return;
  clearInterval(timer);
  throw new TypeError('no such thing');
}, 1)`;

t.test('a bug is reported in one line, with its stack where NODE_DEBUG asks for it', async (t) => {
  const args = ['serve', '--config', configFor(t)];
  const reportOf = async (env: Record<string, string>) => {
    const child = failoverd(t, args, { NODE_OPTIONS: `--import "${BUG.replaceAll('\n', '')}"`, ...env });
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit'), child.stdout.resume()]);
    t.equal(code, 1);
    return stderr;
  };
  const line = 'failoverd: no such thing; this is a bug, please report it as CONTRIBUTING.md says\n';
  t.equal(await reportOf({}), line);
  const withStack = await reportOf({ NODE_DEBUG: 'failoverd' });
  t.match(withStack, line);
  t.match(withStack, /FAILOVERD \d+: TypeError: no such thing\n +at /);
});
