/**
 * What a thousand idle and a thousand dripping TCP clients do to those who ask over UDP: `node bench/tcp-clients.ts [SECONDS [RATE]]`.
 * The daemon by its launcher, loopback only; without and with the clients, in turn; stops by itself.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '../test/helpers/serve.ts';
import { openLoad } from './open-load.ts';

const CLIENTS = path.join(import.meta.dirname, '../test/helpers/tcp-clients.ts');
const ROUNDS = 3;

const [seconds = 5, queriesPerSecond = 3000] = process.argv.slice(2).map(Number);

const CONFIG = `listen: ["127.0.0.1:0"]
admin: {listen: "127.0.0.1:0"}
dns: {rate_limit: {responses_per_second: 0}, tcp: {max_connections: 4000, max_per_client: 100, idle_timeout: 10m}}
zones:
  fo.example:
    nameservers: {ns1.fo.example: 127.0.0.1}
    records: {www: {primary: 127.0.0.91, backup: 127.0.0.92, check: {tcp: 9}}}
`;

const directory = mkdtempSync(path.join(os.tmpdir(), 'failoverd-tcp-clients-'));
const served = await serve(directory, CONFIG);
const load = { port: served.dnsPort, names: ['www.fo.example'], seconds, queriesPerSecond };
for (let round = 0; round < ROUNDS; round++) {
  console.log(`alone:       ${await openLoad(load)}`);
  const clients = spawn(process.execPath, [CLIENTS, `${served.dnsPort}`, '1000', '1000'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(clients.stdout, 'data');
  os.setPriority(clients.pid ?? 0, os.constants.priority.PRIORITY_LOW); // they run elsewhere, and take no core from us
  await sleep(500);
  console.log(`beside them: ${await openLoad(load)}`);
  clients.stdin.end();
  await once(clients, 'exit');
}
await served.stop();
rmSync(directory, { recursive: true });
