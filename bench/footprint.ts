/**
 * What thousands of records take: memory, and the time until the first answer, of a first start and of a restart.
 * `node bench/footprint.ts [--records 10000] [--endpoints 10000] [--settle 14] [--restarts 1]`
 * The daemon by its launcher (FAILOVERD names that of an installed package), with two DNS workers, every endpoint over HTTP every 5 s
 * on addresses of loopback. Bounded; stops by itself.
 */
import { fork } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Served, serve } from '../test/helpers/serve.ts';
import { encodeQuery } from './queries.ts';

const ZONE = 'fo.example';
const LIMIT_MS = 60_000;
const ASK_EVERY_MS = 5;

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '10000' },
    endpoints: { type: 'string' },
    settle: { type: 'string', default: '14' },
    restarts: { type: 'string', default: '1' },
  },
});
const recordCount = Number(values.records);
const endpointCount = Number(values.endpoints ?? values.records);

function addressOf(endpoint: number): string {
  return `127.${1 + (endpoint >> 16)}.${(endpoint >> 8) & 255}.${endpoint & 255}`;
}

/** Two targets each; where there are fewer endpoints than targets, records share them. */
function configOf(dnsPort: number, httpPort: number): string {
  const lines = Array.from({ length: recordCount }, (_, index) => {
    const [primary, backup] = [index, index + recordCount].map((target) => addressOf(target % endpointCount));
    const other = primary === backup ? addressOf((index + 1) % endpointCount) : backup;
    return `      r${index}: {primary: ${primary}, backup: ${other}}`;
  });
  return `
listen: ["127.0.0.1:${dnsPort}"]
workers: 2
admin: {listen: "127.0.0.1:0"}
dns: {rate_limit: {responses_per_second: 0}}
defaults: {interval: 5s, timeout: 2s, url: "http://app.${ZONE}:${httpPort}/"}
zones:
  ${ZONE}:
    nameservers: {ns1.${ZONE}: 127.0.0.1}
    records:
${lines.join('\n')}
`;
}

/** A port that nothing listens on yet: who asks from the start on must know it. */
async function freePort(): Promise<number> {
  const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

/** Asks again and again until the answer has a record. */
async function untilAnswered(port: number, name: string): Promise<void> {
  const socket = dgram.createSocket('udp4');
  const query = encodeQuery(name, 'A', false);
  const answered = new Promise<void>((resolve) => {
    socket.on('message', (message) => message.readUInt16BE(6) > 0 && resolve());
  });
  const asking = setInterval(() => socket.send(query, port, '127.0.0.1'), ASK_EVERY_MS);
  const outcome = await Promise.race([answered, sleep(LIMIT_MS, 'late', { ref: false })]);
  clearInterval(asking);
  socket.close();
  if (outcome === 'late') throw new Error(`no answer for ${name} within ${LIMIT_MS} ms`);
}

function residentMib({ process: { pid } }: Served): string {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const [all, own] = ['VmRSS', 'RssAnon'].map(
    (key) => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]) / 1024,
  );
  return `RSS ${all?.toFixed(0)} MiB, ${own?.toFixed(0)} of it anonymous`;
}

async function run(label: string, directory: string, dnsPort: number, config: string): Promise<void> {
  const startedAtMs = performance.now();
  const elapsedMs = (): string => (performance.now() - startedAtMs).toFixed(0);
  const [answersMs, [served, readyMs]] = await Promise.all([
    untilAnswered(dnsPort, `r${recordCount - 1}.${ZONE}`).then(elapsedMs),
    serve(directory, config).then((served) => [served, elapsedMs()] as const),
  ]);
  await sleep(Number(values.settle) * 1000);
  console.log(
    `${label}: answers after ${answersMs} ms, ready after ${readyMs} ms; ${residentMib(served)}; load ${os.loadavg()[0]?.toFixed(1)}`,
  );
  await served.stop();
}

const server = fork(path.join(import.meta.dirname, 'servers/counting-http.ts'));
const [{ port: httpPort }] = (await once(server, 'message')) as [{ port: number }];
const directory = mkdtempSync(path.join(os.tmpdir(), 'failoverd-footprint-'));
try {
  console.log(`${recordCount} records, ${endpointCount} endpoints, Node ${process.version}`);
  const dnsPort = await freePort();
  const config = configOf(dnsPort, httpPort);
  await run('first start', directory, dnsPort, config);
  for (let restart = 0; restart < Number(values.restarts); restart++) await run('restart', directory, dnsPort, config);
} finally {
  server.disconnect();
  rmSync(directory, { recursive: true, force: true });
}
