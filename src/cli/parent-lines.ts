/** What the parent zone must hold so that a zone is delegated to its name servers. */
import { formatRRset } from '../core/master-file.ts';
import { isSubdomainOf, type OwnerName } from '../core/name.ts';
import type { Rdata } from '../core/rr.ts';

/** Long enough that resolvers rarely ask the parent, short enough that a move of name servers is over within the hour. */
const TTL_SECONDS = 3600;

/** One line for each NS record and each address of a server in the zone (glue), as a master file has them. */
export function parentLines(
  zone: OwnerName,
  nameservers: Iterable<readonly [name: OwnerName, addresses: readonly string[]]>,
): readonly string[] {
  const all = [...nameservers];
  const ns = all.map(([nsdname]) => lineOf(zone, { type: 'NS', nsdname }));
  const inside = all.filter(([name]) => isSubdomainOf(name, zone));
  return [...ns, ...inside.flatMap(([name, addresses]) => addresses.map((address) => glueLine(name, address)))];
}

export function glueLine(name: OwnerName, address: string): string {
  return lineOf(name, { type: address.includes(':') ? 'AAAA' : 'A', address });
}

function lineOf(owner: OwnerName, rdata: Rdata): string {
  return formatRRset({ owner, type: rdata.type, ttlSeconds: TTL_SECONDS, rdatas: [rdata] }).join('');
}
