/** The name servers of a zone, and their addresses. */
import * as z from 'zod';
import { isSubdomainOf, labelCount, type OwnerName, shown } from '../core/name.ts';
import type { NameserverSpec } from './config.ts';
import { type NameKey, readFullName, readNameKeys } from './names.ts';
import { serverAddress } from './network.ts';
import { Refusal, refuse } from './refusal.ts';
import type { Scope } from './scope.ts';
import type { Path } from './source.ts';
import { isMap } from './values.ts';

/** One address, a list, or nothing. */
const glue = z.preprocess((raw) => (Array.isArray(raw) ? raw : raw === null ? [] : [raw]), z.array(serverAddress));

/** A name server and where it stands. */
export type Nameserver = NameserverSpec & NameKey;

export function readNameservers(scope: Scope, apex: OwnerName, path: Path): readonly Nameserver[] {
  if (!isMap(scope.report.source.get(path))) return [];
  return readNameKeys(scope, path, (key) => readHostName(key, apex)).map((key) => readNameserver(scope, apex, key));
}

/** These names are never relative: one label alone was meant to be. */
function readHostName(key: string, apex: OwnerName): OwnerName | Refusal {
  const name = readFullName(key);
  if (name instanceof Refusal || labelCount(name) > 1) return name;
  return refuse(`must be a full name, such as ${shown(name)}.${shown(apex)}`);
}

function readNameserver({ report }: Scope, apex: OwnerName, { name, path }: NameKey): Nameserver {
  const addresses = report.read(glue, path);
  if (!addresses) return { name, path, addresses: [] };
  if (!isSubdomainOf(name, apex)) {
    if (addresses.length === 0) return { name, path, addresses };
    report.warning(
      path,
      `${shown(name)} lies outside the zone: its address is not used, the zone that it lies in gives it`,
    );
    return { name, path, addresses: [] };
  }
  if (addresses.length === 0) report.refuseKey(path, 'lies in the zone and needs an address (glue)');
  return { name, path, addresses: [...new Set(addresses)] };
}
