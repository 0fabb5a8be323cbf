/** A small zone, and the DNS messages to ask for it. */
import type { OwnerName } from '../../src/core/name.ts';
import type { RRset } from '../../src/core/rr.ts';
import type { ZoneChange, ZoneContent } from '../../src/core/zone.ts';
import type { DataPlaneOptions } from '../../src/runtime/ports.ts';

export const APEX = 'app.example.com.' as OwnerName;

export const PRIMARY = '192.0.2.10';
export const BACKUP = '198.51.100.20';

export function addressRRset(address: string, owner: OwnerName = APEX): RRset {
  return { owner, type: 'A', ttlSeconds: 10, rdatas: [{ type: 'A', address }] };
}

/** A zone whose apex answers with the address. */
export function zoneWith(address: string, serial = 1): ZoneContent {
  const mname = `ns1.${APEX}` as OwnerName;
  const timers = { refreshSeconds: 3600, retrySeconds: 600, expireSeconds: 1_209_600, minimumSeconds: 10 };
  return {
    apex: APEX,
    soa: { type: 'SOA', mname, rname: `hostmaster.${APEX}` as OwnerName, serial, ...timers },
    soaTtlSeconds: 10,
    rrsets: [
      { owner: APEX, type: 'NS', ttlSeconds: 3600, rdatas: [{ type: 'NS', nsdname: mname }] },
      addressRRset('127.0.0.1', mname),
      addressRRset(address),
    ],
    names: [APEX],
    degraded: {},
  };
}

/** The publication by which the apex answers with another address. */
export function flipTo(address: string, serial: number): ZoneChange {
  return { apex: APEX, serial, changes: [{ owner: APEX, type: 'A', rrset: addressRRset(address) }], degraded: {} };
}

/** Options for loopback, with `change` on top. */
export function planeOptions(change: Partial<DataPlaneOptions> = {}): DataPlaneOptions {
  return {
    listen: [{ host: '127.0.0.1', port: 0 }],
    workers: 2,
    dns: {
      sockets: 'dgram',
      ednsSizeBytes: 1232,
      rateLimit: { responsesPerSecond: 0, slip: 2, ipv4PrefixBits: 32, ipv6PrefixBits: 64 },
      cookies: false,
      cookieSecrets: [],
      nsid: null,
      chaosVersion: null,
      tcp: { maxConnections: 512, maxPerClient: 32, idleTimeoutMs: 10_000 },
    },
    ...change,
  };
}

/** An A query for the apex, with this id. */
export function query(id: number): Buffer {
  const name = APEX.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
  return Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...name, 0, 1, 0, 1]);
}
