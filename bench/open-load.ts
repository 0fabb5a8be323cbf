/** A steady stream of A queries at a running server, whatever comes back, and how long the answers took. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Latencies, ownClient } from './clients.ts';
import { compile } from './compile.ts';
import { encodeQuery } from './queries.ts';

export interface OpenLoad {
  readonly port: number;
  /** Asked in turn, every other one with EDNS. */
  readonly names: readonly string[];
  readonly seconds: number;
  readonly queriesPerSecond: number;
}

/** @returns one line for people. */
export async function openLoad({ port, names, seconds, queriesPerSecond }: OpenLoad): Promise<string> {
  const queries = path.join(os.tmpdir(), `failoverd-open-load-${process.pid}`);
  const messages = names.map((name, index) => encodeQuery(name, 'A', index % 2 === 0));
  writeFileSync(queries, Buffer.concat(messages.flatMap((message) => [Buffer.from([0, message.length]), message])));
  const load = { queries, seconds, warmupSeconds: 0, sockets: 8, window: 0, rate: queriesPerSecond };
  const client = ownClient(compile('load'));
  const [file = '', ...args] = client.command(load, port, seconds);
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  await once(child, 'close');
  rmSync(queries);
  const { answered, lost, wireUs, latencyUs } = client.parse(Buffer.concat(chunks).toString());
  return `${answered} answers, ${lost} lost; p50 / p99 / p99.9 / max ${milliseconds(wireUs)} ms on the wire, ${milliseconds(latencyUs)} ms as the client saw it`;
}

function milliseconds(us: Latencies | null): string {
  return us === null ? '–' : [us.p50, us.p99, us.p999, us.max].map((each) => (each / 1000).toFixed(2)).join(' / ');
}
