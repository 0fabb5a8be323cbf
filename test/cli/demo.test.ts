import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import t, { type Test } from 'tap';
import { findFreePort } from '../../src/cli/demo/ports.ts';
import { jsonScreen, textScreen } from '../../src/cli/demo/screen.ts';
import { play } from '../../src/cli/demo.ts';
import type { ExitCode } from '../../src/cli/exit-code.ts';
import { ListenError } from '../../src/runtime/ports.ts';
import { transition, until } from '../history/helpers.ts';
import { FakeClock } from '../probe/fake-clock.ts';
import { type FakeDaemon, fakeStarts } from './fake-daemon.ts';
import { type FakeIo, fakeIo } from './io.ts';

const SCENE_MS = 20_000;

interface Played {
  readonly io: FakeIo & { readonly clock: FakeClock };
  readonly daemon: FakeDaemon;
  readonly facts: {
    readonly dnsPort: number;
    readonly httpPort: number;
    readonly configPath: string;
    readonly databasePath: string;
    readonly try: readonly string[];
  };
  readonly code: Promise<ExitCode>;
}

async function playing(t: Test): Promise<Played> {
  const io = { ...fakeIo(), clock: new FakeClock() };
  const starts = fakeStarts();
  const code = play(io, jsonScreen(io.stdout), starts.start);
  t.teardown(() => io.signal('SIGINT'));
  await until(() => io.clock.timers === 1, 'the first scene');
  const [daemon] = starts.daemons;
  if (!daemon) throw new Error('no daemon was started');
  return { io, daemon, code, facts: JSON.parse(io.written.stdout.split('\n')[0] ?? '') };
}

async function answerOf(address: string, port: number): Promise<string> {
  try {
    return await (await fetch(`http://${address}:${port}/`)).text();
  } catch (error) {
    return String((error as { cause?: { code?: string } }).cause?.code);
  }
}

t.test(
  'demo starts two web servers and a failoverd that listens on loopback only, in a folder of its own',
  async (t) => {
    const { io, daemon, facts, code } = await playing(t);
    t.equal(await answerOf('127.0.0.11', facts.httpPort), 'primary\n');
    t.equal(await answerOf('127.0.0.12', facts.httpPort), 'backup\n');
    t.same(daemon.addresses, [{ host: '127.0.0.1', port: facts.dnsPort }]);
    t.equal(daemon.adminAddress.host, '127.0.0.1');
    const folder = dirname(facts.databasePath);
    t.match(folder, /failoverd-demo-\w+$/);
    t.equal(dirname(facts.configPath), folder);
    t.match(facts.try, [
      `dig @127.0.0.1 -p ${facts.dnsPort} app.example.com +short`,
      `sqlite3 -box ${facts.databasePath} 'SELECT `,
    ]);

    io.signal('SIGINT');
    t.equal(await code, 0);
    t.ok(daemon.isStopped);
    t.equal(await answerOf('127.0.0.11', facts.httpPort), 'ECONNREFUSED');
    t.equal(await answerOf('127.0.0.12', facts.httpPort), 'ECONNREFUSED');
    t.notOk(existsSync(folder));
    t.equal(io.clock.timers, 0);
  },
);

t.test('demo breaks its primary after 20 s, mends it after 40 s, and so on, and shows the transitions', async (t) => {
  const { io, daemon, facts, code } = await playing(t);
  const acts = () => io.written.stdout.split('\n').filter((line) => line.includes('"event":"demo"'));
  for (const [i, answer] of ['ECONNREFUSED', 'primary\n', 'ECONNREFUSED'].entries()) {
    io.clock.advance(SCENE_MS - 1);
    t.equal(acts().length, i);
    io.clock.advance(1);
    t.match(JSON.parse(acts().at(-1) ?? ''), { what: answer === 'primary\n' ? /^mends/ : /^breaks/ });
    let found = '';
    while (found !== answer) found = await answerOf('127.0.0.11', facts.httpPort);
  }
  t.equal(await answerOf('127.0.0.12', facts.httpPort), 'backup\n');
  daemon.transit(transition(1));
  t.match(JSON.parse(io.written.stdout.trimEnd().split('\n').at(-1) ?? ''), {
    event: 'answer',
    cause: 'failover',
    target: 'backup',
    addresses: ['198.51.100.20'],
  });
  io.signal('SIGTERM');
  t.equal(await code, 0);
});

t.test('demo shows what is answered already when it begins, once', async (t) => {
  const { io, code } = await playing(t);
  const answers = io.written.stdout.split('\n').filter((line) => line.includes('"event":"answer"'));
  t.match(
    answers.map((line) => JSON.parse(line)),
    [{ cause: 'start', target: 'primary', addresses: ['192.0.2.10'] }],
  );
  io.signal('SIGINT');
  await code;
});

t.test('demo shows people what happened and what to try', async (t) => {
  const io = fakeIo();
  const { start, daemons } = fakeStarts();
  const code = play(io, textScreen(io.stdout, SCENE_MS), start);
  await until(() => io.written.stdout.includes('Ctrl-C'), 'the introduction');
  daemons[0]?.transit(transition(1, { atEpochMs: Date.UTC(2026, 0, 31, 12, 0, 41) }));
  io.signal('SIGINT');
  await code;
  const { stdout } = io.written;
  t.match(stdout, /^ {2}DNS {8}127\.0\.0\.1:\d+, UDP and TCP/m);
  t.match(stdout, /^ {2}dashboard {2}http:\/\/127\.0\.0\.1:\d+\/$/m);
  t.match(stdout, /^ {2}dig @127\.0\.0\.1 -p \d+ app\.example\.com \+short$/m);
  t.match(stdout, '\nEvery 20 s the primary breaks or is mended. Ctrl-C ends everything.\n');
  t.match(
    stdout,
    '\n  12:00:41Z  failover    app.example.com is 198.51.100.20 (backup): primary 192.0.2.10: status 503 ×3, detected in 3.3 s\n',
  );
});

t.test('demo says in one line why it cannot start, and leaves nothing behind', async (t) => {
  const io = fakeIo();
  let database = '';
  const code = await play(io, textScreen(io.stdout, SCENE_MS), (config) => {
    database = config.databasePath;
    return Promise.reject(new ListenError('127.0.0.1:5353 (UDP) is taken'));
  });
  t.equal(code, 1);
  t.same(io.written, { stdout: '', stderr: 'failoverd: 127.0.0.1:5353 (UDP) is taken\n' });
  t.notOk(existsSync(dirname(database)));
});

t.test('findFreePort() passes over a port that is taken for TCP or UDP, at any of the addresses', async (t) => {
  const tcp = createServer().listen(0, '127.0.0.13');
  await once(tcp, 'listening');
  t.teardown(() => tcp.close());
  const { port } = tcp.address() as { port: number };
  const udp = createSocket('udp4');
  udp.bind(port + 1, '127.0.0.14');
  await once(udp, 'listening');
  t.teardown(() => udp.close());
  t.equal(await findFreePort(['127.0.0.13', '127.0.0.14'], port), port + 2);
  t.equal(await findFreePort(['127.0.0.14'], port), port);
});

t.test('findFreePort() gives up at an address that is none of this machine', async (t) => {
  t.equal(await findFreePort(['192.0.2.1'], 5353), null);
});
