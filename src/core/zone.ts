import { isSubdomainOf, joinName, type OwnerName, parentOf } from './name.ts';
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
  readonly rrsets: ReadonlyMap<RRType, RRset>;
  /** The zone ends here: below the apex, an NS RRset delegates the name and all below it (RFC 1034 §4.2.1). */
  readonly isCut: boolean;
}

/** A zone, ready to be looked up in. Immutable. */
export interface Zone {
  readonly apex: OwnerName;
  /** The SOA RRset, as it is answered. */
  readonly soa: RRset;
  /** The same as negative answers carry it: its TTL is the lower of its own and `minimum` (RFC 2308 §3). */
  readonly negativeSoa: RRset;
  /** By owner name: every name that exists, empty non-terminals too. */
  readonly nodes: ReadonlyMap<OwnerName, ZoneNode>;
  readonly names: ReadonlySet<OwnerName>;
  readonly degraded: ReadonlyMap<OwnerName, string>;
}

/** Several zones by apex; one may lie within another. */
export type Zones = ReadonlyMap<OwnerName, Zone>;

/** Builds a zone. An owner name outside of it is ignored; of two RRsets of one owner and type the last holds. */
export function buildZone(content: ZoneContent): Zone {
  const { apex, soa, soaTtlSeconds } = content;
  const soaRRset: RRset = { owner: apex, type: 'SOA', ttlSeconds: soaTtlSeconds, rdatas: [soa] };
  const nodes = new Map<OwnerName, ZoneNode>();
  addName(nodes, apex, apex);
  for (const name of content.names) addName(nodes, name, apex);
  const byOwner = Map.groupBy([soaRRset, ...content.rrsets], ({ owner }) => owner);
  for (const [owner, rrsets] of byOwner) {
    addName(nodes, owner, apex);
    const node = makeNode(owner, new Map(rrsets.map((rrset) => [rrset.type, rrset])), apex);
    if (nodes.has(owner)) nodes.set(owner, node);
  }
  const degraded = new Map(Object.entries(content.degraded) as [OwnerName, string][]);
  return { apex, ...soaPair(soaRRset), nodes, names: new Set(content.names), degraded };
}

/** The zone after one publication. Nodes that it does not touch are the same objects as before. */
export function applyChange(zone: Zone, change: ZoneChange): Zone {
  const nodes = new Map(zone.nodes);
  for (const { owner, type, rrset } of change.changes) {
    addName(nodes, owner, zone.apex);
    const rrsets = new Map(nodes.get(owner)?.rrsets);
    if (rrset) rrsets.set(type, rrset);
    else rrsets.delete(type);
    if (nodes.has(owner)) nodes.set(owner, makeNode(owner, rrsets, zone.apex));
  }
  const soa = soaPair(withSerial(zone.soa, change.serial));
  const apexNode = nodes.get(zone.apex);
  nodes.set(zone.apex, makeNode(zone.apex, new Map(apexNode?.rrsets).set('SOA', soa.soa), zone.apex));
  const next = { ...zone, ...soa, nodes, degraded: degradedAfter(zone, change) };
  const mayHaveEmptied = change.changes.some(({ owner, rrset }) => rrset === null && isEmpty(next, owner));
  return mayHaveEmptied ? buildZone(contentOf(next)) : next;
}

/** The zone as plain data. */
export function contentOf(zone: Zone): ZoneContent {
  const [soa] = zone.soa.rdatas;
  if (soa?.type !== 'SOA') throw new Error(`zone ${zone.apex} has no SOA`);
  const rrsets = [...zone.nodes.values()].flatMap((node) => [...node.rrsets.values()]);
  return {
    apex: zone.apex,
    soa,
    soaTtlSeconds: zone.soa.ttlSeconds,
    rrsets: rrsets.filter(({ type }) => type !== 'SOA'),
    names: [...zone.names],
    degraded: Object.fromEntries(zone.degraded),
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

function makeNode(owner: OwnerName, rrsets: ReadonlyMap<RRType, RRset>, apex: OwnerName): ZoneNode {
  return { owner, rrsets, isCut: owner !== apex && rrsets.has('NS') };
}

/** Makes a name exist, and those between it and the apex. */
function addName(nodes: Map<OwnerName, ZoneNode>, name: OwnerName, apex: OwnerName): void {
  if (!isSubdomainOf(name, apex)) return;
  for (let owner: OwnerName | null = name; owner !== null && !nodes.has(owner); owner = parentOf(owner)) {
    nodes.set(owner, { owner, rrsets: new Map(), isCut: false });
    if (owner === apex) return;
  }
}

/** Whether a name has lost its last RRset, so that it may exist no more. */
function isEmpty(zone: Zone, owner: OwnerName): boolean {
  return zone.nodes.get(owner)?.rrsets.size === 0 && !zone.names.has(owner);
}

function withSerial(soa: RRset, serial: number): RRset {
  return { ...soa, rdatas: soa.rdatas.map((rdata) => (rdata.type === 'SOA' ? { ...rdata, serial } : rdata)) };
}

function soaPair(soa: RRset): Pick<Zone, 'soa' | 'negativeSoa'> {
  const [rdata] = soa.rdatas;
  const minimum = rdata?.type === 'SOA' ? rdata.minimumSeconds : 0;
  return { soa, negativeSoa: { ...soa, ttlSeconds: Math.min(soa.ttlSeconds, minimum) } };
}

function degradedAfter(zone: Zone, change: ZoneChange): ReadonlyMap<OwnerName, string> {
  const entries = Object.entries(change.degraded) as [OwnerName, string | null][];
  if (entries.length === 0) return zone.degraded;
  const degraded = new Map(zone.degraded);
  for (const [owner, text] of entries) {
    if (text === null) degraded.delete(owner);
    else degraded.set(owner, text);
  }
  return degraded;
}
