import type { OwnerName } from '../../src/core/name.ts';
import { buildZone, type Zone, type ZoneContent, type Zones } from '../../src/core/zone.ts';
import { name, rrsets } from './names.ts';

/** The content of a zone whose records are lines such as `www 300 A 192.0.2.1`. */
export function content(apex: string, lines: string, more: Partial<ZoneContent> = {}): ZoneContent {
  const origin = name(apex);
  return {
    apex: origin,
    soa: {
      type: 'SOA',
      mname: name(`ns1.${origin}`),
      rname: name(`hostmaster.${origin}`),
      serial: 1,
      refreshSeconds: 3600,
      retrySeconds: 600,
      expireSeconds: 1_209_600,
      minimumSeconds: 10,
    },
    soaTtlSeconds: 60,
    rrsets: rrsets(apex, lines),
    names: [],
    degraded: {},
    ...more,
  };
}

export function zonesOf(...contents: readonly ZoneContent[]): Zones {
  return new Map<OwnerName, Zone>(contents.map((one) => [one.apex, buildZone(one)]));
}
