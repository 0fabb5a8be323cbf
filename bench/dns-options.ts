import type { DnsOptions } from '../src/runtime/ports.ts';

/** What failoverd is measured with: everything on, and rate limiting at a rate that counts all and refuses nobody. */
export const benchDns: DnsOptions = {
  sockets: 'auto',
  ednsSizeBytes: 1232,
  rateLimit: { responsesPerSecond: 1_000_000, slip: 2, ipv4PrefixBits: 32, ipv6PrefixBits: 64 },
  cookies: true,
  cookieSecrets: [],
  nsid: null,
  chaosVersion: null,
  tcp: { maxConnections: 512, maxPerClient: 32, idleTimeoutMs: 10_000 },
};
