/** A data plane on the wildcard addresses, with `dgram` or `batched` sockets: prints its port, and ends with its stdin. */
import { createDataPlane } from '../../src/dns/pool.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { quiet } from './data-plane.ts';
import { PRIMARY, planeOptions, zoneWith } from './dns-zone.ts';

const { dns } = planeOptions();
const sockets = process.argv[2] === 'batched' ? 'batched' : 'dgram';
const listen = ['0.0.0.0', '::'].map((host) => ({ host, port: 0 }));
const options = planeOptions({ listen, workers: 1, dns: { ...dns, sockets } });
const plane = createDataPlane(options, { clock: systemClock, log: quiet });
const [bound] = await plane.start([zoneWith(PRIMARY)]);
console.log(bound?.port);
process.stdin.on('end', () => void plane.stop()).resume();
