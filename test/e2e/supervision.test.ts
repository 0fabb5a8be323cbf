/**
 * What a supervisor sees of failoverd: systemd's messages on a real datagram socket, an orderly end whatever it is that
 * ends it, and a last line that says why. The unexpected is brought in from outside, by a module that NODE_OPTIONS preloads.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import t, { type Test } from 'tap';
import { LAUNCHER, serve } from '../helpers/serve.ts';

const CONFIG = `
listen: ["127.0.0.1:0"]
workers: 1
admin: {listen: "127.0.0.1:0"}
zones:
  app.example.com:
    nameservers: {ns1.app.example.com: 127.0.0.1}
    records:
      "@": {primary: 127.0.0.21, backup: 127.0.0.22, check: {tcp: 9}}
`;

function has(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** systemd-notify ends when the receiver has closed what comes with BARRIER=1; after MAINPID this one waits for a line before that. */
const RECEIVER = `
import os, socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print('bound', flush=True)
isHeld = False
while True:
    data, files, _, _ = socket.recv_fds(receiver, 4096, 1)
    message = data.decode()
    if message.startswith('BARRIER') and isHeld:
        sys.stdin.readline()
        isHeld = False
    for file in files:
        os.close(file)
    if not message.startswith('BARRIER'):
        isHeld = 'MAINPID' in message
        print(message.replace('\\n', ' ').strip(), flush=True)
`;

interface Systemd {
  readonly file: string;
  until(pattern: RegExp): Promise<readonly string[]>;
  /** Takes note of a MAINPID. */
  goOn(): void;
}

/** Plays systemd. The messages come in the order in which they were sent. */
async function receive(t: Test): Promise<Systemd> {
  const file = path.join('/tmp', `failoverd-notify-${process.pid}-${nextReceiver++}`); // a socket's path has 108 octets at most
  const child: ChildProcess = spawn('python3', ['-c', RECEIVER, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const messages: string[] = [];
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  lines.on('line', (line) => messages.push(line));
  await once(lines, 'line');
  return {
    file,
    async until(pattern) {
      while (!messages.some((message) => pattern.test(message))) await once(lines, 'line');
      return messages;
    },
    goOn: () => void child.stdin?.write('\n'),
  };
}

let nextReceiver = 1;

const skip = has('python3') && has('systemd-notify') ? false : 'systemd-notify and python3 are needed';

t.test('systemd is told READY, WATCHDOG, RELOADING with its time, READY again, and STOPPING', { skip }, async (t) => {
  const systemd = await receive(t);
  const served = await serve(t.testdir(), CONFIG, { NOTIFY_SOCKET: systemd.file, WATCHDOG_USEC: '1000000' });
  t.teardown(() => served.stop('SIGKILL'));
  await systemd.until(/^WATCHDOG=1$/);
  served.process.kill('SIGHUP');
  await systemd.until(/^RELOADING=1/);
  await served.line(/reloaded/);
  t.equal(await served.stop(), 0);
  const messages = await systemd.until(/^STOPPING=1$/);
  const [bound, ...states] = messages.filter((message) => message !== 'WATCHDOG=1');
  t.equal(bound, 'bound');
  t.match(states, ['READY=1', /^RELOADING=1 MONOTONIC_USEC=\d+$/, 'READY=1', 'STOPPING=1']);
  t.ok(Number(/\d+$/.exec(states[1] ?? '')?.[0]) < Number(process.hrtime.bigint() / 1000n), 'CLOCK_MONOTONIC');
});

t.test(
  'a successor is the main process before the old one ends, so that systemd does not end the service',
  { skip },
  async (t) => {
    const systemd = await receive(t);
    const directory = t.testdir();
    const first = await serve(directory, CONFIG, { NOTIFY_SOCKET: systemd.file });
    t.teardown(() => first.stop('SIGKILL'));
    const succeeding = serve(directory, CONFIG, { NOTIFY_SOCKET: systemd.file }, ['--replace']);
    const messages = await systemd.until(/MAINPID=/);
    const ended = await Promise.race([first.exited, sleep(300, 'it lives')]);
    t.equal(ended, 'it lives', 'while systemd has not taken note of it');
    systemd.goOn();
    const second = await succeeding;
    t.teardown(() => second.stop('SIGKILL'));
    t.equal(await first.exited, 0);
    t.same(messages, ['bound', 'READY=1', `READY=1 MAINPID=${second.process.pid}`]);
    t.equal(await second.stop(), 0);
    t.same((await systemd.until(/^STOPPING=1$/)).slice(3), ['STOPPING=1'], 'said by the second one alone');
  },
);

t.test('without NOTIFY_SOCKET, or with one that nobody reads, the service does its work', async (t) => {
  const served = await serve(t.testdir(), CONFIG, { NOTIFY_SOCKET: '/nonexistent/notify' });
  await served.line(/systemd cannot be told/);
  t.equal(await served.stop(), 0);
});

const CRASHES = {
  'an uncaught exception': 'setImmediate(() => { throw new TypeError("no such thing"); })',
  'an unhandled rejection': 'void Promise.reject(new TypeError("no such thing"))',
};

for (const [name, crash] of Object.entries(CRASHES)) {
  t.test(`${name} ends the process with one last line and exit code 1`, async (t) => {
    const directory = t.testdir({ 'crash.mjs': `process.once('SIGUSR2', () => { ${crash}; });` });
    const preload = pathToFileURL(path.join(directory, 'crash.mjs'));
    const served = await serve(directory, CONFIG, { NODE_OPTIONS: `--import=${preload}` });
    t.equal(await served.stop('SIGUSR2'), 1);
    await served.line(/this is a bug/);
    t.equal(served.lines.at(-1), 'failoverd: no such thing; this is a bug, please report it as CONTRIBUTING.md says');
    await served.line(/"level":"error".*TypeError: no such thing.*"msg":"crashed"/);
  });
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal} ends a start that hangs`, async (t) => {
    const directory = t.testdir({});
    const file = path.join(directory, 'failoverd.yaml');
    execFileSync('mkfifo', [file]);
    const child = spawn(LAUNCHER, ['serve', '--config', file], { stdio: ['ignore', 'inherit', 'inherit'] });
    t.teardown(() => child.kill('SIGKILL'));
    const writer = await open(file, 'w'); // settles when failoverd reads its config, which never comes
    t.teardown(() => writer.close());
    await sleep(200); // so that a thread is in the middle of it: an exit would wait for that
    child.kill(signal);
    t.same(await once(child, 'exit'), [null, signal]);
  });
}
