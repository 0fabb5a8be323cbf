/** How long one publication takes until every DNS worker answers by it: `node bench/publication.ts [records] [workers]`. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { OwnerName } from '../src/core/name.ts';
import type { RRset } from '../src/core/rr.ts';
import type { ZoneContent } from '../src/core/zone.ts';
import { createDataPlane } from '../src/dns/pool.ts';
import { systemClock } from '../src/runtime/clock.ts';
import { benchDns } from './dns-options.ts';

const PUBLICATIONS = 200;
const APEX = 'fo.example.' as OwnerName;
const [records = '10000', workers = '2'] = process.argv.slice(2);

function ownerOf(index: number): OwnerName {
  return `r${index}.${APEX}` as OwnerName;
}

function answer(index: number, address: string): RRset {
  return { owner: ownerOf(index), type: 'A', ttlSeconds: 10, rdatas: [{ type: 'A', address }] };
}

const names = Array.from({ length: Number(records) }, (_, index) => ownerOf(index));
const ns = 'ns1.fo.example.' as OwnerName;
const timers = { refreshSeconds: 3600, retrySeconds: 600, expireSeconds: 1_209_600, minimumSeconds: 10 };
const content: ZoneContent = {
  apex: APEX,
  soa: { type: 'SOA', mname: ns, rname: ns, serial: 1, ...timers },
  soaTtlSeconds: 10,
  rrsets: [
    { owner: APEX, type: 'NS', ttlSeconds: 3600, rdatas: [{ type: 'NS', nsdname: ns }] },
    ...names.map((_, index) => answer(index, '192.0.2.1')),
  ],
  names,
  degraded: {},
};
const log = { debug() {}, info() {}, warn() {}, error: console.error };
const dataPlane = createDataPlane(
  { listen: [{ host: '127.0.0.1', port: 0 }], workers: Number(workers), dns: benchDns },
  { clock: systemClock, log },
);

const startedAtMs = performance.now();
await dataPlane.start([content]);
console.log(`${records} records: ${workers} workers answer after ${(performance.now() - startedAtMs).toFixed(0)} ms`);
const tookMs: number[] = [];
for (let n = 0; n < PUBLICATIONS; n++) {
  const index = (n * 7919) % names.length;
  const rrset = answer(index, n % 2 === 0 ? '192.0.2.2' : '192.0.2.1');
  const atMs = performance.now();
  dataPlane.publish({
    apex: APEX,
    serial: n + 2,
    changes: [{ owner: rrset.owner, type: 'A', rrset }],
    degraded: { [rrset.owner]: null },
  });
  await dataPlane.stats(); // through the same port: its reply comes after the change is in force
  tookMs.push(performance.now() - atMs);
  await sleep(20);
}
tookMs.sort((a, b) => a - b);
console.log(
  `a publication is in force everywhere after p50 ${tookMs[PUBLICATIONS / 2]?.toFixed(2)} ms, max ${tookMs.at(-1)?.toFixed(2)} ms`,
);
await dataPlane.stop();
