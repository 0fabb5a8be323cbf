import { deltaOf, extendJournal, type Journal, type ZoneDelta } from './journal.ts';
import { isSubdomainOf, joinName, type OwnerName, parentOf } from './name.ts';
import { NameMap } from './name-map.ts';
import type { RRset, RRType, Soa } from './rr.ts';

/** What a zone holds, as plain data: it crosses threads, and is what a transfer sends. */
export interface ZoneContent {
  readonly apex: OwnerName;
  readonly soa: Soa;
  readonly soaTtlSeconds: number;
  /** All RRsets but the SOA, the apex's NS among them. */
  readonly rrsets: readonly RRset[];
  /** Owner names that exist also while no RRset stands there: the records'. They answer NODATA then, not NXDOMAIN. */
  readonly names: readonly OwnerName[];
  /** What a resolver should know when the answer for an owner name is degraded (RFC 8914): owner to text. */
  readonly degraded: Readonly<Record<OwnerName, string>>;
  /** How it came to be, for IXFR. Absent: nobody may transfer the zone, and none is kept. */
  readonly journal?: Journal;
}

/** One publication: the RRsets of some owner names become others, under a new serial. */
export interface ZoneChange {
  readonly apex: OwnerName;
  readonly serial: number;
  /** For each owner and type that changed, the RRset that now stands there; `rrset: null` removes it. */
  readonly changes: readonly { readonly owner: OwnerName; readonly type: RRType; readonly rrset: RRset | null }[];
  /** Sets or, with null, clears the degraded text of an owner name. */
  readonly degraded: Readonly<Record<OwnerName, string | null>>;
}

/** What stands at one owner name. An empty non-terminal (RFC 4592 §2.2.2) has no RRset. */
export interface ZoneNode {
  readonly owner: OwnerName;
  /** One of each type. No map: a zone has thousands of nodes, and nearly all of them one or two RRsets. */
  readonly rrsets: readonly RRset[];
  /** The zone ends here: below the apex, an NS RRset delegates the name and all below it (RFC 1034 §4.2.1). */
  readonly isCut: boolean;
  /** Why what is answered for the name is degraded; null when it is not. */
  readonly degraded: string | null;
}

/** A zone, ready to be looked up in. Immutable. */
export interface Zone {
  readonly apex: OwnerName;
  /** The SOA RRset, as it is answered. */
  readonly soa: RRset;
  /** The same as negative answers carry it: its TTL is the lower of its own and `minimum` (RFC 2308 §3). */
  readonly negativeSoa: RRset;
  /** Every name that exists, empty non-terminals too. */
  readonly nodes: NameMap<ZoneNode>;
  /** See {@link ZoneContent.names}. */
  readonly names: ReadonlySet<OwnerName>;
  /** See {@link ZoneContent.journal}; null: none is kept. */
  readonly journal: Journal | null;
}

/** Several zones by apex; one may lie within another. */
export type Zones = ReadonlyMap<OwnerName, Zone>;

/** Builds a zone. An owner name outside of it is ignored; of two RRsets of one owner and type the last holds. */
export function buildZone(content: ZoneContent): Zone {
  const { apex, soa, soaTtlSeconds, degraded } = content;
  const soaRRset: RRset = { owner: apex, type: 'SOA', ttlSeconds: soaTtlSeconds, rdatas: [soa] };
  const byOwner = Map.groupBy([soaRRset, ...content.rrsets], ({ owner }) => owner);
  const existing = new Set([...byOwner.keys(), ...content.names].flatMap((name) => pathTo(name, apex)));
  const nodes = [...existing].map((owner) => {
    return makeNode({ owner, rrsets: lastOfEachType(byOwner.get(owner)), degraded: degraded[owner] ?? null }, apex);
  });
  const names = new Set(content.names);
  return { apex, ...soaPair(soaRRset), nodes: NameMap.of(nodes), names, journal: content.journal ?? null };
}

/** The zone after one publication. Nodes that it does not touch are the same objects as before. */
export function applyChange(zone: Zone, change: ZoneChange): Zone {
  const { apex } = zone;
  const soa = soaPair(withSerial(zone.soa, change.serial));
  const changes = [...change.changes, { owner: apex, type: 'SOA' as const, rrset: soa.soa }];
  let { nodes } = zone;
  for (const { owner, type, rrset } of changes) {
    nodes = withName(nodes, owner, apex);
    const node = nodes.get(owner);
    if (node) nodes = nodes.with(makeNode({ ...node, rrsets: rrsetsWith(node, type, rrset) }, apex));
  }
  for (const [owner, degraded] of Object.entries(change.degraded) as [OwnerName, string | null][]) {
    const node = nodes.get(owner);
    if (node) nodes = nodes.with({ ...node, degraded });
  }
  const journal = zone.journal && extendJournal(zone.journal, deltaOfChange(zone, change, soa.soa));
  const next = { ...zone, ...soa, nodes, journal };
  const mayEndNames = change.changes.some(({ owner, rrset }) => rrset === null && isEmpty(next, owner));
  return mayEndNames ? buildZone(contentOf(next)) : next;
}

/** A zone whose journal goes on from what was published of it before; null where that is not known. */
export function succeed(before: Zone | null, content: ZoneContent): Zone {
  const next = buildZone({ ...content, journal: [] });
  if (!before) return next;
  const soas = { from: before.soa, to: next.soa };
  const delta = deltaOf(soas, contentOf(before).rrsets, contentOf(next).rrsets);
  return { ...next, journal: extendJournal(before.journal ?? [], delta) };
}

/** The RRset of a type that stands at a node. */
export function rrsetAt({ rrsets }: ZoneNode, type: RRType): RRset | undefined {
  return rrsets.find((rrset) => rrset.type === type);
}

/** The zone as plain data. */
export function contentOf(zone: Zone): ZoneContent {
  const [soa] = zone.soa.rdatas;
  if (soa?.type !== 'SOA') throw new Error(`zone ${zone.apex} has no SOA`);
  const nodes = zone.nodes.values();
  const rrsets = nodes.flatMap((node) => node.rrsets);
  return {
    apex: zone.apex,
    soa,
    soaTtlSeconds: zone.soa.ttlSeconds,
    rrsets: rrsets.filter(({ type }) => type !== 'SOA'),
    names: [...zone.names],
    degraded: Object.fromEntries(
      nodes.flatMap(({ owner, degraded }) => (degraded === null ? [] : [[owner, degraded]])),
    ),
    ...(zone.journal ? { journal: zone.journal } : {}),
  };
}

/** The zone that is authoritative for a name: the one with the longest apex that the name lies in; null when none is. */
export function zoneOf(zones: Zones, name: OwnerName): Zone | null {
  for (let apex: OwnerName | null = name; apex !== null; apex = parentOf(apex)) {
    const zone = zones.get(apex);
    if (zone) return zone;
  }
  return null;
}

/** The name of the wildcard right below a name (RFC 4592 §2.1.1). */
export function wildcardBelow(name: OwnerName): OwnerName {
  return joinName('*', name);
}

/** What a change does to the records. */
function deltaOfChange(zone: Zone, { changes }: ZoneChange, to: RRset): ZoneDelta {
  const before = changes.flatMap(({ owner, type }) => {
    const node = zone.nodes.get(owner);
    return (node && rrsetAt(node, type)) ?? [];
  });
  return deltaOf(
    { from: zone.soa, to },
    before,
    changes.flatMap(({ rrset }) => rrset ?? []),
  );
}

function makeNode({ owner, rrsets, degraded }: Omit<ZoneNode, 'isCut'>, apex: OwnerName): ZoneNode {
  // What an NS RRset of a wildcard would delegate is undefined (RFC 4592 §4.2): here nothing.
  const isCut = rrsets.some(({ type }) => type === 'NS') && owner !== apex && !owner.startsWith('*.');
  return { owner, rrsets, isCut, degraded };
}

/** A name and all between it and the apex; none for a name outside of the zone. */
function pathTo(name: OwnerName, apex: OwnerName): readonly OwnerName[] {
  if (!isSubdomainOf(name, apex)) return [];
  const path: OwnerName[] = [apex];
  for (let owner: OwnerName | null = name; owner !== null && owner !== apex; owner = parentOf(owner)) path.push(owner);
  return path;
}

/** Makes a name exist, and those between it and the apex. */
function withName(nodes: NameMap<ZoneNode>, name: OwnerName, apex: OwnerName): NameMap<ZoneNode> {
  const missing = nodes.has(name) ? [] : pathTo(name, apex).filter((owner) => !nodes.has(owner));
  return missing.reduce((map, owner) => map.with({ owner, rrsets: NO_RRSETS, isCut: false, degraded: null }), nodes);
}

function rrsetsWith({ rrsets }: ZoneNode, type: RRType, rrset: RRset | null): readonly RRset[] {
  if (!rrset) return rrsets.filter((other) => other.type !== type);
  const index = rrsets.findIndex((other) => other.type === type);
  return index === -1 ? [...rrsets, rrset] : rrsets.with(index, rrset);
}

/** One for all nodes that have none. */
const NO_RRSETS: readonly RRset[] = [];

function lastOfEachType(rrsets: readonly RRset[] = NO_RRSETS): readonly RRset[] {
  return rrsets.length < 2 ? rrsets : [...new Map(rrsets.map((rrset) => [rrset.type, rrset])).values()];
}

/** Whether a name has lost its last RRset, so that it may exist no more. */
function isEmpty(zone: Zone, owner: OwnerName): boolean {
  return zone.nodes.get(owner)?.rrsets.length === 0 && !zone.names.has(owner);
}

function withSerial(soa: RRset, serial: number): RRset {
  return { ...soa, rdatas: soa.rdatas.map((rdata) => (rdata.type === 'SOA' ? { ...rdata, serial } : rdata)) };
}

function soaPair(soa: RRset): Pick<Zone, 'soa' | 'negativeSoa'> {
  const [rdata] = soa.rdatas;
  const minimum = rdata?.type === 'SOA' ? rdata.minimumSeconds : 0;
  return { soa, negativeSoa: { ...soa, ttlSeconds: Math.min(soa.ttlSeconds, minimum) } };
}
