/**
 * The main job, as an operator sees it: failoverd runs by its launcher, two real web servers stand behind a record, one of
 * them is killed, stopped and started again, `dig` asks, and the rows are read from the database file.
 */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { type Backend, startBackend } from '../helpers/backend.ts';
import { dig, digUntil, LAUNCHER, serve, written } from '../helpers/serve.ts';

const run = promisify(execFile);
const NAME = 'app.example.com';
const CHECK = { intervalMs: 1000, timeoutMs: 500, confirmMs: 200, fall: 3 };

function configOf(port: number, over = ''): string {
  return `
listen: ["127.0.0.1:0"]
admin: {listen: "127.0.0.1:0"}
zones:
  ${NAME}:
    nameservers: {ns1.${NAME}: 127.0.0.1}
    static:
      - {name: www, type: CNAME, data: ${NAME}.}
    records:
      "@":
        ttl: 2s
        primary: 127.0.0.21
        backup: 127.0.0.22
        failback: {after: 2s}
        check:
          url: http://${NAME}:${port}/healthz
          interval: ${CHECK.intervalMs}ms
          timeout: ${CHECK.timeoutMs}ms
          confirm: ${CHECK.confirmMs}ms
          fall: ${CHECK.fall}
          rise: 2
${over}`;
}

async function backends(): Promise<readonly [Backend, Backend]> {
  const primary = await startBackend('127.0.0.21');
  return [primary, await startBackend('127.0.0.22', primary.port)];
}

interface Row {
  readonly cause: string;
  readonly toTarget: string;
  readonly reason: string;
}

async function history(directory: string): Promise<readonly Row[]> {
  const args = ['history', NAME, '--config', path.join(directory, 'failoverd.yaml'), '--json'];
  const { stdout } = await run(LAUNCHER, args, { cwd: directory });
  const rows = JSON.parse(stdout) as readonly Row[];
  return rows;
}

t.test('a killed primary: dig shows the backup in time, and the primary again when it is back', async (t) => {
  const [primary, backup] = await backends();
  const directory = t.testdir();
  const served = await serve(directory, configOf(primary.port));
  t.teardown(async () => {
    await served.stop();
    await Promise.all([primary.kill(), backup.kill()]);
  });
  await digUntil(served.dnsPort, NAME, '127.0.0.21');

  await primary.kill();
  t.comment(`flipped within ${Math.round(await digUntil(served.dnsPort, NAME, '127.0.0.22'))} ms`);

  const mended = await startBackend('127.0.0.21', primary.port);
  t.teardown(() => mended.kill());
  await digUntil(served.dnsPort, NAME, '127.0.0.21');
  const causes = (await history(directory)).map(({ cause }) => cause);
  t.same([...causes].sort(), ['failback', 'failover', 'start']);
});

t.test('a primary that accepts and never replies (SIGSTOP): dig shows the backup in time', async (t) => {
  const [primary, backup] = await backends();
  const directory = t.testdir();
  const served = await serve(directory, configOf(primary.port));
  t.teardown(async () => {
    await served.stop();
    await Promise.all([primary.kill(), backup.kill()]);
  });
  await digUntil(served.dnsPort, NAME, '127.0.0.21');

  primary.signal('SIGSTOP');
  t.comment(`flipped within ${Math.round(await digUntil(served.dnsPort, NAME, '127.0.0.22'))} ms`);
  const failover = (await history(directory)).find(({ cause }) => cause === 'failover');
  t.equal(failover?.reason, 'primary 127.0.0.21: timeout (headers) ×3');

  await backup.kill();
  const line = await served.line(/ all_down: /);
  t.match(line, /backup 127\.0\.0\.22/);
  t.equal(await dig(served.dnsPort, '+short', NAME), '127.0.0.22', 'the answer is kept');
  t.ok((await history(directory)).some(({ cause }) => cause === 'all_down'));
  primary.signal('SIGCONT');
});

t.test('kill -9 of failoverd on the backup, then serve again: the first answer is the backup', async (t) => {
  const [primary, backup] = await backends();
  const directory = t.testdir();
  const config = configOf(primary.port);
  const first = await serve(directory, config);
  await digUntil(first.dnsPort, NAME, '127.0.0.21');
  await primary.kill();
  await digUntil(first.dnsPort, NAME, '127.0.0.22');
  await written(directory, 'failover');
  t.equal(await first.stop('SIGKILL'), 'SIGKILL');

  const second = await serve(directory, config);
  t.teardown(async () => {
    await second.stop();
    await backup.kill();
  });
  t.equal(await dig(second.dnsPort, '+short', NAME), '127.0.0.22');
});

t.test('dig AAAA, SOA, NS, nosuch, +tcp and a foreign name answer as RFC 1034 and 2308 say', async (t) => {
  const [primary, backup] = await backends();
  const served = await serve(t.testdir(), configOf(primary.port));
  t.teardown(async () => {
    await served.stop();
    await Promise.all([primary.kill(), backup.kill()]);
  });
  await digUntil(served.dnsPort, NAME, '127.0.0.21');
  const ask = (...args: readonly string[]): Promise<string> => dig(served.dnsPort, '+norec', ...args);

  const aaaa = await ask(NAME, 'AAAA');
  t.match(aaaa, /status: NOERROR/);
  t.match(aaaa, /flags: qr aa; QUERY: 1, ANSWER: 0, AUTHORITY: 1/);
  t.match(
    await ask(NAME, 'SOA'),
    /app\.example\.com\.\s+\d+\s+IN\s+SOA\s+ns1\.app\.example\.com\. hostmaster\.app\.example\.com\./,
  );
  t.match(await ask(NAME, 'NS'), /IN\s+NS\s+ns1\.app\.example\.com\./);
  const nosuch = await ask(`nosuch.${NAME}`);
  t.match(nosuch, /status: NXDOMAIN/);
  t.match(
    nosuch,
    /AUTHORITY SECTION:\napp\.example\.com\.\s+2\s+IN\s+SOA/,
    'the negative TTL is not above the record TTL',
  );
  t.match(await ask('+tcp', '+short', NAME), '127.0.0.21');
  t.match(await ask('+short', `www.${NAME}`), /^app\.example\.com\.\n127\.0\.0\.21$/);
  t.match(await ask('example.org'), /status: REFUSED/);
});
