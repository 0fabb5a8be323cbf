import t from 'tap';
import { COMMANDS } from '../../src/cli/commands.ts';
import { run } from '../../src/cli/run.ts';
import { VERSION } from '../../src/cli/version.ts';
import { cli, fakeIo } from './io.ts';

t.test('run() prints the version', async (t) => {
  t.match(await cli('--version'), { code: 0, stdout: `failoverd ${VERSION}\n`, stderr: '' });
});

t.test('run() prints every command with its summary for --help, -h and help', async (t) => {
  const long = await cli('--help');
  t.match(long, { code: 0, stderr: '' });
  for (const { name, summary } of COMMANDS) t.match(long.stdout, new RegExp(`^  ${name} +${summary}$`, 'm'));
  t.same(await cli('-h'), long);
  t.same(await cli('help'), long);
});

t.test('run() prints the help of every command', async (t) => {
  for (const { name } of COMMANDS) {
    const { code, stdout } = await cli(name, '--help');
    t.equal(code, 0);
    t.match(stdout, new RegExp(`^Usage: failoverd ${name}`, 'm'));
    for (const option of ['--config <file>', '--json', '--help, -h']) t.match(stdout, option);
    t.ok(
      stdout.split('\n').every((line) => line.length <= 100),
      'fits into a terminal',
    );
    t.same((await cli('help', name)).stdout, stdout);
  }
});

const usageErrors: readonly (readonly [line: string, stderr: string])[] = [
  ['', 'no command given\nSee "failoverd --help".'],
  ['--json', 'no command given\nSee "failoverd --help".'],
  ['--versoin', 'unknown option "--versoin"; did you mean "--version"?\nSee "failoverd --help".'],
  ['chekc', 'unknown command "chekc"; did you mean "check"?\nSee "failoverd --help".'],
  ['restart', 'unknown command "restart"\nSee "failoverd --help".'],
  ['check --jsno', 'unknown option "--jsno"; did you mean "--json"?\nSee "failoverd check --help".'],
  ['check -x', 'unknown option "-x"\nSee "failoverd check --help".'],
  ['check --constructor', 'unknown option "--constructor"\nSee "failoverd check --help".'],
  ['check --json=yes', '--json takes no value, found "yes"\nSee "failoverd check --help".'],
  ['check --config', '--config needs a value: --config <file>\nSee "failoverd check --help".'],
  ['check --config=', '--config needs a value: --config <file>\nSee "failoverd check --help".'],
  ['check --config --json', '--config needs a value: --config <file>\nSee "failoverd check --help".'],
  ['check a.yaml', 'unexpected argument "a.yaml"\nSee "failoverd check --help".'],
];

for (const [line, stderr] of usageErrors) {
  t.test(`run() refuses "failoverd ${line}" with exit code 2`, async (t) => {
    const args = line === '' ? [] : line.split(' ');
    t.same(await cli(...args), { code: 2, stdout: '', stderr: `failoverd: ${stderr}\n` });
  });
}

t.test('run() takes common options before the command, too', async (t) => {
  const { code, stdout } = await cli('--config', 'no-such.yaml', '--json', 'check');
  t.equal(code, 3);
  t.match(JSON.parse(stdout), { problems: [{ file: 'no-such.yaml' }] });
});

t.test('run() colours only what shows colours', async (t) => {
  const io = fakeIo({}, true);
  await run(['chekc'], io);
  t.match(io.written.stderr, '\u001b[31mfailoverd:\u001b[39m unknown command');
  t.notMatch((await cli('chekc')).stderr, '\u001b');
});
