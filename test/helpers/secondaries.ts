/** Real secondaries, as processes on loopback with the configs of docs/scale-out.md. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';

/** The TSIG key that all of them use. */
export const KEY = {
  name: 'transfer',
  algorithm: 'hmac-sha256',
  secret: 'c2VjcmV0IG9mIHRoZSB0ZXN0cywgMzIgb2N0ZXRzISE=',
};

const DOCS = path.resolve(import.meta.dirname, '../../docs/scale-out.md');

export type Software = 'bind' | 'knot' | 'nsd' | 'powerdns';

interface Recipe {
  readonly binary: string;
  /** Where it listens and transfers from. BIND takes only addresses that an interface has. */
  readonly address: string;
  readonly file: string;
  readonly args: (file: string) => readonly string[];
  /** Run before it, in its directory. */
  readonly prepare?: (directory: string, block: (file: string) => string) => void;
}

type Values = Readonly<Record<string, string>>;

const SCHEMA = '/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql';

const RECIPES: Readonly<Record<Software, Recipe>> = {
  bind: { binary: 'named', address: '127.0.0.1', file: 'named.conf', args: (file) => ['-g', '-n', '1', '-c', file] },
  knot: { binary: 'knotd', address: '127.0.0.62', file: 'knot.conf', args: (file) => ['-c', file] },
  nsd: { binary: 'nsd', address: '127.0.0.63', file: 'nsd.conf', args: (file) => ['-d', '-c', file] },
  powerdns: {
    binary: 'pdns_server',
    address: '127.0.0.64',
    file: 'pdns.conf',
    args: (file) => [`--config-dir=${path.dirname(file)}`],
    prepare(directory, block) {
      const database = path.join(directory, 'pdns.sqlite3');
      execFileSync('sqlite3', [database], { input: `${readFileSync(SCHEMA)}\n${block('powerdns.sql')}` });
    },
  },
};

/** Why this software cannot take part here; null when it can. */
export function missing(software: Software): string | null {
  const { binary } = RECIPES[software];
  if (spawnSync('sh', ['-c', `command -v ${binary}`]).status !== 0) return `${binary} is not installed`;
  if (software !== 'powerdns') return null;
  return spawnSync('test', ['-f', SCHEMA]).status === 0 ? null : 'pdns-backend-sqlite3 is not installed';
}

export function addressOf(software: Software): string {
  return RECIPES[software].address;
}

export interface Secondary {
  readonly software: Software;
  readonly address: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** What it has logged. */
  readonly lines: string[];
  stop(): Promise<void>;
}

/** A port of an address that nobody has right now. */
export async function freePort(address: string): Promise<number> {
  const server = createServer().listen(0, address);
  await once(server, 'listening');
  const bound = server.address();
  const port = typeof bound === 'object' && bound ? bound.port : 0;
  server.close();
  await once(server, 'close');
  return port;
}

export interface Primary {
  readonly zone: string;
  readonly address: string;
  readonly port: number;
}

/** Starts one in an empty directory. @param options.second another failoverd that it may transfer the zone from */
export function startSecondary(
  software: Software,
  directory: string,
  port: number,
  primary: Primary,
  { algorithm = KEY.algorithm, second = null }: { algorithm?: string; second?: Omit<Primary, 'zone'> | null } = {},
): Secondary {
  const { binary, address, file, args, prepare } = RECIPES[software];
  const values = {
    'app.example.com': primary.zone,
    '198.51.100.53': address,
    ...(second && {
      '203.0.113.53 port 53': `${primary.address} port ${primary.port}`,
      '203.0.113.54 port 53': `${second.address} port ${second.port}`,
      '203.0.113.54@53': `${second.address}@${second.port}`,
      '203.0.113.54:53': `${second.address}:${second.port}`,
      '203.0.113.54': second.address,
    }),
    '203.0.113.53': primary.address,
    'port 53 {': `port ${primary.port} {`,
    '@53': `@${primary.port}`,
    ':53': `:${primary.port}`,
    'options {': `options {\n${bindOptions({ directory, address, port })}`,
    '{PORT}': `${port}`,
    '{DIRECTORY}': directory,
    'hmac-sha256': algorithm,
    '{SECRET}': KEY.secret,
  };
  const block = (name: string): string => fromDocs(second ? `${name}, two failoverd` : name, values);
  prepare?.(directory, block);
  const config = path.join(directory, file);
  writeFileSync(
    config,
    `${software === 'powerdns' ? fromDocs(file, values) : block(file)}\n${local(software, { directory, address, port })}`,
  );
  const child = spawn(binary, args(config), { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => lines.push(String(chunk)));
  return {
    software,
    address,
    port,
    process: child,
    lines,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** The block of docs/scale-out.md that begins with a comment that names the file. */
function fromDocs(file: string, values: Values): string {
  const pattern = new RegExp(`\`\`\`\\w*\\n(?:#|//|--) ${file.replace('.', '\\.')}[^\\n]*\\n([\\s\\S]*?)\`\`\``);
  const block = pattern.exec(readFileSync(DOCS, 'utf8'))?.[1];
  if (block === undefined) throw new Error(`docs/scale-out.md has no block for ${file}`);
  return Object.entries(values).reduce((text, [from, to]) => text.replaceAll(from, to), block);
}

interface Place {
  readonly directory: string;
  readonly address: string;
  readonly port: number;
}

/** BIND takes one block of options only: these go into the documented one. */
function bindOptions({ directory, address, port }: Place): string {
  return `
  directory "${directory}"; pid-file none; session-keyfile none; recursion no; dnssec-validation no;
  listen-on port ${port} { ${address}; }; listen-on-v6 { none; };
  transfer-source ${address};`;
}

/** What a process of its own needs beside the documented config: ports, directories, nothing of the system's. */
function local(software: Software, at: Place): string {
  const { directory, address, port } = at;
  switch (software) {
    case 'bind':
      return 'controls { };';
    case 'knot':
      return `
server:
  rundir: "${directory}"
  listen: "${address}@${port}"
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: "${directory}"
template:
  - id: default
    storage: "${directory}"
log:
  - target: stderr
    any: info
`;
    case 'nsd':
      return `
server:
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
`;
    case 'powerdns':
      return `
local-address=${address}
local-port=${port}
query-local-address=${address}
socket-dir=${directory}
gsqlite3-database=${directory}/pdns.sqlite3
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
security-poll-suffix=
`;
  }
}
