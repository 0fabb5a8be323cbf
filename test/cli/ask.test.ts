/** The commands that ask a running failoverd, against a real API with something else behind it. */
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { AdminHandlers } from '../../src/admin/routes.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { run } from '../../src/cli/run.ts';
import type { TransitionQuery, TransitionView } from '../../src/runtime/history-report.ts';
import type { StatusReport } from '../../src/runtime/status.ts';
import { fakeHandlers, fakeReader, serveAdmin } from '../helpers/admin.ts';
import { fakeOrders } from '../helpers/orders.ts';
import { cli, fakeIo } from './io.ts';
import { REPORT } from './report.ts';

const TRANSITION: TransitionView = {
  ...{ id: 1, at: REPORT.now, record: 'app.example.com', cause: 'failover', fromTarget: 'primary', toTarget: 'backup' },
  ...{ fromAddresses: ['192.0.2.10'], toAddresses: ['198.51.100.20'], reason: 'refused ×3', evidence: {} },
  ...{ actor: 'prober', isDrill: false, serial: 7, firstFailAt: null, detectedMs: null },
};

const TOKEN = 'a-long-enough-token-for-a-test';

async function start(t: Test, over: Partial<AdminHandlers>): Promise<{ url: string; tokenFile: string }> {
  const { url } = await serveAdmin(t, fakeHandlers(over), { token: TOKEN });
  return { url, tokenFile: join(t.testdir({ token: `${TOKEN}\n`, 'failoverd.yaml': 'broken: [' }), 'token') };
}

const reporting = (verdict: StatusReport['verdict']): Partial<AdminHandlers> => ({
  status: async () => ({ ...REPORT, verdict }),
});

for (const [verdict, code] of [
  ['ok', 0],
  ['on_backup', 10],
  ['all_down', 11],
  ['prober_blind', 12],
  ['storage_degraded', 13],
] as const) {
  t.test(`status --exit-code ends with ${code} for ${verdict}, and with 0 without it`, async (t) => {
    const { url, tokenFile } = await start(t, reporting(verdict));
    const at = ['--admin', url, '--token-file', tokenFile];
    t.equal((await cli('status', '--exit-code', ...at)).code, code);
    t.equal((await cli('status', ...at)).code, 0);
  });
}

t.test('status --watch shows it anew until it is interrupted', async (t) => {
  let asked = 0;
  const io = fakeIo();
  const status = async (): Promise<StatusReport> => {
    asked += 1;
    if (asked === 2) setImmediate(() => io.signal('SIGINT'));
    return { ...REPORT, verdict: 'on_backup' };
  };
  const { url, tokenFile } = await start(t, { status });
  const code = await run(['status', '--watch', '--json', '--exit-code', '--admin', url, '--token-file', tokenFile], io);
  t.equal(code, 10);
  const lines = io.written.stdout.trim().split('\n');
  t.ok(lines.length >= 1, `${lines.length} reports`);
  for (const line of lines) t.match(JSON.parse(line), { verdict: 'on_backup' });
});

t.test('alarms prints those that stand', async (t) => {
  const alarm = { name: 'backup_down', subject: 'app.example.com backup', message: 'refused ×3', since: REPORT.now };
  const { url, tokenFile } = await start(t, { alarms: { list: () => [alarm], resolved: () => [] } });
  const at = ['--admin', url, '--token-file', tokenFile];
  t.match((await cli('alarms', ...at)).stdout, /^ALARM .*\nbackup_down {2}app\.example\.com backup .* refused ×3\n$/);
  t.same(JSON.parse((await cli('alarms', '--json', ...at)).stdout), { alarms: [alarm], resolved: [] });
  const quiet = await start(t, { alarms: { list: () => [], resolved: () => [] } });
  t.equal((await cli('alarms', '--admin', quiet.url, '--token-file', quiet.tokenFile)).stdout, 'No alarms.\n');
});

t.test('reload prints what has changed, or every problem like check', async (t) => {
  const done = await start(t, {
    reload: async () => ({ ok: true, message: '', changes: 'nothing changed', notes: ['"log" has changed'] }),
  });
  const reloaded = await cli('reload', '--admin', done.url, '--token-file', done.tokenFile);
  t.same([reloaded.code, reloaded.stdout], [0, 'reloaded\nnothing changed\n"log" has changed\n']);
  const problems = [
    { file: 'failoverd.yaml', line: 9, column: 5, severity: 'error', message: 'unknown key "primry"' },
  ] as const;
  const message = '1 error in failoverd.yaml; the old config stays in force';
  const broken = await start(t, { reload: async () => ({ ok: false, message, problems }) });
  t.match(await cli('reload', '--admin', broken.url, '--token-file', broken.tokenFile), {
    code: 3,
    stderr:
      /^failoverd\.yaml:9:5 +error +unknown key "primry"\n(?:.*\n)*failoverd: 1 error in failoverd\.yaml; the old config stays/,
  });
});

/** Each order as a command line, and what it asks of the server. */
const ORDERS = [
  [
    ['switch', 'App.Example.com.', 'backup'],
    ['switchTo', 'app.example.com.', { target: 'backup' }],
  ],
  [
    ['release', 'app.example.com'],
    ['release', 'app.example.com.', {}],
  ],
  [
    ['failback', 'app.example.com'],
    ['failback', 'app.example.com.', {}],
  ],
  [
    ['drain', 'app.example.com', 'primary'],
    ['drain', 'app.example.com.', 'primary'],
  ],
  [
    ['undrain', 'app.example.com', 'primary'],
    ['undrain', 'app.example.com.', 'primary'],
  ],
] as const;

for (const [line, call] of ORDERS) {
  t.test(`${line[0]} --admin gives its order without a config`, async (t) => {
    const orders = fakeOrders();
    const { url, tokenFile } = await start(t, { orders });
    const run = await cli(...line, '--reason', 'fire', '--admin', url, '--token-file', tokenFile);
    t.match(run, { code: 0, stdout: /^done: app\.example\.com; / });
    t.match(orders.calls, [call]);
  });
}

t.test('an order that is not in the database yet is done, with a warning', async (t) => {
  const { url, tokenFile } = await start(t, { audit: async () => 'queued' });
  const run = await cli('release', 'app.example.com', '--reason', 'x', '--admin', url, '--token-file', tokenFile);
  t.match(run, { code: 0, stdout: /^done: /, stderr: /^warning: it is not in the database yet/ });
});

t.test('an order with --admin says what the server says of a record or a target that there is not', async (t) => {
  const unknown = await start(t, { orders: fakeOrders(null, null) });
  const at = ['--reason', 'fire', '--admin', unknown.url, '--token-file', unknown.tokenFile];
  t.match(await cli('release', 'ap.example.com', ...at), {
    code: 1,
    stderr: 'failoverd: there is no record ap.example.com\n',
  });
  t.match(await cli('release', 'a..b', ...at), { code: 2, stderr: /"a\.\.b" is no domain name/ });
  const refusing = await start(t, { orders: fakeOrders('there is no target "x"; the record has primary, backup') });
  t.match(
    await cli(
      ...['switch', 'app.example.com', 'x', '--reason', 'fire', '--admin', refusing.url],
      ...['--token-file', refusing.tokenFile],
    ),
    { code: 1, stderr: 'failoverd: there is no target "x"; the record has primary, backup\n' },
  );
});

t.test('drill --last, notify test, zone and healthcheck work with --admin alone', async (t) => {
  const { url, tokenFile } = await start(t, { testNotify: async () => [] });
  const at = ['--admin', url, '--token-file', tokenFile];
  t.match(await cli('drill', 'app.example.com', '--last', ...at), { code: 1, stderr: /there was no drill of app\./ });
  t.match(await cli('notify', 'test', ...at), { code: 0, stdout: /^nobody is told/ });
  t.match(await cli('zone', 'app.example.com', ...at), { code: 1, stderr: /no zone "app\.example\.com" is served/ });
  t.match(await cli('healthcheck', '--admin', url), { code: 0, stdout: 'healthy\n' });
});

t.test('history --admin reads as many pages as it must, and explain --admin asks the server', async (t) => {
  const all = Array.from({ length: 1_500 }, (_, i) => ({ ...TRANSITION, id: 1_500 - i }));
  const asked: TransitionQuery[] = [];
  const reader = fakeReader({
    async transitions(query) {
      asked.push(query);
      const rows = all.filter(({ id }) => query.beforeId === undefined || id < query.beforeId);
      return { ok: true, value: query.record === 'quiet.example.com.' ? [] : rows.slice(0, query.limit) };
    },
  });
  const { url, tokenFile } = await start(t, { reader });
  const at = ['--admin', url, '--token-file', tokenFile];
  const { code, stdout } = await cli('history', 'app.example.com', '--limit', '1200', '--json', '--since', '1h', ...at);
  t.equal(code, 0);
  const ids = (JSON.parse(stdout) as { id: number }[]).map(({ id }) => id);
  t.same([ids.length, ids[0], ids.at(-1), new Set(ids).size], [1_200, 1_500, 301, 1_200]);
  t.match(asked, [
    { record: 'app.example.com.', limit: 1_000, sinceEpochMs: Number },
    { limit: 200, beforeId: 501, sinceEpochMs: Number },
  ]);
  t.match((await cli('history', ...at)).stdout, /\n1500 .* app\.example\.com .* primary → backup /);
  t.match(await cli('history', 'quiet.example.com', ...at), {
    code: 1,
    stderr: /no transitions, and there is no record "quiet\.example\.com"/,
  });
  t.match(await cli('explain', '7', ...at), { code: 1, stderr: /there is no transition 7\n/ });
  t.match(await cli('explain', 'quiet.example.com', ...at), {
    code: 1,
    stderr: /there is no transition of quiet\.example\.com, and there is no record "quiet/,
  });
});

t.test('every command takes --admin but those that need no running server', async (t) => {
  const without = [];
  for (const { name, load } of COMMANDS) if (!('admin' in (await load()).options)) without.push(name);
  t.same(without, ['demo', 'init', 'serve', 'check', 'replay', 'probe', 'delegation', 'backup', 'completion']);
});

t.test('with a broken config, --admin is what is proposed; what it takes is checked', async (t) => {
  const { tokenFile } = await start(t, {});
  const config = join(tokenFile, '../failoverd.yaml');
  t.match(await cli('alarms', '--config', config), {
    code: 3,
    stderr: /With --admin <url> the running failoverd is asked/,
  });
  t.match(await cli('alarms', '--admin', 'localhost'), { code: 2, stderr: /--admin must be a URL such as http/ });
  t.match(await cli('alarms', '--admin', 'https://127.0.0.1:1'), {
    code: 4,
    stderr: /answers on https:\/\/127\.0\.0\.1:1 /,
  });
  t.match(await cli('alarms', '--token-file', tokenFile), { code: 2, stderr: /--token-file goes with --admin/ });
  t.match(await cli('alarms', '--admin', 'http://127.0.0.1:1', '--token-file', '/nowhere'), {
    code: 1,
    stderr: /^failoverd: --token-file \/nowhere cannot be read: no such file\n$/,
  });
  t.match(await cli('alarms', '--admin', 'http://127.0.0.1:1'), {
    code: 4,
    stderr: /127\.0\.0\.1:1 .*start "failoverd serve", or name another address with --admin\n$/,
  });
});
