/** A server that is gone without a word: a network namespace whose firewall drops every packet to it. Needs root. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';

const PROBES = 10_000;
const NAMESPACE = `failoverd-hole-${process.pid}`;

function run(...command: readonly string[]): void {
  const [program = '', ...args] = command;
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command.join(' ')}: ${error?.message ?? stderr}`);
}

/** @returns why there can be none. */
function makeBlackHole(): string | false {
  const inside = ['ip', 'netns', 'exec', NAMESPACE];
  try {
    run('ip', 'netns', 'add', NAMESPACE);
    t.teardown(() => run('ip', 'netns', 'delete', NAMESPACE));
    run('ip', '-n', NAMESPACE, 'link', 'set', 'lo', 'up');
    run('ip', '-n', NAMESPACE, 'address', 'add', '198.18.66.1/32', 'dev', 'lo');
    run(...inside, 'iptables', '-w', '-A', 'INPUT', '-d', '198.18.66.1', '-j', 'DROP');
    return false;
  } catch (error) {
    return `no network namespace with a firewall: ${(error as Error).message}`;
  }
}

t.test(`probeOnce() leaves no socket of ${PROBES} probes to a black hole`, { skip: makeBlackHole() }, async (t) => {
  const script = new URL('./black-hole.ts', import.meta.url).pathname;
  const args = ['netns', 'exec', NAMESPACE, 'env', '-u', 'NODE_OPTIONS', process.execPath, script, `${PROBES}`];
  const { stdout } = await promisify(execFile)('ip', args);
  const { ends, most, leaked } = JSON.parse(stdout);
  t.comment(stdout.trim());
  t.same(leaked, { descriptors: 0, sockets: 0 });
  t.ok(most > 0, 'while they run there are some');
  const { 'timeout connect': timeouts = 0, inconclusive = 0, ...others } = ends;
  t.same(others, {}, 'nothing else has come of it');
  t.equal(timeouts + inconclusive, PROBES);
  t.ok(timeouts > 0);
});
