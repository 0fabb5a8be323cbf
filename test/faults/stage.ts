/** What the scenarios of faults play on: a failoverd as its users run it, two web servers that fail when told to, and clients. */
import { spawn, spawnSync } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadResult } from '../../bench/clients.ts';
import { compile } from '../../bench/compile.ts';
import { encodeQuery } from '../../bench/queries.ts';
import { readHistory } from '../../src/history/queries.ts';
import type { StatusReport } from '../../src/runtime/status.ts';
import { type Served, serve, status } from '../helpers/serve.ts';

export const NAME = 'app.example.com';
export const PRIMARY = '127.0.0.41';
export const BACKUP = '127.0.0.42';

/** Why there is no load here; false when there is: the generator is compiled when it is needed. */
export const cannotLoad: string | false =
  spawnSync(process.env.CC ?? 'cc', ['--version']).status === 0 ? false : 'there is no C compiler here';

export type Target = 'primary' | 'backup';

export interface StageOptions {
  /** Where config and database are; a folder of its own when absent. */
  readonly directory?: string;
  /** Beside the process's own, for failoverd. */
  readonly env?: NodeJS.ProcessEnv;
  readonly workers?: number;
  /** More lines of the config. */
  readonly config?: string;
  readonly check?: string;
}

export interface Stage {
  readonly directory: string;
  readonly configFile: string;
  readonly database: string;
  readonly dnsPort: number;
  readonly text: string;
  /** The failoverd that runs now. */
  served(): Served;
  status(): Promise<StatusReport>;
  /** Whether a web server answers 503. */
  fail(target: Target, isFailing: boolean): void;
  /** Messages, each after two octets of its length: what `load` asks. */
  readonly queryFile: string;
  /** Orders a switch; settles when it is decided. */
  switchTo(target: Target): Promise<void>;
  /** The rows of the table, the oldest first. */
  rows(): readonly Row[];
  /** Ends the failoverd, by SIGKILL when nothing else is said, and starts it again. @returns ms from the start to the first answer */
  restart(signal?: NodeJS.Signals): Promise<number>;
  /** Queries at this rate, or as many as are answered with rate 0, and what became of them. */
  load(queriesPerSecond: number, seconds: number): Promise<LoadResult>;
  close(): Promise<void>;
}

export interface Row {
  readonly at: string;
  readonly cause: string;
  readonly toTarget: string | null;
  readonly serial: number;
}

/** Starts everything; settles when the primary is answered. */
export async function setStage(options: StageOptions = {}): Promise<Stage> {
  const directory = options.directory ?? (await mkdtemp(path.join(os.tmpdir(), 'failoverd-faults-')));
  const failing = new Set<Target>();
  const httpPort = await freePort();
  const servers = await Promise.all([
    webServer(PRIMARY, httpPort, () => failing.has('primary')),
    webServer(BACKUP, httpPort, () => failing.has('backup')),
  ]);
  const [dnsPort, adminPort] = [await freePort(), await freePort()];
  const text = configText({ dnsPort, adminPort, httpPort, ...options });
  const queryFile = path.join(await mkdtemp(path.join(os.tmpdir(), 'failoverd-load-')), 'queries');
  await writeFile(queryFile, queries());
  let served = await serve(directory, text, options.env);
  const database = path.join(directory, 'failoverd.db');

  const stage: Stage = {
    directory,
    configFile: path.join(directory, 'failoverd.yaml'),
    database,
    dnsPort,
    text,
    queryFile,
    served: () => served,
    status: () => status(served),
    fail: (target, isFailing) => void (isFailing ? failing.add(target) : failing.delete(target)),
    async switchTo(target) {
      const response = await fetch(`${served.adminUrl}/api/v1/records/${NAME}/switch`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ target, reason: 'scenario', actor: 'scenario', force: true }),
      });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`the switch was refused: ${response.status}`);
    },
    rows: () => rowsOf(database),
    async restart(signal = 'SIGKILL') {
      await served.stop(signal);
      const startedMs = performance.now();
      const answered = firstAnswer(dnsPort);
      served = await serve(directory, text, options.env);
      return (await answered) - startedMs;
    },
    load: (rate, seconds) => load(dnsPort, queryFile, rate, seconds),
    async close() {
      await served.stop('SIGKILL');
      for (const server of servers) server.close();
      for (const server of servers) server.closeAllConnections();
      await rm(path.dirname(queryFile), { recursive: true, force: true });
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
  await answerIs(dnsPort, PRIMARY);
  await until('both verdicts', async () => {
    const { records } = await stage.status();
    return records.every(({ targets }) => targets.every((target) => target.status === 'up'));
  });
  return stage;
}

interface Ports extends StageOptions {
  readonly dnsPort: number;
  readonly adminPort: number;
  readonly httpPort: number;
}

function configText({ dnsPort, adminPort, httpPort, workers = 1, config = '', check }: Ports): string {
  const times = check ?? 'interval: 1s, timeout: 500ms, confirm: 200ms, fall: 2, rise: 2';
  return `listen: ["127.0.0.1:${dnsPort}"]
workers: ${workers}
admin: {listen: "127.0.0.1:${adminPort}"}
dns: {rate_limit: {responses_per_second: 0}}
${config}
zones:
  ${NAME}:
    nameservers: {ns1.${NAME}: 127.0.0.1, ns2.${NAME}: 127.0.0.1}
    status_txt: true
    records:
      "@":
        ttl: 1s
        primary: ${PRIMARY}
        backup: ${BACKUP}
        failback: manual
        check: {url: "http://${NAME}:${httpPort}/", ${times}}
`;
}

async function webServer(host: string, port: number, isFailing: () => boolean): Promise<http.Server> {
  const server = http.createServer((_request, response) => {
    response.statusCode = isFailing() ? 503 : 200;
    response.end('ok\n');
  });
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

/** One that nobody listens on, below those that the kernel gives to clients. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const isFree = await new Promise<boolean>((resolve) => {
      const server = net.createServer().once('error', () => resolve(false));
      server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

function rowsOf(database: string): readonly Row[] {
  const read = readHistory(database, (reader) => reader.transitions({ limit: 100_000 }));
  if (!read.ok) throw new Error(read.reason);
  return read.value.map(({ at, cause, toTarget, serial }) => ({ at, cause, toTarget, serial })).reverse();
}

/** The apex's address and others, each after two octets of its length. */
function queries(): Buffer {
  const asked = [
    encodeQuery(NAME, 'A', true),
    encodeQuery(NAME, 'A', false),
    encodeQuery(NAME, 'SOA', true),
    encodeQuery(`no.${NAME}`, 'A', true),
  ];
  return Buffer.concat(asked.flatMap((query) => [Buffer.from([query.length >> 8, query.length & 255]), query]));
}

async function load(port: number, file: string, rate: number, seconds: number): Promise<LoadResult> {
  const [sockets, window] = rate === 0 ? [8, 200] : [32, 64];
  const args = ['127.0.0.1', port, file, seconds, sockets, window, rate].map(String);
  const child = spawn(compile('load'), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the load generator ended with ${code}`);
  return JSON.parse(Buffer.concat(chunks).toString());
}

/** What one answer for the record's status says: which target, since when. */
export interface Sighting {
  readonly target: string;
  /** As in the column `at` of the row that led to it. */
  readonly since: string;
  readonly serial: number;
}

export interface Witness {
  /** Every different answer, in the order in which it was seen first. */
  readonly seen: readonly Sighting[];
  readonly answers: number;
  /** Settles when an answer that comes from now on says so. */
  sees(target: string): Promise<void>;
  stop(): Promise<void>;
}

/** A client that asks all the time for `_failover.<record>` TXT and remembers every answer. It outlives the server. */
export function watchWire(port: number, everyMs = 1): Witness {
  const seen = new Map<string, Sighting>();
  const socket = dgram.createSocket('udp4');
  const query = encodeTxt(`_failover.${NAME}`);
  const waiting = new Set<(target: string) => void>();
  let answers = 0;
  socket.on('error', () => {}); // the server is away
  socket.on('message', (message) => {
    const match = /active=(\S+) since=(\S+) serial=(\d+)/.exec(message.toString('latin1'));
    if (!match) return;
    const [, target = '', since = '', serial = ''] = match;
    answers += 1;
    const key = `${target} ${since}`;
    if (!seen.has(key)) seen.set(key, { target, since, serial: Number(serial) });
    for (const look of waiting) look(target);
  });
  const timer = setInterval(() => socket.send(query, port, '127.0.0.1', () => {}), everyMs);
  return {
    get seen() {
      return [...seen.values()];
    },
    get answers() {
      return answers;
    },
    sees: (wanted) =>
      new Promise((resolve) => {
        const look = (target: string): void => {
          if (target !== wanted) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
      }),
    stop() {
      clearInterval(timer);
      return new Promise((resolve) => void socket.close(resolve));
    },
  };
}

function encodeTxt(name: string): Buffer {
  return encodeQuery(name, 'TXT', true);
}

/** The sightings that no row explains. */
export function unexplained(seen: readonly Sighting[], rows: readonly Row[]): readonly Sighting[] {
  const known = new Set(rows.map(({ at, toTarget }) => `${toTarget} ${at}`));
  return seen.filter(({ target, since }) => !known.has(`${target} ${since}`));
}

/** Asks for the apex's address until it is this one. */
export async function answerIs(port: number, address: string): Promise<void> {
  await until(`${address} is answered`, async () => (await askOnce(port)) === address);
}

/** Asks every few milliseconds. @returns when the first answer came, on the clock of performance.now() */
async function firstAnswer(port: number): Promise<number> {
  while ((await askOnce(port, 5)) === null);
  return performance.now();
}

/** @returns the address in the last octets of the answer, null when none comes in time */
export function askOnce(port: number, withinMs = 500): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = dgram.createSocket('udp4');
    const finish = (address: string | null): void => {
      clearTimeout(timer);
      socket.close();
      resolve(address);
    };
    const timer = setTimeout(() => finish(null), withinMs);
    socket.on('error', () => {});
    socket.once('message', (message) => finish([...message.subarray(-4)].join('.')));
    socket.send(encodeQuery(NAME, 'A', false), port, '127.0.0.1');
  });
}

export async function until(what: string, isSo: () => Promise<boolean> | boolean, withinMs = 30_000): Promise<number> {
  const startedMs = performance.now();
  while (!(await isSo())) {
    if (performance.now() - startedMs > withinMs) throw new Error(`not within ${withinMs / 1000} s: ${what}`);
    await sleep(20);
  }
  return performance.now() - startedMs;
}
