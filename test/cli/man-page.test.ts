import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import t from 'tap';
import { COMMANDS } from '../../src/cli/commands.ts';
import { MAN_PAGE, manPage } from '../../src/cli/man-page.ts';

t.test('man/failoverd.1 is what the commands declare now: write it with "npm run man"', async (t) => {
  t.equal(readFileSync(MAN_PAGE, 'utf8'), await manPage());
});

t.test('the manual page has every command with its options', async (t) => {
  const page = readFileSync(MAN_PAGE, 'utf8').replaceAll('\\-', '-');
  for (const { name, load } of COMMANDS) {
    t.match(page, new RegExp(`^\\.SS ${name}`, 'm'), name);
    for (const option of Object.keys((await load()).options))
      t.ok(page.includes(`.B --${option}`), `${name} --${option}`);
  }
});

t.test('man-db formats the manual page without a warning', async (t) => {
  const run = spawnSync('groff', ['-man', '-Tutf8', '-ww', MAN_PAGE], { encoding: 'utf8' });
  if (run.error) return t.comment('skipped: groff is not installed');
  t.same([run.status, run.stderr], [0, '']);
  t.match(run.stdout, /failoverd/);
});
