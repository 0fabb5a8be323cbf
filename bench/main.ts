/**
 * How fast failoverd answers, against bare echoes and the name servers that are installed here: `npm run bench -- --help`.
 * Server and client each have a core of their own; the contenders take turns; every figure is the median of the rounds.
 */
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { dnsperf, ownClient } from './clients.ts';
import { compile } from './compile.ts';
import { contenders } from './contenders.ts';
import { type Bench, type Measurement, measure } from './measure.ts';
import type { Contender } from './peers.ts';
import { encodeMix } from './queries.ts';
import { formatTable, medians } from './table.ts';

const HELP = `npm run bench -- [options] [contender…]

Loopback only; bounded; stops by itself. Contenders: ${contenders.map(({ name }) => name).join(' ')}

  --rounds 5            rounds; the order of the contenders turns round in every other one
  --seconds 5           measured time of a run, after --warmup 1.5
  --client own          own or dnsperf (which tells no percentiles)
  --sockets 8           client sockets
  --window 200          queries under way (closed loop)
  --rate 0              queries a second instead (open loop); latencies count from when a query was due
  --records 1           failover names in the zone
  --workers 1           UDP workers of each server
  --server-cpus 0       cores of the server, and --client-cpus 1 of the client; '' leaves it to the kernel
  --quiet 0.2           a run during which others used more CPUs than this is repeated, twice at most
  --lock FILE           lock this file while measuring
  --json FILE           write every run into this file
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    warmup: { type: 'string', default: '1.5' },
    client: { type: 'string', default: 'own' },
    sockets: { type: 'string', default: '8' },
    window: { type: 'string', default: '200' },
    rate: { type: 'string', default: '0' },
    records: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1' },
    'server-cpus': { type: 'string', default: '0' },
    'client-cpus': { type: 'string', default: '1' },
    quiet: { type: 'string', default: '0.2' },
    lock: { type: 'string', default: '' },
    json: { type: 'string', default: '' },
  },
});

const REPEATS = 2;

function choose(names: readonly string[]): Contender[] {
  const unknown = names.filter((name) => !contenders.some((contender) => contender.name === name));
  if (unknown.length > 0) throw new Error(`no contender ${unknown.join(', ')}`);
  const wanted = contenders.filter(({ name, isExtra }) => (names.length === 0 ? !isExtra : names.includes(name)));
  for (const { name, absent } of wanted) if (absent) console.log(`# without ${name}: ${absent}`);
  return wanted.filter(({ absent }) => absent === null);
}

function benchFromOptions(): Bench {
  const queries = path.join(os.tmpdir(), `failoverd-bench-queries-${process.pid}`);
  const records = Number(values.records);
  writeFileSync(queries, encodeMix(records));
  return {
    client: values.client === 'dnsperf' ? dnsperf : ownClient(compile('load')),
    load: {
      queries,
      seconds: Number(values.seconds),
      warmupSeconds: Number(values.warmup),
      sockets: Number(values.sockets),
      window: Number(values.window),
      rate: Number(values.rate),
    },
    serverCpus: values['server-cpus'],
    clientCpus: values['client-cpus'],
    workers: Number(values.workers),
    records,
    lock: values.lock,
  };
}

/** Measures again while others keep the machine busy. */
async function measureQuietly(contender: Contender, bench: Bench): Promise<Measurement> {
  let best = await measure(contender, bench);
  for (let repeat = 0; repeat < REPEATS && best.busyOther > Number(values.quiet); repeat++) {
    const next = await measure(contender, bench);
    if (next.busyOther < best.busyOther) best = next;
  }
  return best;
}

async function main(): Promise<void> {
  const chosen = choose(positionals);
  const bench = benchFromOptions();
  const runs: Measurement[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const contender of round % 2 === 0 ? chosen : chosen.toReversed()) {
      try {
        runs.push(await measureQuietly(contender, bench));
      } catch (error) {
        console.error(`# round ${round + 1}: ${(error as Error).message}`);
      }
    }
  }
  if (values.json) writeFileSync(values.json, JSON.stringify(runs, null, 1));
  console.log(
    formatTable(
      medians(
        chosen.map(({ name }) => name),
        runs,
      ),
    ),
  );
}

if (values.help) console.log(HELP);
else await main();
