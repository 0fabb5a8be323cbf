/**
 * What many endpoints cost the control plane and whether anybody sees it on the wire:
 * `npm run bench:scale -- [--records 5000] [--interval 5s] [--seconds 20] [--rate 3000]`. Two endpoints for each record, on addresses of
 * loopback; the daemon by its launcher. Bounded; stops by itself. Exits with 1 when the reload loses a health or leaves a probe.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { StatusReport } from '../src/runtime/status.ts';
import { type Served, serve } from '../test/helpers/serve.ts';
import type { LoopSample, Turn } from './loop-watch.ts';
import { openLoad } from './open-load.ts';
import { watchAnswer } from './watch-answer.ts';

const ZONE = 'fo.example';
const FLIPS = 20;
const LIMIT_MS = 60_000;

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '5000' },
    interval: { type: 'string', default: '5s' },
    seconds: { type: 'string', default: '20' },
    rate: { type: 'string', default: '3000' },
  },
});
const recordCount = Number(values.records);
const seconds = Number(values.seconds);
/** 1,000 endpoints are added, changed and removed by the reload, or a tenth of few. */
const moved = Math.min(500, Math.floor(recordCount / 10));

interface Plan {
  readonly port: number;
  readonly interval: string;
  /** The records by number; two addresses each. */
  readonly records: readonly { readonly index: number; readonly path: string }[];
}

function addressOf(endpoint: number): string {
  return `127.${1 + (endpoint >> 16)}.${(endpoint >> 8) & 255}.${endpoint & 255}`;
}

function configOf({ port, interval, records }: Plan): string {
  const lines = records.map(({ index, path }) => {
    const [primary, backup] = [addressOf(2 * index), addressOf(2 * index + 1)];
    return `      r${index}: {primary: ${primary}, backup: ${backup}, check: {url: "http://r${index}.${ZONE}:${port}${path}"}}`;
  });
  return `
listen: ["127.0.0.1:0"]
admin: {listen: "127.0.0.1:0"}
dns: {rate_limit: {responses_per_second: 0}}
defaults: {interval: ${interval}, timeout: 2s}
zones:
  ${ZONE}:
    nameservers: {ns1.${ZONE}: 127.0.0.1}
    records:
${lines.join('\n')}
`;
}

function plain(count: number): Plan['records'] {
  return Array.from({ length: count }, (_, index) => ({ index, path: '/' }));
}

interface Running {
  readonly served: Served;
  readonly directory: string;
  readonly startMs: number;
  readonly samples: () => readonly LoopSample[];
}

async function startDaemon(plan: Plan): Promise<Running> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'failoverd-scale-'));
  const file = path.join(directory, 'loop');
  const watched = { LOOP_WATCH: file, NODE_OPTIONS: `--import=${path.join(import.meta.dirname, 'loop-watch.ts')}` };
  const startedAtMs = performance.now();
  const served = await serve(directory, configOf(plan), watched);
  void served.exited.then(async (code) => {
    if (isStopping) return;
    console.error(`the server ended with ${code}; its last words:\n${await served.lastWords()}`);
    process.exit(1);
  });
  const startMs = performance.now() - startedAtMs;
  const samples = (): readonly LoopSample[] =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as LoopSample);
  return { served, directory, startMs, samples };
}

let isStopping = false;

async function stopDaemon({ served, directory }: Running): Promise<void> {
  isStopping = true;
  await served.stop();
  isStopping = false;
  rmSync(directory, { recursive: true });
}

function adminUrl({ lines }: Served): string {
  return /admin API on (http:\/\/[\d.:]+)/.exec(lines.join('\n'))?.[1] ?? '';
}

async function status(served: Served): Promise<StatusReport> {
  return (await (await fetch(`${adminUrl(served)}/api/v1/status`)).json()) as StatusReport;
}

/** Settles when every record is decided and every endpoint up. @returns how long that took. */
async function untilAllUp(served: Served, count: number): Promise<number> {
  const startMs = performance.now();
  for (;;) {
    const { records } = await status(served);
    const isUp = records.every(({ targets }) => targets.every((target) => target.status === 'up'));
    const elapsedMs = performance.now() - startMs;
    if (records.length === count && isUp) return elapsedMs;
    if (elapsedMs > LIMIT_MS) throw new Error(`after ${LIMIT_MS} ms not all of ${count} records are up`);
    await sleep(200);
  }
}

/** The worst turns of the loop in what the function does. */
async function turnsDuring(running: Running, work: () => Promise<unknown>): Promise<string> {
  await sleep(600);
  const before = running.samples();
  await work();
  await sleep(600);
  const after = running.samples();
  const turns = after.slice(before.length).flatMap((sample) => sample.turns);
  const worst = (of: (turn: Turn) => number): string => Math.max(0, ...turns.map(of)).toFixed(0);
  const cpuMs = (after.at(-1)?.cpuMs ?? 0) - (before.at(-1)?.cpuMs ?? 0);
  const core = cpuMs / ((after.length - before.length) * 5);
  const rss = Math.max(...after.slice(before.length).map(({ rssBytes }) => rssBytes)) / 2 ** 20;
  return `longest turn ${worst(({ cpuMs }) => cpuMs)} ms of CPU, ${worst(({ wallMs }) => wallMs)} ms on the clock; main thread ${core.toFixed(0)} % of a core; RSS ${rss.toFixed(0)} MiB; load ${os.loadavg()[0]?.toFixed(1)}`;
}

function load({ dnsPort }: Served): Promise<string> {
  const names = plain(recordCount).map(({ index }) => `r${index}.${ZONE}`);
  return openLoad({ port: dnsPort, names, seconds, queriesPerSecond: Number(values.rate) });
}

/** Health by endpoint, with the time since when. */
async function healths(served: Served): Promise<Map<string, string>> {
  const { records } = await status(served);
  const endpoints = records.flatMap(({ targets }) => targets.flatMap((target) => target.endpoints));
  return new Map(endpoints.map(({ id, status, since }) => [id, `${status} since ${since}`]));
}

function openFiles({ served }: Running): number {
  return readdirSync(`/proc/${served.process.pid}/fd`).length;
}

/** From an order to the first changed answer on the wire, the commit included. */
async function flips(served: Served): Promise<string> {
  const tookMs: number[] = [];
  const name = `r${recordCount - 1}.${ZONE}`;
  const addresses = [addressOf(2 * recordCount - 2), addressOf(2 * recordCount - 1)] as const;
  const watch = await watchAnswer(served.dnsPort, name);
  for (let flip = 0; flip < FLIPS; flip++) {
    const target = flip % 2 === 0 ? 'backup' : 'primary';
    const changed = watch.until(addresses[flip % 2 === 0 ? 1 : 0], LIMIT_MS);
    const orderedAtMs = performance.now();
    const response = await fetch(`${adminUrl(served)}/api/v1/records/${name}/switch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ target, reason: 'bench', actor: 'bench' }),
    });
    if (!response.ok) throw new Error(`the switch is refused: ${await response.text()}`);
    tookMs.push((await changed) - orderedAtMs);
    await sleep(50);
  }
  watch.close();
  const sorted = tookMs.toSorted((a, b) => a - b);
  return `p50 ${sorted[FLIPS / 2]?.toFixed(1)} ms, max ${sorted.at(-1)?.toFixed(1)} ms`;
}

const server = fork(path.join(import.meta.dirname, 'servers/counting-http.ts'));
os.setPriority(server.pid ?? 0, os.constants.priority.PRIORITY_LOW); // those that are probed run elsewhere, and take no core from us
const [{ port }] = (await once(server, 'message')) as [{ port: number }];
async function asked(): Promise<Map<string, number>> {
  server.send('addresses');
  const [addresses] = (await once(server, 'message')) as [[string, number][]];
  return new Map(addresses);
}

async function quiet(): Promise<void> {
  const running = await startDaemon({ port, interval: '1h', records: plain(recordCount) });
  const { served, startMs } = running;
  const upMs = await untilAllUp(served, recordCount);
  console.log(`start: answers DNS after ${startMs.toFixed(0)} ms, all endpoints up ${upMs.toFixed(0)} ms later`);
  await sleep(3000);
  let dns = '';
  console.log(`without probes: ${await turnsDuring(running, async () => (dns = await load(served)))}`);
  console.log(`  DNS: ${dns}`);
  console.log(`one transition, from the order to the wire: ${await flips(served)}`);
  await stopDaemon(running);
}

async function probing(): Promise<boolean> {
  const { interval } = values;
  const running = await startDaemon({ port, interval, records: plain(recordCount) });
  const { served, directory } = running;
  await untilAllUp(served, recordCount);
  await sleep(6000);
  let dns = '';
  await asked();
  console.log(
    `with ${2 * recordCount} endpoints every ${interval}: ${await turnsDuring(running, async () => (dns = await load(served)))}`,
  );
  console.log(`  DNS: ${dns}`);
  const probes = [...(await asked()).values()].reduce((sum, count) => sum + count, 0);
  console.log(
    `  ${Math.round(probes / (seconds + 1.2))} probes a second; ${JSON.stringify((await status(served)).prober)}`,
  );
  console.log(`status report: ${await turnsDuring(running, () => status(served))}`);
  console.log(`one transition, from the order to the wire: ${await flips(served)}`);
  const isRight = await reload(running, directory);
  await stopDaemon(running);
  return isRight;
}

/** Removes the first records, changes the next ones' checks, adds as many new ones. */
async function reload(running: Running, directory: string): Promise<boolean> {
  const { served } = running;
  const before = await healths(served);
  const filesBefore = openFiles(running);
  const kept = plain(recordCount).slice(moved);
  const changed = kept.map((record, i) => (i < moved ? { ...record, path: '/changed' } : record));
  const added = plain(recordCount + moved).slice(recordCount);
  const records = [...changed, ...added];
  writeFileSync(path.join(directory, 'failoverd.yaml'), configOf({ port, interval: values.interval, records }));
  const turns = await turnsDuring(running, async () => {
    served.process.kill('SIGHUP');
    await served.line(/reloaded .*failoverd\.yaml/);
    await untilAllUp(served, records.length);
  });
  console.log(`reload (${2 * moved} endpoints added, changed, removed): ${turns}`);
  await asked();
  await sleep(6000);
  const after = await healths(served);
  const unchanged = [...before].filter(([id]) => after.has(id));
  const lost = unchanged.filter(([id, health]) => after.get(id) !== health);
  const gone = new Set(Array.from({ length: 2 * moved }, (_, endpoint) => addressOf(endpoint)));
  const stray = [...(await asked()).keys()].filter((address) => gone.has(address));
  const { prober } = await status(served);
  console.log(
    `  ${unchanged.length} endpoints unchanged, health lost of ${lost.length}; ${stray.length} removed addresses probed still; ${prober.endpoints} scheduled; open files ${filesBefore} before, ${openFiles(running)} after`,
  );
  return lost.length === 0 && stray.length === 0 && unchanged.length === 2 * (recordCount - 2 * moved);
}

console.log(
  `${recordCount} records, ${2 * recordCount} endpoints, Node ${process.version}, load ${os.loadavg()[0]?.toFixed(1)}`,
);
await quiet();
const isRight = await probing();
server.disconnect();
if (!isRight) process.exitCode = 1;
