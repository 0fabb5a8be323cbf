/** One run: a server on one core, the load on another, and what each of them cost. */
import { type ChildProcess, spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Load, LoadResult } from './clients.ts';
import type { Contender } from './peers.ts';
import { busySeconds, cpuSeconds, processTree, residentMib } from './process-stats.ts';
import { encodeQuery, ZONE } from './queries.ts';

export interface Bench {
  readonly client: Client;
  readonly load: Load;
  /** CPU lists as `taskset` takes them; '' leaves it to the kernel. */
  readonly serverCpus: string;
  readonly clientCpus: string;
  readonly workers: number;
  readonly records: number;
  /** A file that whoever measures on this machine locks meanwhile; '' for none. */
  readonly lock: string;
}

export interface Measurement extends LoadResult {
  readonly name: string;
  readonly queriesPerSecond: number;
  /** Microseconds of the server's CPU time for each answered query. */
  readonly cpuUs: number;
  readonly userUs: number;
  readonly clientCpuUs: number;
  readonly residentMib: number;
  /** CPUs that neither server nor client kept busy. */
  readonly busyOther: number;
}

const FIRST_PORT = 20_000;
const PORTS = 10_000;
const START_LIMIT_MS = 15_000;

function pinned(cpus: string, command: readonly string[]): string[] {
  return cpus === '' ? [...command] : ['taskset', '--cpu-list', cpus, ...command];
}

function run(command: readonly string[], log: number | 'pipe'): ChildProcess {
  const [file = '', ...args] = command;
  return spawn(file, args, { stdio: ['ignore', log, log === 'pipe' ? 'inherit' : log], detached: log !== 'pipe' });
}

/** A port that nobody has, over UDP and TCP, so that two benches on one machine do not measure each other's servers. */
async function findFreePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS); // below those that the kernel gives to clients
    if ((await isFreeForUdp(port)) && (await isFreeForTcp(port))) return port;
  }
}

async function isFreeForUdp(port: number): Promise<boolean> {
  const socket = dgram.createSocket('udp4').bind(port, '127.0.0.1');
  const isFree = await once(socket, 'listening').then(
    () => true,
    () => false,
  );
  socket.close();
  return isFree;
}

async function isFreeForTcp(port: number): Promise<boolean> {
  const server = net.createServer().listen(port, '127.0.0.1');
  const isFree = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.close();
  return isFree;
}

/** Asks for the apex until somebody answers. */
async function waitForAnswer(port: number, server: ChildProcess): Promise<void> {
  const socket = dgram.createSocket('udp4');
  const query = encodeQuery(ZONE, 'SOA', false);
  let answered = false;
  socket.on('message', () => (answered = true));
  socket.on('error', () => {}); // refused as long as nobody listens
  for (const start = Date.now(); !answered && Date.now() - start < START_LIMIT_MS; await sleep(50)) {
    if (server.exitCode !== null) break;
    socket.send(query, port, '127.0.0.1');
  }
  socket.close();
  if (!answered) throw new Error('the server does not answer');
}

async function stop(server: ChildProcess): Promise<void> {
  const members = server.pid ? processTree(server.pid) : [];
  if (server.exitCode === null && server.signalCode === null) {
    server.kill('SIGTERM');
    await Promise.race([once(server, 'exit'), sleep(3000)]);
  }
  for (const pid of members) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {} // it ended by itself
  }
}

async function runLoad(bench: Bench, port: number, seconds: number): Promise<LoadResult> {
  const child = run(pinned(bench.clientCpus, bench.client.command(bench.load, port, seconds)), 'pipe');
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk) => chunks.push(chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the load generator ended with ${code}`);
  return bench.client.parse(Buffer.concat(chunks).toString());
}

/** Holds the lock until the returned function is called. */
async function takeLock(file: string): Promise<() => void> {
  if (file === '') return () => {};
  const holder = spawn('flock', [file, 'sh', '-c', 'echo locked; cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  return () => holder.stdin.end();
}

async function measureRunning(name: string, bench: Bench, port: number, pid: number): Promise<Measurement> {
  await runLoad(bench, port, bench.load.warmupSeconds);
  const before = { ...cpuSeconds(pid), busy: busySeconds(), at: performance.now() };
  const result = await runLoad(bench, port, bench.load.seconds);
  const after = { ...cpuSeconds(pid), busy: busySeconds(), at: performance.now() };
  const user = after.user - before.user;
  const server = user + after.system - before.system;
  const others = after.busy - before.busy - server - result.cpuSeconds;
  return {
    ...result,
    name,
    queriesPerSecond: result.answered / result.seconds,
    cpuUs: (server / result.answered) * 1e6,
    userUs: (user / result.answered) * 1e6,
    clientCpuUs: (result.cpuSeconds / result.answered) * 1e6,
    residentMib: processTree(pid).reduce((sum, member) => sum + residentMib(member), 0),
    busyOther: Math.max(0, others / ((after.at - before.at) / 1000)),
  };
}

/** Starts the server, warms it up, measures and ends it. */
export async function measure(contender: Contender, bench: Bench): Promise<Measurement> {
  const port = await findFreePort();
  const directory = mkdtempSync(path.join(os.tmpdir(), `failoverd-bench-${contender.name}-`));
  const { workers, records } = bench;
  const command = contender.command({ directory, port, workers, records });
  const server = run(pinned(bench.serverCpus, command), openSync(path.join(directory, 'log'), 'a'));
  try {
    await waitForAnswer(port, server);
    const release = await takeLock(bench.lock);
    try {
      return await measureRunning(contender.name, bench, port, server.pid ?? 0);
    } finally {
      release();
    }
  } catch (error) {
    const log = readFileSync(path.join(directory, 'log'), 'utf8').split('\n').slice(-10).join('\n');
    throw new Error(`${contender.name}: its last words:\n${log}`, { cause: error });
  } finally {
    await stop(server);
    rmSync(directory, { recursive: true, force: true });
  }
}
