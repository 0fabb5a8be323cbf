/** An operator's day: a switch for a while, a drain, a refusal; each command against the daemon that runs, each answer by dig. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { startBackend } from '../helpers/backend.ts';
import { digUntil, LAUNCHER, serve } from '../helpers/serve.ts';

const NAME = 'app.example.com';

t.test(
  'switch, release, drain, undrain and failback change what dig says, and the history says who and why',
  async (t) => {
    const primary = await startBackend('127.0.0.31');
    const backup = await startBackend('127.0.0.32', primary.port);
    const directory = t.testdir();
    const admin = await startBackend('127.0.0.33'); // a port that is free in a moment
    await admin.kill();
    const served = await serve(
      directory,
      `
listen: ["127.0.0.1:0"]
admin: {listen: "127.0.0.33:${admin.port}", token: a-long-enough-token-for-a-test}
zones:
  ${NAME}:
    nameservers: {ns1.${NAME}: 127.0.0.1}
    records:
      "@":
        ttl: 2s
        primary: 127.0.0.31
        backup: 127.0.0.32
        failback: {mode: manual, after: 1s}
        check: {url: "http://${NAME}:${primary.port}/", interval: 1s, timeout: 500ms, confirm: 100ms}
`,
    );
    t.teardown(async () => {
      await served.stop();
      await Promise.all([primary.kill(), backup.kill()]);
    });
    const command = (...args: readonly string[]): Promise<{ code: number; output: string }> =>
      new Promise((resolve) => {
        const all = [...args, '--config', path.join(directory, 'failoverd.yaml')];
        execFile(LAUNCHER, all, (error, stdout, stderr) => {
          resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
        });
      });
    await digUntil(served.dnsPort, NAME, '127.0.0.31');
    const statusOfBackup = async (): Promise<unknown> =>
      JSON.parse((await command('status', '--json')).output).records[0].targets[1].status;
    while ((await statusOfBackup()) !== 'up'); // the primary's pass alone is enough for the first answer

    t.match(await command('switch', NAME, 'backup', '--reason', 'kernel update', '--for', '1h', '--actor', 'alice'), {
      code: 0,
    });
    await digUntil(served.dnsPort, NAME, '127.0.0.32');
    t.match((await command('status')).output, /override/);
    t.match(await command('failback', NAME, '--reason', 'x'), {
      code: 1,
      output: /an override to backup stands; release it first/,
    });
    await writeFile(path.join(directory, 'token'), 'a-long-enough-token-for-a-test\n');
    const elsewhere = ['--admin', `http://127.0.0.33:${admin.port}`, '--token-file', path.join(directory, 'token')];
    t.match((await command('history', NAME, ...elsewhere)).output, /override .*kernel update \(alice\)/);
    t.match((await command('explain', NAME, ...elsewhere)).output, /kernel update/);
    t.match(await command('release', NAME, '--reason', 'done', ...elsewhere), { code: 0 });
    t.match(await command('failback', NAME, '--reason', 'primary checked'), { code: 0 });
    await digUntil(served.dnsPort, NAME, '127.0.0.31');
    t.match(await command('drain', NAME, 'primary', '--reason', 'new disk'), { code: 0 });
    await digUntil(served.dnsPort, NAME, '127.0.0.32');
    t.match(await command('undrain', NAME, 'primary', '--reason', 'disk is in'), { code: 0 });

    const zone = await command('zone', NAME);
    t.match(zone, { code: 0, output: /^app\.example\.com\.\t2\tIN\tA\t127\.0\.0\.3[12]$/m });
    const checked = await checkZone(path.join(directory, 'zone'), zone.output);
    if (checked === null) t.comment('skipped: named-checkzone is not installed');
    else t.match(checked, /\nOK\n/);
    t.match(await command('zone', 'example.org'), { code: 1, output: /no zone "example.org" is served/ });

    t.match(await command('switch', NAME, 'bakcup', '--reason', 'x'), { code: 2, output: /did you mean "backup"/ });
    t.match(await command('switch', NAME, 'backup'), { code: 2, output: /--reason/ });
    const rows = JSON.parse((await command('history', NAME, '--json')).output) as readonly object[];
    t.ok(rows.some((row) => JSON.stringify(row).includes('kernel update') && JSON.stringify(row).includes('alice')));
  },
);

/** What `named-checkzone` says of a master file; null where it is not installed. */
async function checkZone(file: string, masterFile: string): Promise<string | null> {
  await writeFile(file, masterFile);
  return new Promise((resolve) => {
    execFile('named-checkzone', [NAME, file], (error, stdout, stderr) => {
      resolve(error?.code === 'ENOENT' ? null : stdout + stderr);
    });
  });
}
