/**
 * Whether a receiver of notifications that hangs makes a probe late: `node bench/sinks.ts [SECONDS]`. The daemon by its launcher, 50
 * records whose primary comes and goes every 4 s; first without sinks, then with two that take every request and never
 * answer. Prints how late the most overdue probe was, asked 20 times a second. Loopback only; stops by itself.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBackend } from '../test/helpers/backend.ts';
import { serve, status } from '../test/helpers/serve.ts';

const RECORDS = 50;
const MOVE_EVERY_MS = 4_000;
const ASK_EVERY_MS = 50;
const SECRET = `whsec_${Buffer.alloc(24, 's').toString('base64')}`;

const seconds = Number(process.argv[2] ?? 30);

function configOf(port: number, sinks: readonly string[]): string {
  const record = (i: number): string =>
    `      r${i}: {primary: 127.0.0.91, backup: 127.0.0.92, failback: {after: 1s}, check: ` +
    `{url: "http://r${i}.example.com:${port}/", interval: 1s, timeout: 500ms, confirm: 100ms, rise: 1}}`;
  const notify = sinks.map((url) => `{url: "${url}", secret: "${SECRET}", on: [failover, failback, all_down, alarm]}`);
  return `listen: ["127.0.0.1:0"]
admin: {listen: "127.0.0.1:0"}
notify: [${notify.join(', ')}]
zones:
  example.com:
    nameservers: {ns1.example.com: 127.0.0.1}
    records:
${Array.from({ length: RECORDS }, (_, i) => record(i)).join('\n')}
`;
}

/** The primary comes and goes until the signal. */
async function moveAbout(port: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const primary = await startBackend('127.0.0.91', port);
    await sleep(MOVE_EVERY_MS, undefined, { signal }).catch(() => {});
    await primary.kill();
    await sleep(MOVE_EVERY_MS, undefined, { signal }).catch(() => {});
  }
}

async function run(title: string, sinks: readonly string[]): Promise<void> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'failoverd-sinks-'));
  const backup = await startBackend('127.0.0.92');
  const end = new AbortController();
  const moving = moveAbout(backup.port, end.signal);
  const served = await serve(directory, configOf(backup.port, sinks));
  const lags: number[] = [];
  for (const untilMs = performance.now() + seconds * 1000; performance.now() < untilMs; await sleep(ASK_EVERY_MS)) {
    lags.push((await status(served)).prober.lagMs);
  }
  end.abort();
  await served.stop();
  await Promise.all([moving, backup.kill()]);
  rmSync(directory, { recursive: true });
  console.log(
    `${title}: the most overdue probe was ${Math.max(...lags).toFixed(1)} ms late, asked ${lags.length} times`,
  );
}

let requests = 0;
const hanging: Server = createServer(() => {
  requests += 1;
}).listen(0, '127.0.0.95');
await new Promise((resolve) => hanging.once('listening', resolve));
const { port } = hanging.address() as AddressInfo;
await run('without sinks', []);
await run('two that hang', [`http://127.0.0.95:${port}/a`, `http://127.0.0.95:${port}/b`]);
console.log(`${requests} requests were taken and not answered`);
hanging.closeAllConnections();
hanging.close();
