/** The section of a zone. */
import * as z from 'zod';
import type { OwnerName } from '../core/name.ts';
import type { MaintenanceSpec, ZoneSpec } from './config.ts';
import { refuseConflicts } from './conflicts.ts';
import { type NameKey, readNameKeys, readOwnerName } from './names.ts';
import { readNameservers } from './nameservers.ts';
import { type Defaults, readRecord } from './record.ts';
import type { Scope } from './scope.ts';
import { checkSecondaries, secondariesSchema } from './secondaries.ts';
import { resolveSoa, soaSchema } from './soa.ts';
import { readStatic, toRRsets } from './static.ts';
import { boolean, isMap, mapOfNames, section } from './values.ts';

export const zoneSchema = section({
  /** The zone's name servers: name to address, list of addresses (glue), or nothing for a name outside the zone. */
  nameservers: mapOfNames,
  soa: soaSchema,
  /** Ordinary records: A AAAA CNAME TXT MX NS SRV CAA. */
  static: z.unknown().optional(),
  /** Servers that may transfer the zone and get NOTIFY. */
  secondaries: secondariesSchema,
  /** Publish `_failover.<record>` TXT. */
  status_txt: boolean.default(false),
  /** The failover names. */
  records: mapOfNames,
});

/** The warning about a zone that one server's outage takes away. */
export const ONE_NAMESERVER = 'one name server: while it is away the zone has no answer (RFC 1034 §4.1 asks for two)';

/** What a zone needs of the rest of the config. */
export interface ZoneContext {
  /** Null: they could not be read. */
  readonly defaults: Defaults | null;
  /** The names of the keys. */
  readonly keys: readonly OwnerName[];
  /** Zones below this one. */
  readonly inner: readonly OwnerName[];
}

/** A zone, and what its records say that is not of a zone. */
export interface ReadZone {
  readonly zone: ZoneSpec;
  readonly maintenance: readonly MaintenanceSpec[];
}

/** Reads one zone; null after an error. Every part is looked at, whatever is wrong with the others. */
export function readZone(scope: Scope, { name: apex, path }: NameKey, context: ZoneContext): ReadZone | null {
  const { report } = scope;
  const written = report.read(zoneSchema, path);
  if (!isMap(report.source.get(path))) return null;
  const nameservers = readNameservers(scope, apex, [...path, 'nameservers']);
  const statics = readStatic(scope, apex, [...path, 'static']);
  const places = readRecordNames(scope, apex, [...path, 'records']);
  const withAddresses = nameservers.filter(({ addresses }) => addresses.length > 0);
  refuseConflicts(report, { apex, records: places, nameservers: withAddresses, statics, inner: context.inner });
  const known = places.map((place) => readRecord(scope, { ...place, zone: apex }, context.defaults));
  if (!written) return null;
  if (nameservers.length === 1) {
    report.warning([...path, 'nameservers'], ONE_NAMESERVER, 'key');
  }
  checkSecondaries(report, [...path, 'secondaries'], written.secondaries, context.keys);
  const all = known.filter((record) => record !== null);
  const records = all.map(({ record }) => record);
  return {
    zone: {
      apex,
      nameservers: nameservers.map(({ name, addresses }) => ({ name, addresses })),
      soa: resolveSoa(scope, written.soa, { apex, path: [...path, 'soa'], records }),
      staticRRsets: toRRsets(statics),
      secondaries: written.secondaries,
      statusTxt: written.status_txt,
      records,
    },
    maintenance: all.flatMap(({ maintenance }) => maintenance),
  };
}

/** The owner names of the records, and where each stands; those that cannot be used are reported and left out. */
function readRecordNames(scope: Scope, zone: OwnerName, path: readonly (string | number)[]): readonly NameKey[] {
  return isMap(scope.report.source.get(path)) ? readNameKeys(scope, path, (key) => readOwnerName(key, zone)) : [];
}
