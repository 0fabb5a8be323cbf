/** The commands that ask a running failoverd, against a real API with something else behind it. */
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { AdminHandlers } from '../../src/admin/routes.ts';
import { run } from '../../src/cli/run.ts';
import type { StatusReport } from '../../src/runtime/status.ts';
import { fakeHandlers, serveAdmin } from '../helpers/admin.ts';
import { cli, fakeIo } from './io.ts';
import { REPORT } from './report.ts';

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

t.test('with a broken config, --admin is what is proposed; what it takes is checked', async (t) => {
  const { tokenFile } = await start(t, {});
  const config = join(tokenFile, '../failoverd.yaml');
  t.match(await cli('alarms', '--config', config), {
    code: 3,
    stderr: /With --admin <url> the running failoverd is asked/,
  });
  t.match(await cli('alarms', '--admin', 'localhost'), { code: 2, stderr: /--admin must be a URL such as http/ });
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
