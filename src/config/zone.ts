/** The section of a zone. */
import * as z from 'zod';
import type { OwnerName } from '../core/name.ts';
import type { RecordSpec } from '../core/record.ts';
import type { RRset } from '../core/rr.ts';
import type { ZoneSpec } from './config.ts';
import { isWithin, readName, readNameKeys, shown } from './names.ts';
import { readNameservers } from './nameservers.ts';
import { type Defaults, type RecordPlace, readRecord } from './record.ts';
import type { Scope } from './scope.ts';
import { resolveSoa, soaSchema } from './soa.ts';
import type { Path } from './source.ts';
import { boolean, isMap, mapOfNames, Refusal, refuse, section } from './values.ts';

const zoneSchema = section({
  /** The zone's name servers: name to address, list of addresses (glue), or nothing for a name outside the zone. */
  nameservers: mapOfNames,
  soa: soaSchema,
  /** Ordinary records: A AAAA CNAME TXT MX NS SRV CAA. */
  static: z.unknown().optional(),
  /** Servers that may transfer the zone and get NOTIFY. */
  secondaries: z.unknown().optional(),
  /** Publish `_failover.<record>` TXT. */
  status_txt: boolean.default(false),
  /** The failover names. */
  records: mapOfNames,
});

/** Reads one zone; null after an error. */
export function readZone(scope: Scope, apex: OwnerName, path: Path, defaults: Defaults): ZoneSpec | null {
  const { report } = scope;
  const written = report.read(zoneSchema, path);
  const nameservers = readNameservers(scope, apex, [...path, 'nameservers']);
  const places = isMap(report.source.get([...path, 'records']))
    ? readRecordNames(scope, apex, [...path, 'records'])
    : [];
  const records = places.map((place) => readRecord(scope, place, defaults));
  const staticRRsets: readonly RRset[] = [];
  if (!written) return null;
  const known = records.filter((record): record is RecordSpec => record !== null);
  const soa = resolveSoa(scope, written.soa, { apex, path: [...path, 'soa'], records: known });
  return { apex, nameservers, soa, staticRRsets, secondaries: [], statusTxt: written.status_txt, records: known };
}

function readRecordNames(scope: Scope, zone: OwnerName, path: Path): readonly RecordPlace[] {
  const names = readNameKeys(scope, path, (key) => {
    const name = readName(key, zone);
    return name instanceof Refusal || isWithin(name, zone) ? name : refuse(`lies outside the zone ${shown(zone)}`);
  });
  return names.map((place) => ({ ...place, zone }));
}
