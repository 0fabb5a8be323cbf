/**
 * A night and the morning after: the primary is killed, `failoverd explain` says why the name moved and until when clients
 * were misled; by day a drill puts the backup to the test. Everything is the real daemon, real servers, and the commands.
 */
import { execFile } from 'node:child_process';
import path from 'node:path';
import t, { type Test } from 'tap';
import type { DrillReport } from '../../src/runtime/drill-report.ts';
import type { Explanation } from '../../src/runtime/explanation.ts';
import type { TransitionView } from '../../src/runtime/history-report.ts';
import { type Backend, startBackend } from '../helpers/backend.ts';
import { digUntil, LAUNCHER, type Served, serve, status } from '../helpers/serve.ts';

const NAME = 'app.example.com';

interface Scene {
  readonly primary: Backend;
  readonly backup: Backend;
  readonly directory: string;
  readonly served: Served;
  readonly config: string;
  /** Runs a failoverd command. */
  command(...args: readonly string[]): Promise<{ code: number; output: string }>;
}

/** A record on its primary, `last` distinguishes the addresses of the tests. */
async function scene(t: Test, last: number): Promise<Scene> {
  const [one, two, admin] = [`127.0.0.${last}`, `127.0.0.${last + 1}`, `127.0.0.${last + 2}`];
  const primary = await startBackend(one);
  const backup = await startBackend(two, primary.port);
  const free = await startBackend(admin); // a port that is free in a moment
  await free.kill();
  const directory = t.testdir();
  const config = `
listen: ["127.0.0.1:0"]
admin: {listen: "${admin}:${free.port}"}
zones:
  ${NAME}:
    nameservers: {ns1.${NAME}: 127.0.0.1}
    records:
      "@":
        ttl: 2s
        primary: ${one}
        backup: ${two}
        failback: {after: 1s}
        check: {url: "http://${NAME}:${primary.port}/", interval: 1s, timeout: 900ms, confirm: 100ms}
`;
  const served = await serve(directory, config);
  t.teardown(async () => {
    await served.stop();
    await Promise.all([primary.kill(), backup.kill()]);
  });
  const command: Scene['command'] = (...args) =>
    new Promise((resolve) => {
      const all = [...args, '--config', path.join(directory, 'failoverd.yaml')];
      execFile(LAUNCHER, all, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
      });
    });
  await digUntil(served.dnsPort, NAME, one);
  return { primary, backup, directory, served, config, command };
}

t.test('explain says why the name moved, by id, by record, by the API, and without a daemon', async (t) => {
  const { primary, backup, served, command } = await scene(t, 41);
  await primary.kill();
  await digUntil(served.dnsPort, NAME, backup.host);
  const rows = JSON.parse((await command('history', NAME, '--json')).output) as readonly TransitionView[];
  const id = rows.find(({ cause }) => cause === 'failover')?.id;

  const explain = async (which: string) =>
    JSON.parse((await command('explain', which, '--json')).output) as Explanation;
  let explanation = await explain(`${id}`);
  while (explanation.publishedAt === null) explanation = await explain(`${id}`); // written within a second
  t.match(explanation, {
    cause: 'failover',
    row: 9,
    ttlSeconds: 2,
    generation: 1,
    targets: { primary: 'down', backup: 'up' },
    fromAddresses: [primary.host],
    toAddresses: [backup.host],
    previous: { cause: 'start' },
    next: null,
  });
  t.match(
    explanation.probes.filter(({ target }) => target === 'primary').slice(-3),
    [1, 2, 0].map((count, n) => ({ reason: 'refused', counter: { status: n < 2 ? 'up' : 'down', count } })),
  );
  const { outage } = explanation;
  t.match(explanation.endpoints[0], { before: { status: 'up', count: 2, of: 3 }, after: { status: 'down' } });
  if (!outage?.lastGoodAt || !outage.publishedAt || !outage.movedBy) return t.fail('the outage was not measured');
  const times = [outage.lastGoodAt, outage.firstBadAt, outage.decidedAt, outage.publishedAt, outage.movedBy];
  t.same([...times].sort(), times, 'in this order');
  t.equal(Date.parse(outage.movedBy) - Date.parse(outage.publishedAt), 2000, 'the TTL');
  t.equal(outage.atMostMs, Date.parse(outage.movedBy) - Date.parse(outage.lastGoodAt));

  const response = await fetch(`${served.adminUrl}/api/v1/transitions/${id}`);
  t.same(await response.json(), explanation, 'the API says the same');
  for (const [wrong, code] of [
    ['999', 404],
    ['nothing', 404],
  ] as const) {
    t.equal((await fetch(`${served.adminUrl}/api/v1/transitions/${wrong}`)).status, code);
  }
  await served.stop();
  const text = await command('explain', NAME);
  t.equal(text.code, 0);
  t.match(text.output, new RegExp(`^transition ${id}: ${NAME} failover, primary → backup\n`));
  t.match(text.output, /row 9: active down, another up/);
  t.match(
    text.output,
    /Detected in \d\.\d s\. Clients that honour the TTL had moved by \d\d:\d\d:\d\d\.\d; at most \d\.\d s after the last good probe\./,
  );
  t.comment(text.output);
  t.match(await command('explain', '999'), { code: 1, output: /there is no transition 999/ });
});

t.test('a drill ends by itself, and its report says what was answered when', async (t) => {
  const { primary, backup, served, command } = await scene(t, 44);
  const { code, output } = await command(
    ...['drill', NAME, '--for', '3s', '--reason', 'quarterly drill', '--actor', 'alice'],
  );
  t.equal(code, 0);
  t.match(output, /^drill of app\.example\.com to backup$/m);
  t.match(output, /It lasted \d+s: the drill is over\./);
  t.comment(output);
  await digUntil(served.dnsPort, NAME, primary.host);
  const report = JSON.parse((await command('drill', NAME, '--last', '--json')).output) as DrillReport;
  t.match(report, {
    status: 'over',
    reason: 'quarterly drill',
    actor: 'alice',
    changes: [
      { cause: 'override', toTarget: 'backup', toAddresses: [backup.host] },
      { cause: 'release', toTarget: 'primary', reason: 'the drill is over' },
    ],
    probes: [{ target: 'primary' }, { target: 'backup' }],
  });
  t.ok(Number(report.probes[1]?.passes) > 0, 'the backup was probed meanwhile');
  t.match((await command('history', NAME)).output, /override \(drill\) +primary → backup/);
  const rows = JSON.parse((await command('history', NAME, '--json')).output) as readonly TransitionView[];
  t.same(
    rows.map(({ cause, isDrill }) => [cause, isDrill]),
    [
      ['release', true],
      ['override', true],
      ['start', false],
    ],
  );
});

t.test('a drill shows in the status, ends early when the backup fails, and none begins while it is down', async (t) => {
  const { primary, backup, served, command } = await scene(t, 47);
  const running = command('drill', NAME, '--for', '10m', '--reason', 'test', '--actor', 'alice');
  await digUntil(served.dnsPort, NAME, backup.host);
  t.match((await status(served)).records[0]?.override, { isDrill: true, target: 'backup', actor: 'alice' });
  t.match((await command('status')).output, /drill on backup by alice/);
  t.match(await command('drill', NAME, '--reason', 'another'), { code: 1, output: /an override to backup stands/ });
  await backup.kill();
  await digUntil(served.dnsPort, NAME, primary.host);
  t.match((await running).output, /the drill is over early: backup 127\.0\.0\.48: refused ×3/);
  t.match(await command('drill', NAME, '--reason', 'again'), { code: 1, output: /no backup is ready: backup is down/ });
});

t.test('a drill that was under way at a kill -9 goes on after the restart, and ends by its time', async (t) => {
  const { primary, backup, served, directory, config, command } = await scene(t, 51);
  const running = command('drill', NAME, '--for', '12s', '--reason', 'test');
  await digUntil(served.dnsPort, NAME, backup.host);
  await served.stop('SIGKILL');
  const again = await serve(directory, config);
  t.teardown(() => again.stop());
  t.match((await status(again)).records[0]?.override, { isDrill: true });
  await digUntil(again.dnsPort, NAME, primary.host);
  await running;
  const [last] = JSON.parse((await command('history', NAME, '--json')).output) as readonly TransitionView[];
  t.match(last, { cause: 'release', isDrill: true, reason: 'the drill is over' });
});
