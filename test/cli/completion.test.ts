import { spawnSync } from 'node:child_process';
import path from 'node:path';
import t from 'tap';
import { COMMANDS } from '../../src/cli/commands.ts';
import { cli } from './io.ts';

/** What bash offers for a command line. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await cli('completion', 'bash');
  const program = `${stdout}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${words.length - 1}
_failoverd
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const run = spawnSync('bash', ['--norc', '-c', program], { encoding: 'utf8' });
  if (run.stderr !== '') throw new Error(run.stderr);
  return run.stdout.trim().split('\n');
}

t.test('completion bash offers the commands, and the options of each', async (t) => {
  t.same((await offered('failoverd', '')).toSorted(), COMMANDS.map(({ name }) => name).toSorted());
  t.same(await offered('failoverd', 'stat'), ['status']);
  t.same(await offered('failoverd', 'status', '--e'), ['--exit-code']);
  t.same((await offered('failoverd', 'switch', '--')).toSorted(), [
    ...['--actor', '--admin', '--config', '--for', '--force', '--help', '--json', '--reason', '--token-file'],
  ]);
});

for (const shell of ['bash', 'zsh', 'fish']) {
  t.test(`completion ${shell} is what ${shell} can read, and names every command`, async (t) => {
    const { code, stdout } = await cli('completion', shell);
    t.equal(code, 0);
    for (const { name } of COMMANDS) t.match(stdout, name);
    const file = path.join(t.testdir({ completion: stdout }), 'completion');
    const run = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    if (run.error) return t.comment(`skipped: ${shell} is not installed`);
    t.same([run.status, run.stderr], [0, '']);
  });
}

t.test('completion of another shell is refused', async (t) => {
  t.match(await cli('completion', 'csh'), { code: 2, stderr: /"csh" is not known: it is bash, zsh or fish/ });
});
