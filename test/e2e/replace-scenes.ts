/**
 * A replacement is not seen. A second failoverd starts with `--replace` beside the running one while a client asks all the
 * time, over UDP and TCP: no query is lost, the answer stays the backup's, only one of them ever decides, and the table
 * holds every row once. A successor that fails or is killed in the middle costs nothing either.
 * `replace.test.ts` plays it.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { readHistory } from '../../src/history/queries.ts';
import { startBackend } from '../helpers/backend.ts';
import { connectTcp, framed } from '../helpers/dns-client.ts';
import { query } from '../helpers/dns-zone.ts';
import { askAllTheTime, type QueryLoop } from '../helpers/queries.ts';
import { digUntil, LAUNCHER, type Served, serve, status, written } from '../helpers/serve.ts';

const NAME = 'app.example.com';

function configOf(port: number, { sockets = 'auto', admin = '127.0.0.1:0' } = {}): string {
  return `
listen: ["127.0.0.1:0"]
workers: 2
admin: {listen: "${admin}"}
dns: {sockets: ${sockets}, rate_limit: {responses_per_second: 0}}
defaults: {interval: 2s, timeout: 1500ms, confirm: 200ms, fall: 2, rise: 2, ttl: 1s, failback: {mode: auto, after: 1s}}
zones:
  ${NAME}:
    nameservers: {ns1.${NAME}: 127.0.0.1, ns2.${NAME}: 127.0.0.1}
    records:
      "@": {primary: 127.0.0.21, backup: 127.0.0.22, check: "http://${NAME}:${port}/"}
`;
}

interface Scene {
  readonly directory: string;
  readonly config: string;
  readonly first: Served;
  readonly queries: QueryLoop;
}

/** A failoverd whose record is on its backup, and a client. */
async function play(t: Test, options = {}): Promise<Scene> {
  const primary = await startBackend('127.0.0.21');
  const backup = await startBackend('127.0.0.22', primary.port);
  t.teardown(() => Promise.all([primary.kill(), backup.kill()]));
  const directory = t.testdir({});
  const config = configOf(primary.port, options);
  const first = await serve(directory, config);
  t.teardown(() => first.stop('SIGKILL'));
  await digUntil(first.dnsPort, NAME, '127.0.0.21');
  primary.signal('SIGSTOP');
  await digUntil(first.dnsPort, NAME, '127.0.0.22');
  await written(directory, 'failover');
  const queries = askAllTheTime(first.dnsPort, { everyMs: 2 });
  await queries.more(50);
  return { directory, config, first, queries };
}

/** Whether Linux hands what is on its way to a closing listener over to the one beside it. */
function migratesConnections(): boolean {
  return readFileSync('/proc/sys/net/ipv4/tcp_migrate_req', 'utf8').trim() === '1';
}

const succeed = (directory: string, config: string) => serve(directory, config, {}, ['--replace']);

function transitions(directory: string): readonly string[] {
  const read = readHistory(path.join(directory, 'failoverd.db'), (reader) => reader.transitions({ limit: 1000 }));
  if (!read.ok) throw new Error(read.reason);
  const rows = read.value.map(({ at, serial, cause, toTarget }) => ({
    key: `${at} ${serial}`,
    row: `${cause} ${toTarget}`,
  }));
  if (new Set(rows.map(({ key }) => key)).size < rows.length) throw new Error('a row stands there twice');
  // A machine that is busy may start on the backup, and come back from it.
  return rows
    .reverse()
    .map(({ row }) => row)
    .filter((row) => !/^start|^failback/.test(row));
}

for (const sockets of ['batched', 'dgram'] as const) {
  t.test(`serve --replace with ${sockets} sockets loses no query, keeps the state, and the old one ends`, async (t) => {
    const { directory, config, first, queries } = await play(t, { sockets });
    const overTcp = askOverTcp(t, first.dnsPort);
    const connected = await connectTcp(t, first.dnsPort);
    const second = await succeed(directory, config);
    t.teardown(() => second.stop('SIGKILL'));
    t.equal(second.dnsPort, first.dnsPort, 'the port that the first one chose');
    t.equal(await first.exited, 0);
    t.match(first.lines.at(-1), /replaced by a successor/);
    await queries.more(50);
    const third = await succeed(directory, config);
    t.teardown(() => third.stop('SIGKILL'));
    t.equal(await second.exited, 0);
    await queries.more(50);
    t.equal(await connected.receive(), null, 'an idle connection to the old one was closed');
    const { connections, unanswered } = await overTcp.stop();
    if (migratesConnections()) t.same(unanswered, [], `${connections} TCP connections, all answered`);
    else t.comment(`${unanswered.length} of ${connections} TCP connections were reset: net.ipv4.tcp_migrate_req is 0`);
    const { lost, failed, asked } = await queries.stop();
    t.same({ lost, failed }, { lost: 0, failed: 0 }, `none of ${asked} lost`);
    t.same(queries.seen, ['127.0.0.22'], 'nothing but the backup was ever answered');

    t.match((await status(third)).records[0], { activeTarget: 'backup', cause: 'failover' });
    await switchToPrimary(third.adminUrl);
    await digUntil(third.dnsPort, NAME, '127.0.0.21');
    t.equal(await third.stop(), 0);
    const files = (await readdir(directory)).sort();
    t.same(files, ['failoverd.db', 'failoverd.db.lock', 'failoverd.yaml'], 'no socket and no log is left');
    t.same(transitions(directory), ['failover backup', 'override primary'], 'each row once');
  });
}

t.test('a second failoverd without --replace is refused before it opens the database', async (t) => {
  const { directory, first, queries } = await play(t);
  const before = await readdir(directory);
  const child = promisify(execFile)(LAUNCHER, ['serve', '--config', path.join(directory, 'failoverd.yaml')]);
  const refused = await child.then(
    () => null,
    (error) => error,
  );
  t.equal(refused?.code, 1);
  t.equal(
    refused?.stderr,
    `failoverd: ${directory}/failoverd.db is in use by failoverd 0.1.0 (process ${first.process.pid}); stop it, or take its place with "failoverd serve --replace"\n`,
  );
  t.same(await readdir(directory), before);
  t.match(await queries.stop(), { lost: 0, failed: 0 });
});

t.test('a successor that cannot start leaves the place to the old one, which decides again', async (t) => {
  const admin = `127.0.0.1:${await freePort()}`;
  const { directory, config, first, queries } = await play(t, { admin });
  const broken = config.replace('listen: ["127.0.0.1:0"]', 'listen: ["127.0.0.1:0", "203.0.113.1:53"]');
  await t.rejects(succeed(directory, broken), /203\.0\.113\.1:53/);
  await first.line(/decided here again/);
  await switchToPrimary(`http://${admin}`);
  await digUntil(first.dnsPort, NAME, '127.0.0.21');
  t.match(await queries.stop(), { lost: 0, failed: 0 });
  const second = await succeed(directory, config);
  t.teardown(() => second.stop('SIGKILL'));
  t.equal(await first.exited, 0, 'the next one succeeds');
  t.equal(await second.stop(), 0);
  t.same(transitions(directory), ['failover backup', 'override primary']);
});

/** A client that asks over TCP, one connection after the other. */
function askOverTcp(t: Test, port: number) {
  const counts = { connections: 0, unanswered: [] as string[] };
  let isOver = false;
  const loop = (async () => {
    while (!isOver) {
      counts.connections += 1;
      const fault = await askOnce(t, port);
      if (fault !== null) counts.unanswered.push(fault);
      await sleep(5);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await loop;
      return counts;
    },
  };
}

/** @returns what went wrong. */
async function askOnce(t: Test, port: number): Promise<string | null> {
  const client = await connectTcp(t, port).catch(({ code }) => `connect: ${code}`);
  if (typeof client === 'string') return client;
  let fault = 'closed without an answer';
  client.socket.on('error', ({ message }) => (fault = message));
  await sleep(2); // a query comes some time behind its handshake
  client.write(framed(query(1)));
  const answer = await client.receive();
  client.socket.destroy();
  return answer ? null : fault;
}

async function switchToPrimary(adminUrl: string): Promise<void> {
  const response = await fetch(`${adminUrl}/api/v1/records/${NAME}/switch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ target: 'primary', reason: 'test', actor: 'test', force: true }),
  });
  if (!response.ok) throw new Error(await response.text());
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

t.test('kill -9 leaves nothing that blocks a start, with or without --replace', async (t) => {
  const { directory, config, first, queries } = await play(t);
  await queries.stop();
  await first.stop('SIGKILL');
  t.ok((await readdir(directory)).includes('failoverd.db.socket'), 'its socket is left behind');
  const second = await succeed(directory, config);
  t.match((await status(second)).records[0], { activeTarget: 'backup' });
  await second.stop('SIGKILL');
  const third = await serve(directory, config);
  t.match((await status(third)).records[0], { activeTarget: 'backup' });
  t.equal(await third.stop(), 0);
});
