/**
 * failoverd's data plane alone, its control plane being a timer: the first record flips between two addresses so many times a
 * second. `node bench/servers/data-plane.ts PORT RECORDS WORKERS FLIPS_PER_SECOND`
 */
import type { ZoneChange } from '../../src/core/zone.ts';
import { createDataPlane } from '../../src/dns/pool.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { createLog } from '../../src/runtime/log.ts';
import { benchDns } from '../dns-options.ts';
import { benchZone } from '../zone.ts';

const ADDRESSES = ['192.0.2.10', '198.51.100.20'];

const [port = 0, records = 1, workers = 1, flipsPerSecond = 0] = process.argv.slice(2).map(Number);
const log = createLog({ level: 'warn', format: 'json', hasColour: false }, process.stderr);
const zone = benchZone(records);
const listen = [{ host: '127.0.0.1', port }];
const plane = createDataPlane({ listen, workers, dns: benchDns }, { clock: systemClock, log });
await plane.start([zone]);

const flipped = zone.rrsets.find(({ owner, type }) => owner.startsWith('app') && type === 'A');
if (!flipped) throw new Error('the zone has no record');
const { owner, type, ttlSeconds } = flipped;

function flip(serial: number): ZoneChange {
  const address = ADDRESSES[serial % 2] ?? '';
  const rrset = { owner, type, ttlSeconds, rdatas: [{ type: 'A', address }] } as const;
  return { apex: zone.apex, serial, changes: [{ owner, type, rrset }], degraded: {} };
}

let serial = zone.soa.serial;
if (flipsPerSecond > 0) setInterval(() => plane.publish(flip(++serial)), 1000 / flipsPerSecond);
