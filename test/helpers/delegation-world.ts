/**
 * A small Internet on loopback, all on one port: NSD as root and as parent, BIND as resolver, and servers with one fault each.
 * The zone under test is served by failoverd.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import type { Test } from 'tap';

export const ROOT = '127.0.0.81';
export const PARENT = '127.0.0.82';
/** failoverd's two addresses. */
export const NS1 = '127.0.0.83';
export const NS2 = '127.0.0.84';
/** NSD with zones that are old. */
export const OLD = '127.0.0.85';
/** Nobody. */
export const NOBODY = '127.0.0.86';
/** failoverd, seen through something that spoils it. */
export const NO_TCP = '127.0.0.87';
export const NO_EDNS = '127.0.0.88';
export const NO_AA = '127.0.0.89';
/** BIND takes only an address that an interface has. */
export const RESOLVER = '127.0.0.1';

/** Why the world cannot be built here; null when it can. */
export function missingSoftware(): string | null {
  const lost = ['nsd', 'named'].filter((binary) => spawnSync('sh', ['-c', `command -v ${binary}`]).status !== 0);
  return lost.length === 0 ? null : `${lost.join(' and ')} not installed`;
}

const SOA = 'IN SOA ns.example. hostmaster.example. 1 3600 600 86400 10';

/** Zone files by name for one NSD. */
export type Zones = Readonly<Record<string, string>>;

export interface World {
  /** An empty one. */
  readonly directory: string;
  readonly port: number;
  /** Lines of the parent zone `example.` */
  readonly delegations: string;
  readonly old: Zones;
}

export async function startWorld(t: Test, { directory, port, delegations, old }: World): Promise<void> {
  const root = `. 3600 ${SOA}\n. 3600 IN NS ns.root.\nns.root. 3600 IN A ${ROOT}
example. 3600 IN NS ns.example.\nns.example. 3600 IN A ${PARENT}\n`;
  const parent = `example. 3600 ${SOA}\nexample. 3600 IN NS ns.example.\nns.example. 3600 IN A ${PARENT}\n${delegations}\n`;
  await Promise.all([
    startNsd(t, path.join(directory, 'root'), { address: ROOT, port }, { '.': root }),
    startNsd(t, path.join(directory, 'parent'), { address: PARENT, port }, { example: parent }),
    startNsd(t, path.join(directory, 'old'), { address: OLD, port }, old),
    startResolver(t, path.join(directory, 'resolver'), port),
    relayUdp(t, { address: NO_TCP, port }),
    relay(t, { address: NO_EDNS, port }, { query: (query) => (query.readUInt16BE(10) > 0 ? formerr(query) : null) }),
    relay(t, { address: NO_AA, port }, { reply: withoutAa }),
  ]);
}

interface Place {
  readonly address: string;
  readonly port: number;
}

async function startNsd(t: Test, directory: string, { address, port }: Place, zones: Zones): Promise<void> {
  mkdirSync(directory);
  const sections = Object.entries(zones).map(([name, text], i) => {
    writeFileSync(path.join(directory, `${i}.zone`), text);
    return `zone:\n  name: "${name}"\n  zonefile: "${i}.zone"\n`;
  });
  const file = path.join(directory, 'nsd.conf');
  writeFileSync(
    file,
    `server:
  ip-address: "${address}@${port}"
  username: ""
  zonesdir: "${directory}"
  xfrdir: "${directory}"
  xfrdfile: "${directory}/xfrd.state"
  zonelistfile: "${directory}/zone.list"
  pidfile: ""
  database: ""
  server-count: 1
remote-control:
  control-enable: no
${sections.join('')}`,
  );
  await started(t, spawn('nsd', ['-d', '-c', file], { cwd: directory }), /nsd started/);
}

async function startResolver(t: Test, directory: string, port: number): Promise<void> {
  mkdirSync(directory);
  writeFileSync(path.join(directory, 'hints'), `. 3600 IN NS ns.root.\nns.root. 3600 IN A ${ROOT}\n`);
  const file = path.join(directory, 'named.conf');
  writeFileSync(
    file,
    `options {
  directory "${directory}"; pid-file none; session-keyfile none; port ${port};
  listen-on { ${RESOLVER}; }; listen-on-v6 { none; };
  recursion yes; allow-recursion { any; }; dnssec-validation no; empty-zones-enable no;
};
controls { };
zone "." { type hint; file "hints"; };
`,
  );
  await started(t, spawn('named', ['-g', '-n', '1', '-c', file], { cwd: directory }), / running$/m);
}

/** Settles when it says that it is ready. */
async function started(t: Test, child: ChildProcess, ready: RegExp): Promise<void> {
  t.teardown(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        said += String(chunk);
        if (ready.test(said)) resolve();
      });
    }
    child.once('exit', () => reject(new Error(said)));
  });
}

interface Spoiler {
  /** What is answered at once, instead of what failoverd would. */
  readonly query?: (query: Buffer) => Buffer | null;
  readonly reply?: (reply: Buffer) => Buffer;
}

async function relay(t: Test, place: Place, spoiler: Spoiler): Promise<void> {
  await Promise.all([relayUdp(t, place, spoiler), relayTcp(t, place, spoiler)]);
}

async function relayUdp(t: Test, { address, port }: Place, { query, reply }: Spoiler = {}): Promise<void> {
  const socket = dgram.createSocket('udp4');
  t.teardown(() => socket.close());
  socket.on('message', (message, from) => {
    const instead = query?.(message);
    if (instead) return socket.send(instead, from.port, from.address);
    const upstream = dgram.createSocket('udp4');
    upstream.on('message', (answer) => {
      socket.send(reply ? reply(answer) : answer, from.port, from.address);
      upstream.close();
    });
    upstream.send(message, port, NS1);
  });
  socket.bind(port, address);
  await once(socket, 'listening');
}

/** Messages are short and come whole on loopback. */
async function relayTcp(t: Test, { address, port }: Place, { query, reply }: Spoiler): Promise<void> {
  const server = net.createServer((client) => {
    const upstream = net.connect(port, NS1);
    client.on('data', (chunk) => {
      const instead = query?.(chunk.subarray(2));
      if (instead) client.end(Buffer.concat([Buffer.from([0, instead.length]), instead]));
      else upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      const answer = chunk.subarray(2);
      client.write(Buffer.concat([chunk.subarray(0, 2), reply ? reply(answer) : answer]));
    });
    client.on('close', () => upstream.destroy());
    for (const one of [client, upstream]) one.on('error', () => {});
  });
  t.teardown(() => server.close());
  server.listen(port, address);
  await once(server, 'listening');
}

function formerr(query: Buffer): Buffer {
  const reply = Buffer.alloc(12);
  query.copy(reply, 0, 0, 2);
  reply[2] = 0x80;
  reply[3] = 1;
  return reply;
}

function withoutAa(reply: Buffer): Buffer {
  const spoiled = Buffer.from(reply);
  spoiled[2] = (reply[2] ?? 0) & ~0x04;
  return spoiled;
}
