import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { ExitCode } from '../../src/cli/exit-code.ts';
import { type StartServing, serveUntilSignal } from '../../src/cli/serve.ts';
import { VERSION } from '../../src/cli/version.ts';
import { HistoryRefusedError, ListenError } from '../../src/runtime/ports.ts';
import { until } from '../history/helpers.ts';
import { FakeClock } from '../probe/fake-clock.ts';
import { type FakeDaemon, fakeStarts, type Starts } from './fake-daemon.ts';
import { type FakeIo, fakeIo } from './io.ts';

const CONFIG = `listen: ["127.0.0.1:5300", "[::1]:5300"]
prober: {witnesses: ["127.0.0.1:1", "127.0.0.1:2"]}
zones:
  app.example.com:
    nameservers: {ns1.app.example.com: 203.0.113.53, ns2.app.example.com: 203.0.113.54}
    records:
      "@": {primary: 192.0.2.10, backup: [198.51.100.20, 198.51.100.21], check: http://app.example.com/healthz}
`;

interface Served {
  readonly path: string;
  readonly io: FakeIo;
  readonly daemon: FakeDaemon;
  readonly starts: Starts;
  readonly code: Promise<ExitCode>;
}

/** Serves this config until a signal; settles when the daemon has started. */
async function serving(t: Test, text = CONFIG): Promise<Served> {
  const path = join(t.testdir({ 'failoverd.yaml': text }), 'failoverd.yaml');
  const io = fakeIo();
  const starts = fakeStarts();
  const code = serveUntilSignal(path, io, starts.start);
  await until(() => io.written.stdout.includes('answers DNS'), 'the announcement');
  const [daemon] = starts.daemons;
  if (!daemon) throw new Error('no daemon was started');
  return { path, io, daemon, starts, code };
}

function messages(io: FakeIo): readonly string[] {
  const lines = io.written.stdout.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line)).map(({ level, msg }) => `${level}: ${msg}`);
}

t.test(
  'serve announces what it listens on and how long a failover takes, ends with SIGTERM, logs JSON to no terminal',
  async (t) => {
    const { path, io, daemon, code } = await serving(t);
    io.signal('SIGTERM');
    t.equal(await code, 0);
    t.ok(daemon.isStopped);
    t.equal(io.written.stderr, '');
    t.same(messages(io), [
      `info: failoverd ${VERSION} answers DNS on 127.0.0.1:5300, [::1]:5300 (UDP and TCP); admin API on http://127.0.0.1:8053, database ${join(path, '../failoverd.db')}`,
      'info: app.example.com: primary 192.0.2.10, backup 198.51.100.20, backup2 198.51.100.21; a failure is detected within 11.3 s, clients follow within 21.4 s',
      'info: stopping',
      'info: stopped',
    ]);
  },
);

t.test('serve announces it as a table to people', async (t) => {
  const { io, code } = await serving(t, `${CONFIG}log: {format: pretty}\n`);
  io.signal('SIGINT');
  t.equal(await code, 0);
  t.match(
    io.written.stdout,
    `failoverd ${VERSION} answers DNS on 127.0.0.1:5300, [::1]:5300 (UDP and TCP)\nadmin API on http://127.0.0.1:8053, database `,
  );
  t.match(io.written.stdout, /^app\.example\.com {2}primary 192.* {2}11\.3 s {19}21\.4 s$/m);
  t.match(io.written.stdout, / {2}info {3}stopping {2}signal=SIGINT\n/);
});

t.test('serve warns of what the config warns of', async (t) => {
  const { path, io, code } = await serving(t, CONFIG.replace('{primary', '{ttl: 5m, primary'));
  io.signal('SIGTERM');
  await code;
  t.match(messages(io)[0], new RegExp(`^warn: ${path}:7:18 ttl \\(5m\\) is above 60s`));
});

t.test('serve is killed by the second signal', async (t) => {
  const { io, daemon, code } = await serving(t);
  let release = (): void => {};
  daemon.letStop = new Promise((resolve) => {
    release = resolve;
  });
  io.signal('SIGTERM');
  t.equal(io.aborts, 0);
  io.signal('SIGINT');
  t.equal(io.aborts, 1);
  release();
  t.equal(await code, 0);
});

t.test('serve is killed when its stop has not come to its end after 5.5 s', async (t) => {
  const path = join(t.testdir({ 'failoverd.yaml': CONFIG }), 'failoverd.yaml');
  const io = Object.assign(fakeIo(), { clock: new FakeClock() });
  const { start, daemons } = fakeStarts();
  const code = serveUntilSignal(path, io, start);
  await until(() => io.written.stdout.includes('answers DNS'), 'the announcement');
  let release = (): void => {};
  for (const daemon of daemons) daemon.letStop = new Promise((resolve) => (release = resolve));
  io.signal('SIGTERM');
  await until(() => messages(io).includes('info: stopping'), 'the stop');
  io.clock.advance(5_499);
  await setImmediate();
  t.equal(io.aborts, 0);
  io.clock.advance(1);
  await until(() => io.aborts === 1, 'the kill');
  t.match(messages(io).at(-1), 'error: the stop has not come to its end within 5.5 s');
  release();
  await code;
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`serve ends at once with ${signal} while its start goes on`, async (t) => {
    const path = join(t.testdir({ 'failoverd.yaml': CONFIG }), 'failoverd.yaml');
    const io = fakeIo();
    const code = serveUntilSignal(path, io, () => {
      io.signal(signal);
      return new Promise(() => {}); // a start that hangs
    });
    t.equal(await code, 0);
    t.same(io.deaths, [signal]);
    t.same(messages(io), ['info: stopped before the start was over']);
  });
}

t.test('serve ends at once with SIGTERM while its config is read', async (t) => {
  const path = join(t.testdir({ 'failoverd.yaml': CONFIG }), 'failoverd.yaml');
  const io = fakeIo();
  const { start, daemons } = fakeStarts();
  const code = serveUntilSignal(path, io, start);
  io.signal('SIGTERM');
  t.equal(await code, 0);
  t.same(io.deaths, ['SIGTERM']);
  t.same(daemons, []);
});

t.test('serve follows a SIGHUP that came during its start', async (t) => {
  const path = join(t.testdir({ 'failoverd.yaml': CONFIG }), 'failoverd.yaml');
  const io = fakeIo();
  const starts = fakeStarts();
  const code = serveUntilSignal(path, io, starts.start);
  io.signal('SIGHUP');
  await until(() => io.written.stdout.includes('reloaded'), 'the reload');
  t.equal(starts.daemons[0]?.reloads.length, 1);
  io.signal('SIGTERM');
  await code;
});

t.test('serve tells its workers to stop when the process crashes, and logs why', async (t) => {
  const { io, daemon, code } = await serving(t);
  await io.crash(new TypeError('no such thing'));
  t.ok(daemon.isAbandoned);
  t.match(io.written.stdout, /"level":"error".*TypeError: no such thing.*"msg":"crashed"/);
  io.signal('SIGTERM');
  await code;
});

t.test('serve reloads its config with SIGHUP, and says what needs a restart', async (t) => {
  const { path, io, daemon, code } = await serving(t);
  daemon.onReload = async () => ({
    changes: '1 record changed',
    notes: ['"admin" has changed: restart failoverd for it'],
  });
  writeFileSync(path, CONFIG.replace('192.0.2.10', '192.0.2.11'));
  io.signal('SIGHUP');
  await until(() => io.written.stdout.includes('restart failoverd'), 'the reload');
  t.match(daemon.reloads, [
    { zones: [{ records: [{ targets: [{ endpoints: [{ address: '192.0.2.11' }] }, {}, {}] }] }] },
  ]);
  io.signal('SIGTERM');
  await code;
  t.same(messages(io).slice(2, 4), [
    `info: reloaded ${path}: 1 record changed`,
    'warn: "admin" has changed: restart failoverd for it',
  ]);
});

t.test('serve keeps the old config when the new one has errors, and prints every one', async (t) => {
  const { path, io, daemon, code } = await serving(t);
  writeFileSync(path, CONFIG.replace('primary', 'primry').replace('healthz', 'healthz, ttl: 0s'));
  io.signal('SIGHUP');
  await until(() => io.written.stdout.includes('reload refused'), 'the refusal');
  t.same(daemon.reloads, []);
  io.signal('SIGTERM');
  await code;
  const [first, second, third] = messages(io).slice(2);
  t.match(first, `error: ${path}:7:13 unknown key "primry"`);
  t.match(second, `error: ${path}:7:`);
  t.equal(third, `error: reload refused: 2 errors in ${path}; the old config stays in force`);
});

t.test('serve keeps the old config when the new one cannot be had', async (t) => {
  const { io, daemon, starts, code } = await serving(t);
  const failures = [new ListenError('127.0.0.1:5300 (UDP) is taken'), new TypeError('no such thing')];
  daemon.onReload = () => Promise.reject(failures.shift());
  io.signal('SIGHUP');
  await until(() => io.written.stdout.includes('reload refused'), 'the refusal');
  io.signal('SIGHUP');
  await until(() => io.written.stdout.includes('reload failed'), 'the failure');
  t.same(starts.deps[0]?.reloads(), { succeeded: 0, failed: 2 });
  io.signal('SIGTERM');
  await code;
  t.same(messages(io).slice(2, 4), [
    'error: reload refused: 127.0.0.1:5300 (UDP) is taken; the old config stays in force',
    'error: reload failed: the old config stays in force',
  ]);
});

t.test('serve folds the signals that come during a reload into one more', async (t) => {
  const { io, daemon, starts, code } = await serving(t);
  let release = (): void => {};
  daemon.onReload = () =>
    new Promise((resolve) => {
      release = () => resolve({ changes: 'nothing changed', notes: [] });
    });
  io.signal('SIGHUP');
  await until(() => daemon.reloads.length === 1, 'the first reload');
  for (let i = 0; i < 5; i++) io.signal('SIGHUP');
  release();
  await until(() => daemon.reloads.length === 2, 'the second reload');
  release();
  await until(() => io.written.stdout.split('reloaded').length === 3, 'both reloads');
  t.equal(daemon.reloads.length, 2);
  t.same(starts.deps[0]?.reloads(), { succeeded: 2, failed: 0 });
  io.signal('SIGTERM');
  await code;
});

const refusals = [
  new ListenError('127.0.0.1:53 (UDP) is taken by another process; stop it or change "listen"'),
  new HistoryRefusedError('/var/lib/failoverd.db: no permission to write'),
];

for (const refusal of refusals) {
  t.test(`serve says why a start was refused in one line: ${refusal.name}`, async (t) => {
    const path = join(t.testdir({ 'failoverd.yaml': CONFIG }), 'failoverd.yaml');
    const io = fakeIo();
    const refuse: StartServing = () => Promise.reject(refusal);
    t.equal(await serveUntilSignal(path, io, refuse), 1);
    t.same(io.written, { stdout: '', stderr: `failoverd: ${refusal.message}\n` });
  });
}

t.test('serve does not hide a bug behind a refused start', async (t) => {
  const path = join(t.testdir({ 'failoverd.yaml': CONFIG }), 'failoverd.yaml');
  const start: StartServing = () => Promise.reject(new TypeError('no such thing'));
  await t.rejects(serveUntilSignal(path, fakeIo(), start), new TypeError('no such thing'));
});

t.test('serve ends with exit code 3 for a config that has errors, and starts nothing', async (t) => {
  const io = fakeIo();
  const { start, daemons } = fakeStarts();
  t.equal(await serveUntilSignal('no-such.yaml', io, start), 3);
  t.equal(io.written.stderr, 'no-such.yaml  error    cannot be read: no such file\n1 error\n');
  t.same(daemons, []);
});
