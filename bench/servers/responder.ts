/** failoverd's responder behind one batched socket, in one thread. `node bench/servers/responder.ts PORT RECORDS` */
import { randomBytes } from 'node:crypto';
import { createResponderShared } from '../../src/dns/rate-limit.ts';
import { createResponder } from '../../src/dns/respond.ts';
import { openBatchedUdpSocket } from '../../src/dns/udp-batched.ts';
import { benchDns } from '../dns-options.ts';
import { benchZone } from '../zone.ts';

const [port, records] = process.argv.slice(2).map(Number);
const clock = { nowMs: () => performance.now(), epochMs: () => Date.now() };
const responder = createResponder({ dns: benchDns, clock, shared: createResponderShared(randomBytes) });
responder.load([benchZone(records ?? 1)]);
const options = { host: '127.0.0.1', port: port ?? 0, reusePort: false, ipv6Only: false };
await openBatchedUdpSocket(options, responder.handleUdp);
