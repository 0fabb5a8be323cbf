/** The zone of the bench as failoverd's data plane holds it: the records of {@link zoneFile} in peers.ts. */
import { type OwnerName, parseOwnerName } from '../src/core/name.ts';
import type { Rdata, RRset } from '../src/core/rr.ts';
import type { ZoneContent } from '../src/core/zone.ts';
import { recordNames, ZONE } from './queries.ts';

function name(text: string): OwnerName {
  const parsed = parseOwnerName(`${text}.`);
  if (!('value' in parsed)) throw new Error(`${text} is no name`);
  return parsed.value;
}

function rrset(owner: string, ttlSeconds: number, rdata: Rdata): RRset {
  return { owner: name(owner), type: rdata.type, ttlSeconds, rdatas: [rdata] };
}

/** Names of `records` failover records with an A and an AAAA, beside the apex's SOA, NS and TXT. */
export function benchZone(records: number): ZoneContent {
  const nameServer = `ns1.${ZONE}`;
  return {
    apex: name(ZONE),
    soa: {
      type: 'SOA',
      mname: name(nameServer),
      rname: name(`hostmaster.${ZONE}`),
      serial: 1,
      refreshSeconds: 3600,
      retrySeconds: 600,
      expireSeconds: 1_209_600,
      minimumSeconds: 10,
    },
    soaTtlSeconds: 10,
    rrsets: [
      rrset(ZONE, 3600, { type: 'NS', nsdname: name(nameServer) }),
      rrset(nameServer, 3600, { type: 'A', address: '127.0.0.1' }),
      rrset(ZONE, 10, { type: 'TXT', strings: ['hello world'] }),
      ...recordNames(records).flatMap((label) => [
        rrset(`${label}.${ZONE}`, 10, { type: 'A', address: '192.0.2.10' }),
        rrset(`${label}.${ZONE}`, 10, { type: 'AAAA', address: '2001:db8::10' }),
      ]),
    ],
    names: recordNames(records).map((label) => name(`${label}.${ZONE}`)),
    degraded: {},
  };
}
