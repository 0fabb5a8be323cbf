import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t from 'tap';
import { VERSION } from '../../src/cli/version.ts';
import { runBare, spawnBare } from './bare.ts';
import { startRegistry } from './registry.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The sources alone, so that packing builds nothing in this checkout. */
function copySources(to: string): void {
  mkdirSync(to);
  const generated = ['node_modules', 'dist', 'prebuilds', 'test', '.git', '.tap'];
  for (const name of readdirSync(ROOT)) {
    if (!generated.includes(name))
      cpSync(join(ROOT, name), join(to, name), { recursive: true, verbatimSymlinks: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(to, 'node_modules'));
}

t.test('npm pack, then npm install -g of the tarball, gives a failoverd that works', async (t) => {
  const dir = t.testdir({ home: {}, elsewhere: {} });
  const sources = join(dir, 'sources');
  copySources(sources);
  const registry = await startRegistry(ROOT);
  t.teardown(() => registry.close());
  const npm = (args: readonly string[], cwd: string) =>
    runBare(
      'npm',
      [...args, '--registry', registry.url, '--cache', join(dir, 'home/cache'), '--no-audit', '--no-fund'],
      {
        cwd,
        env: { PATH: process.env.PATH, HOME: join(dir, 'home') },
      },
    );

  const packed = await npm(['pack', '--json', '--pack-destination', dir], sources);
  const [{ files, filename, size }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('[\n')));
  const paths: readonly string[] = files.map((file: { path: string }) => file.path);
  t.ok(
    ['bin/failoverd', 'dist/main.js', 'migrations/001-history.sql', 'dist/admin/dashboard/public/index.html'].every(
      (path) => paths.includes(path),
    ),
  );
  const needed =
    /^(bin\/failoverd|dist\/.*\.(c?js|html|css|svg)|migrations\/\d{3}-.*\.sql|prebuilds\/.*\.node|contrib\/.*|docs\/[\w-]+\.md|man\/.*|LICENSE|\w+\.md|package\.json)$/;
  t.same(
    paths.filter((path) => !needed.test(path)),
    [],
    'only what is needed',
  );
  t.ok(paths.includes('contrib/systemd/failoverd.service'));
  const links = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/\]\(([\w/-]+\.md)/g)].map(([, to]) => to);
  t.ok(links.length > 10);
  t.same(
    links.filter((to) => to && !paths.includes(to)),
    [],
    'what the README links to comes with it',
  );
  t.ok(size < 500_000, `${size} bytes`);

  await npm(['install', '--global', '--prefix', join(dir, 'prefix'), join(dir, filename)], dir);
  const installed = join(dir, 'prefix/bin/failoverd');
  const env = { PATH: '/usr/bin:/bin' };
  const { stdout, stderr } = await runBare(installed, ['--version'], { cwd: join(dir, 'elsewhere'), env });
  t.same([stdout, stderr], [`failoverd ${VERSION}\n`, ''], 'with its own Node, from any directory');
  await t.rejects(runBare(installed, ['history', '--config', join(dir, 'no-such.yaml')], { cwd: dir, env }), {
    code: 3,
    stderr: `${join(dir, 'no-such.yaml')}  error    cannot be read: no such file\n1 error\n`,
  });
  const manPage = readFileSync(join(dir, 'prefix/share/man/man1/failoverd.1'), 'utf8');
  t.equal(manPage, readFileSync(join(ROOT, 'man/failoverd.1'), 'utf8'), 'its man page lies where man looks');
  t.match(await runBare(installed, ['completion', 'bash'], { cwd: dir, env }), { stdout: /^complete .* failoverd$/m });
  symlinkSync('prefix/bin/failoverd', join(dir, 'link'));
  t.match(await runBare(join(dir, 'link'), ['help'], { cwd: dir, env }), { stdout: /^failoverd: / });

  const demo = spawnBare(installed, ['demo', '--json'], { cwd: join(dir, 'elsewhere'), env });
  const ended = once(demo, 'exit');
  t.teardown(() => demo.kill('SIGKILL'));
  const lines = createInterface(demo.stdout)[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value ?? 'null');
  const { dnsPort, dashboardUrl } = await next();
  t.match(await next(), { event: 'answer', cause: 'start', target: 'primary' });
  const resolver = new Resolver();
  resolver.setServers([`127.0.0.1:${dnsPort}`]);
  t.same(await resolver.resolve4('app.example.com'), ['127.0.0.11'], 'threads, database and sockets work from dist/');
  t.match(await (await fetch(dashboardUrl)).text(), '<title>failoverd</title>');
  const { status } = await fetch(new URL('/dashboard/uplot.js', dashboardUrl));
  t.equal(status, 200, 'with what its dependency brings');
  demo.kill('SIGINT');
  t.same(await ended, [0, null]);
});
