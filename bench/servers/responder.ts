/**
 * failoverd's responder behind one of its sockets, in one thread. Rate limiting counts, at a rate that refuses nobody.
 * `node bench/servers/responder.ts PORT RECORDS batched|dgram`
 */
import { randomBytes } from 'node:crypto';
import { createResponderShared } from '../../src/dns/rate-limit.ts';
import { createResponder } from '../../src/dns/respond.ts';
import { openBatchedUdpSocket } from '../../src/dns/udp-batched.ts';
import type { DnsOptions } from '../../src/runtime/ports.ts';
import { benchZone } from '../zone.ts';

const dns: DnsOptions = {
  sockets: 'auto',
  ednsSizeBytes: 1232,
  rateLimit: { responsesPerSecond: 1_000_000, slip: 2, ipv4PrefixBits: 32, ipv6PrefixBits: 64 },
  cookies: true,
  cookieSecrets: [],
  nsid: null,
  chaosVersion: null,
  tcp: { maxConnections: 512, maxPerClient: 32, idleTimeoutMs: 10_000 },
};

const [port, records] = process.argv.slice(2).map(Number);
const clock = { nowMs: () => performance.now(), epochMs: () => Date.now() };
const responder = createResponder({ dns, clock, shared: createResponderShared(randomBytes) });
responder.load([benchZone(records ?? 1)]);
const options = { host: '127.0.0.1', port: port ?? 0, reusePort: false, ipv6Only: false };
await openBatchedUdpSocket(options, responder.handleUdp);
