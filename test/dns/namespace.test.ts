/**
 * Replies leave from the address that was asked, on a machine with several of them, which come and go. `dig` takes an answer
 * from no other address. The machine is a network namespace.
 */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { batchedAvailable } from '../../src/dns/udp-batched.ts';
import { PRIMARY } from '../helpers/dns-zone.ts';

const namespace = `failoverd-${process.pid}`;
const inNamespace = ['netns', 'exec', namespace];

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}

function addAddress(address: string): void {
  const noDetection = address.includes(':') ? ['nodad'] : [];
  ip('-n', namespace, 'address', 'add', address, 'dev', 'lo', ...noDetection);
}

/** @returns why there can be none. */
function makeNamespace(): string | false {
  try {
    ip('netns', 'add', namespace);
    t.teardown(() => ip('netns', 'delete', namespace));
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    for (const address of ['10.53.0.1/24', '10.53.0.2/24', 'fd53::1/64', 'fd53::2/64']) addAddress(address);
    return false;
  } catch (error) {
    return `no network namespace: ${(error as Error).message}`;
  }
}

async function serve(t: Test, sockets: string): Promise<number> {
  const file = new URL('../helpers/namespace-server.ts', import.meta.url).pathname;
  const child = spawn('ip', [...inNamespace, process.execPath, file, sockets], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(async () => {
    child.stdin.end();
    await once(child, 'exit');
  });
  const [line] = await once(child.stdout, 'data');
  return Number(line);
}

/** What `dig` prints when it asks one address of the machine from another. */
async function dig(port: number, server: string, client: string, ...more: string[]): Promise<string> {
  const args = [
    `@${server}`,
    '-b',
    client,
    '-p',
    `${port}`,
    '+short',
    '+tries=1',
    '+time=2',
    'app.example.com',
    ...more,
  ];
  const { stdout } = await promisify(execFile)('ip', [...inNamespace, 'dig', ...args]).catch(() => ({ stdout: '' }));
  return stdout.trim();
}

const skip = makeNamespace();

for (const sockets of ['dgram', 'batched'] as const) {
  const availability = sockets === 'batched' ? batchedAvailable() : ({ available: true } as const);
  const cannot = availability.available ? false : availability.reason;
  t.test(`${sockets}: a wildcard replies from the address that was asked`, { skip: skip || cannot }, async (t) => {
    const port = await serve(t, sockets);
    for (const [server, client] of [
      ['10.53.0.1', '10.53.0.2'],
      ['10.53.0.2', '10.53.0.1'],
      ['127.0.0.1', '127.0.0.1'],
      ['fd53::1', 'fd53::2'],
      ['fd53::2', 'fd53::1'],
      ['::1', '::1'],
    ] as const) {
      t.equal(await dig(port, server, client), PRIMARY, `${server} over UDP`);
      t.equal(await dig(port, server, client, '+tcp'), PRIMARY, `${server} over TCP`);
    }
    addAddress('10.53.0.3/24');
    while ((await dig(port, '10.53.0.3', '10.53.0.1', '+tcp')) !== PRIMARY);
    t.equal(await dig(port, '10.53.0.3', '10.53.0.1'), PRIMARY, 'a new address is served');
    ip('-n', namespace, 'address', 'delete', '10.53.0.3/24', 'dev', 'lo');
    t.equal(await dig(port, '10.53.0.2', '10.53.0.1'), PRIMARY, 'one that goes takes no other with it');
  });
}
