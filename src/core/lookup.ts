/** What is answered to a question: the algorithm of RFC 1034 §4.3.2, without recursion. */
import { type OwnerName, parentOf } from './name.ts';
import { type RRset, type RRType, rrTypeOf, TYPE_CODES } from './rr.ts';
import { rrsetAt, wildcardBelow, type Zone, type ZoneNode, type Zones, zoneOf } from './zone.ts';

/** QTYPE * (RFC 1035 §3.2.3). */
export const QTYPE_ANY = 255;
/** The one type that belongs to the upper side of a delegation (RFC 4035 §3.1.4.1). */
const QTYPE_DS = 43;

/** Longer chains of CNAMEs are cut off: the resolver asks on from there. */
const MAX_CHAIN = 8;

/**
 * How a lookup ended. After a chain of CNAMEs this is the end of the chain (RFC 6604).
 * - `answer`: the RRset that was asked for, or a chain that leaves the zone, loops or is too long
 * - `nodata`: the name exists, the type does not (RFC 2308 §2.2)
 * - `nxdomain`: the name does not exist (RFC 2308 §2.1)
 * - `delegation`: the name lies below a zone cut
 * - `refused`: no zone here holds the name
 */
export type LookupKind = 'answer' | 'nodata' | 'nxdomain' | 'delegation' | 'refused';

/** The three sections of the response. */
export interface LookupResult {
  readonly kind: LookupKind;
  readonly answer: readonly RRset[];
  readonly authority: readonly RRset[];
  /** The addresses of name servers that cannot be found otherwise (glue, RFC 9471), and nothing else. */
  readonly additional: readonly RRset[];
  /**
   * What all the answers of this kind have in common, so that they can be counted together: the owner name that answered (a
   * wildcard's own), the apex for negative answers, the cut for delegations; null for `refused`.
   */
  readonly source: OwnerName | null;
  /** Why the answer is degraded; null when it is not. */
  readonly degraded: string | null;
}

/** Looks a question of class IN up. @param qtype the type's code, which may be of a type that no zone can hold. */
export function lookup(zones: Zones, qname: OwnerName, qtype: number): LookupResult {
  const zone = zoneFor(zones, qname, qtype);
  if (!zone) return { kind: 'refused', answer: [], authority: [], additional: [], source: null, degraded: null };
  const chain: RRset[] = [];
  const seen = new Set<OwnerName>();
  let name = qname;
  let degraded: string | null = null;
  while (true) {
    seen.add(name);
    const step = lookupOne(zone, name, qtype);
    degraded ??= step.degraded;
    const target = step.next;
    const result = { ...step, answer: [...chain, ...step.answer], degraded };
    const isEnd = target === null || seen.has(target) || seen.size === MAX_CHAIN;
    if (isEnd || zoneOf(zones, target) !== zone) return result;
    chain.push(...step.answer);
    name = target;
  }
}

/** The zone with the longest apex; for DS at an apex the one above it, if that delegates it (RFC 4035 §3.1.4.1). */
function zoneFor(zones: Zones, qname: OwnerName, qtype: number): Zone | null {
  const zone = zoneOf(zones, qname);
  const parent = qtype === QTYPE_DS && zone?.apex === qname ? parentOf(qname) : null;
  const upper = parent === null ? null : zoneOf(zones, parent);
  return upper?.nodes.get(qname)?.isCut ? upper : zone;
}

/** One step: the answer without following a CNAME, and the name to go on with. */
interface Step extends LookupResult {
  readonly next: OwnerName | null;
}

function lookupOne(zone: Zone, name: OwnerName, qtype: number): Step {
  const place = locate(zone, name);
  const isAtCut = place.cut?.owner === name && qtype === QTYPE_DS;
  if (place.cut && !isAtCut) return delegation(zone, place.cut);
  if (place.node) return atNode(zone, place.node, name, qtype);
  const wildcard = zone.nodes.get(wildcardBelow(place.encloser.owner));
  return wildcard ? atNode(zone, wildcard, name, qtype) : negative(zone, 'nxdomain', null);
}

interface Place {
  readonly node: ZoneNode | null;
  /** The highest zone cut at or above the name. */
  readonly cut: ZoneNode | null;
  /** The deepest existing name at or above the name (RFC 4592 §3.3.1). */
  readonly encloser: ZoneNode;
}

/** Where a name of the zone lies in it. */
function locate(zone: Zone, name: OwnerName): Place {
  let encloser: ZoneNode | null = null;
  let cut: ZoneNode | null = null;
  for (let owner: OwnerName | null = name; owner !== null; owner = owner === zone.apex ? null : parentOf(owner)) {
    const node = zone.nodes.get(owner);
    encloser ??= node ?? null;
    if (node?.isCut) cut = node;
  }
  if (!encloser) throw new Error(`${name} is not in the zone ${zone.apex}`);
  return { node: encloser.owner === name ? encloser : null, cut, encloser };
}

/** @param name the name that is asked for; other than the node's own where a wildcard answers for it. */
function atNode(zone: Zone, node: ZoneNode, name: OwnerName, qtype: number): Step {
  const { degraded } = node;
  const found = qtype === QTYPE_ANY ? anyRRset(node) : rrsetOf(node, qtype);
  const rrset = found ?? rrsetAt(node, 'CNAME');
  if (!rrset) return negative(zone, 'nodata', degraded);
  const [rdata] = rrset.rdatas;
  const next = !found && rdata?.type === 'CNAME' ? rdata.cname : null;
  const answer = [rrset.owner === name ? rrset : { ...rrset, owner: name }];
  return { kind: 'answer', answer, authority: [], additional: [], source: node.owner, degraded, next };
}

function rrsetOf(node: ZoneNode, qtype: number): RRset | undefined {
  const type = rrTypeOf(qtype);
  return type && rrsetAt(node, type);
}

const ANY_ORDER: readonly RRType[] = ['A', 'AAAA', ...(Object.keys(TYPE_CODES) as RRType[])];

/** The one RRset that answers ANY (RFC 8482 §4.1): an address where there is one. */
function anyRRset(node: ZoneNode): RRset | undefined {
  const type = ANY_ORDER.find((candidate) => rrsetAt(node, candidate));
  return type && rrsetAt(node, type);
}

function negative(zone: Zone, kind: 'nodata' | 'nxdomain', degraded: string | null): Step {
  const authority = [zone.negativeSoa];
  return { kind, answer: [], authority, additional: [], source: zone.apex, degraded, next: null };
}

function delegation(zone: Zone, cut: ZoneNode): Step {
  const ns = rrsetAt(cut, 'NS');
  const authority = ns ? [ns] : [];
  const additional = ns ? glueOf(zone, ns) : [];
  return { kind: 'delegation', answer: [], authority, additional, source: cut.owner, degraded: null, next: null };
}

/** The addresses that the zone holds for name servers that lie below a cut themselves, be it this one or another. */
function glueOf(zone: Zone, ns: RRset): readonly RRset[] {
  return ns.rdatas.flatMap((rdata) => {
    const node = rdata.type === 'NS' ? zone.nodes.get(rdata.nsdname) : undefined;
    if (!node || !locate(zone, node.owner).cut) return [];
    const addresses = [rrsetAt(node, 'A'), rrsetAt(node, 'AAAA')];
    return addresses.filter((rrset) => rrset !== undefined);
  });
}
