/** What a zone holds, made from its config and from what is answered for each of its records now. */
import { familyOf } from './address.ts';
import { isSubdomainOf, type OwnerName } from './name.ts';
import type { Rdata, RRset, RRType } from './rr.ts';
import type { ZoneChange, ZoneContent } from './zone.ts';

/** TTL of the apex's NS RRset and of its glue: these do not take part in any failover. */
const NAMESERVER_TTL_SECONDS = 3600;

/** As much of a zone's config as its content needs. */
export interface ZonePlan {
  readonly apex: OwnerName;
  /** The apex's NS RRset, with the addresses of those names that lie in the zone. Never empty. */
  readonly nameservers: readonly { readonly name: OwnerName; readonly addresses: readonly string[] }[];
  readonly soa: {
    readonly contact: OwnerName;
    readonly refreshSeconds: number;
    readonly retrySeconds: number;
    readonly expireSeconds: number;
    readonly minimumSeconds: number;
  };
  readonly staticRRsets: readonly RRset[];
  readonly records: readonly { readonly name: OwnerName; readonly ttlSeconds: number }[];
}

/**
 * The content of a zone under a serial.
 * @param answers the addresses that each record answers with; a record that has none (yet) exists without an RRset.
 * @param degraded see {@link ZoneContent.degraded}.
 */
export function zoneContent(
  plan: ZonePlan,
  answers: ReadonlyMap<OwnerName, readonly string[]>,
  serial: number,
  degraded: Readonly<Record<OwnerName, string>>,
): ZoneContent {
  const { contact: rname, ...timers } = plan.soa;
  const minimumSeconds = negativeTtl(plan);
  const mname = plan.nameservers[0]?.name ?? plan.apex;
  const records = plan.records.flatMap(({ name, ttlSeconds }) =>
    addressRRsets(name, ttlSeconds, answers.get(name) ?? []),
  );
  const fixed = mergeRRsets([...plan.staticRRsets, nameserverRRset(plan), ...glueRRsets(plan)]);
  const names = plan.records.map(({ name }) => name);
  return {
    apex: plan.apex,
    soa: { type: 'SOA', mname, rname, serial, ...timers, minimumSeconds },
    soaTtlSeconds: minimumSeconds,
    rrsets: [...withoutAddressesOf(fixed, new Set(names)), ...records],
    names,
    degraded,
  };
}

/** What changes in the zone when a record answers with these addresses from now on. */
export function answerChanges(
  record: OwnerName,
  ttlSeconds: number,
  addresses: readonly string[],
): ZoneChange['changes'] {
  const rrsets = addressRRsets(record, ttlSeconds, addresses);
  return (['A', 'AAAA'] as const).map((type) => {
    return { owner: record, type, rrset: rrsets.find((rrset) => rrset.type === type) ?? null };
  });
}

/**
 * The TTL of negative answers (RFC 2308 §4): never above that of any record, or a "no" that was true for a moment would
 * be remembered for longer than any answer.
 */
function negativeTtl({ soa, records }: ZonePlan): number {
  return records.reduce((lowest, { ttlSeconds }) => Math.min(lowest, ttlSeconds), soa.minimumSeconds);
}

function nameserverRRset({ apex, nameservers }: ZonePlan): RRset {
  const rdatas = nameservers.map(({ name }): Rdata => ({ type: 'NS', nsdname: name }));
  return { owner: apex, type: 'NS', ttlSeconds: NAMESERVER_TTL_SECONDS, rdatas };
}

function glueRRsets({ apex, nameservers }: ZonePlan): readonly RRset[] {
  const inZone = nameservers.filter(({ name }) => isSubdomainOf(name, apex));
  return inZone.flatMap(({ name, addresses }) => addressRRsets(name, NAMESERVER_TTL_SECONDS, addresses));
}

/** A record's answer is all of its addresses, also where its name is a name server's. */
function withoutAddressesOf(rrsets: readonly RRset[], records: ReadonlySet<OwnerName>): readonly RRset[] {
  return rrsets.filter(({ owner, type }) => !(records.has(owner) && (type === 'A' || type === 'AAAA')));
}

function addressRRsets(owner: OwnerName, ttlSeconds: number, addresses: readonly string[]): readonly RRset[] {
  return (['A', 'AAAA'] as const).flatMap((type) => {
    const family = type === 'A' ? 4 : 6;
    const own = addresses.filter((address) => familyOf(address) === family);
    const rdatas = own.map((address): Rdata => ({ type, address }));
    return rdatas.length === 0 ? [] : [{ owner, type, ttlSeconds, rdatas }];
  });
}

/** One RRset for each owner and type. The first one's TTL holds (RFC 2181 §5.2), and equal records become one (§5). */
function mergeRRsets(rrsets: readonly RRset[]): readonly RRset[] {
  const merged = new Map<`${RRType} ${OwnerName}`, RRset>();
  for (const rrset of rrsets) {
    const key = `${rrset.type} ${rrset.owner}` as const;
    const before = merged.get(key);
    merged.set(key, before ? { ...before, rdatas: distinct([...before.rdatas, ...rrset.rdatas]) } : rrset);
  }
  return [...merged.values()];
}

function distinct(rdatas: readonly Rdata[]): readonly Rdata[] {
  return [...new Map(rdatas.map((rdata) => [JSON.stringify(rdata), rdata])).values()];
}
