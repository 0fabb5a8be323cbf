/**
 * The zones, and for every name in them the responses that the slow path's own functions have made for it: made on first use,
 * kept until a publication touches them. Bounded by the names and types of the zones, whatever is asked.
 */
import { type LookupResult, lookup, QTYPE_ANY } from '../core/lookup.ts';
import { isSubdomainOf, nameToWire, type OwnerName, parentOf, ROOT } from '../core/name.ts';
import { TYPE_CODES } from '../core/rr.ts';
import { applyChange, buildZone, type Zone, type ZoneChange, type ZoneContent } from '../core/zone.ts';
import { type Body, composeBody } from './body.ts';
import { createNameTable, type NameTable } from './name-table.ts';

export interface AnswerTable {
  readonly zones: ReadonlyMap<OwnerName, Zone>;
  load(contents: readonly ZoneContent[]): void;
  /** A change of a zone that is not held is ignored. */
  apply(change: ZoneChange): void;
  /**
   * The response to a question of class IN whose whole, uncompressed name stands in the message; null when only the slow
   * path knows it.
   */
  find(message: Uint8Array, nameAt: number, nameEnd: number, qtype: number): Body | null;
}

interface ZoneEntry {
  zone: Zone;
  /** Counts the publications. */
  generation: number;
  /** Made on first use after a publication. */
  negatives: Negatives | null;
}

/** What every NODATA and NXDOMAIN of a zone says, but for those that follow a CNAME or are degraded. */
interface Negatives {
  readonly nodata: Body;
  readonly nxdomain: Body;
}

interface NodeEntry {
  readonly owner: OwnerName;
  readonly zone: ZoneEntry;
  /** The highest zone cut at or above the name. */
  cut: NodeEntry | null;
  /** The wildcard right below the name. */
  wildcard: NodeEntry | null;
  /** By {@link slotOf}; null until the name is asked for. */
  slots: (Slot | null)[] | null;
}

/** One response that is kept. */
interface Slot {
  /** Null: the zone's NODATA. */
  readonly body: Body | null;
  /** The zone's generation that it holds for, or that it holds until its own name is touched. */
  readonly generation: number;
  /** It begins with a CNAME. Where a wildcard's does, what follows depends on the name that is asked for. */
  readonly isChain: boolean;
}

const UNTIL_TOUCHED = -1;

/** Where responses are kept: a place for each type that zones can hold, one for ANY, one for all others, one for referrals. */
const SLOT_OTHER = 0;
const SLOT_REFERRAL = 1;
const SLOT_TYPES = [...Object.values(TYPE_CODES), QTYPE_ANY];
const SLOTS = 2 + SLOT_TYPES.length;
/** DS, OPT and the meta types. */
const SLOT_NONE = 255;
const SLOT_BY_TYPE = Uint8Array.from({ length: 258 }, (_, type) => {
  const isOfSlowPath = type === 41 || type === 43 || (type >= 128 && type < QTYPE_ANY);
  const known = SLOT_TYPES.indexOf(type);
  return isOfSlowPath ? SLOT_NONE : known === -1 ? SLOT_OTHER : 2 + known;
});
/** What the others are looked up as: a type that no zone can hold. */
const OTHER_TYPE = 65_280;

export function createAnswerTable(): AnswerTable {
  const zones = new Map<OwnerName, Zone>();
  let entries = new Map<OwnerName, ZoneEntry>();
  let nodes = new Map<OwnerName, NodeEntry>();
  let table: NameTable<NodeEntry> = createNameTable([]);
  const refused = composeBody(lookup(zones, ROOT, OTHER_TYPE), ROOT);

  const index = () => {
    nodes = new Map([...entries.values()].flatMap((entry) => nodesOf(entry, zones)).map((node) => [node.owner, node]));
    for (const node of nodes.values()) connect(node, nodes);
    table = createNameTable([...nodes].map(([owner, value]) => ({ name: nameToWire(owner), value })));
  };
  /** The response in a node's slot, made anew when it holds no more. */
  const fetch = (node: NodeEntry, slot: number): Slot => {
    const known = node.slots?.[slot];
    if (known && (known.generation === UNTIL_TOUCHED || known.generation === node.zone.generation)) return known;
    const made = makeSlot(lookup(zones, node.owner, typeOf(slot)), node);
    node.slots ??= new Array<Slot | null>(SLOTS).fill(null);
    node.slots[slot] = made;
    return made;
  };
  const answer = (node: NodeEntry, slot: number, isExact: boolean): Body | null => {
    const kept = fetch(node, slot);
    if (kept.isChain && !isExact) return null;
    return kept.body ?? negativesOf(node.zone).nodata;
  };

  return {
    zones,
    load(contents) {
      zones.clear();
      for (const content of contents) zones.set(content.apex, buildZone(content));
      entries = new Map([...zones.values()].map((zone) => [zone.apex, { zone, generation: 0, negatives: null }]));
      index();
    },
    apply(change) {
      const entry = entries.get(change.apex);
      if (!entry) return;
      const before = entry.zone;
      const zone = applyChange(before, change);
      zones.set(change.apex, zone);
      Object.assign(entry, { zone, generation: entry.generation + 1, negatives: null });
      const touched = new Set([...change.changes.map(({ owner }) => owner), ...ownersOf(change.degraded)]);
      if (!hasSameNames(before, zone, touched)) index();
      else for (const owner of touched) forget(nodes.get(owner));
    },
    find(message, nameAt, nameEnd, qtype) {
      const slot = slotOf(qtype);
      if (slot === SLOT_NONE) return null;
      const node = table.find(message, nameAt, nameEnd);
      if (node === null) return refused;
      if (node.cut) return answer(node.cut, SLOT_REFERRAL, true);
      if (table.isExact()) return answer(node, slot, true);
      return node.wildcard ? answer(node.wildcard, slot, false) : negativesOf(node.zone).nxdomain;
    },
  };
}

function slotOf(qtype: number): number {
  return SLOT_BY_TYPE[qtype] ?? SLOT_OTHER;
}

function typeOf(slot: number): number {
  return SLOT_TYPES[slot - 2] ?? OTHER_TYPE;
}

function negativesOf(entry: ZoneEntry): Negatives {
  entry.negatives ??= makeNegatives(entry.zone);
  return entry.negatives;
}

function makeNegatives({ apex, negativeSoa }: Zone): Negatives {
  const sections = { answer: [], authority: [negativeSoa], additional: [], source: apex, degraded: null };
  return {
    nodata: composeBody({ kind: 'nodata', ...sections }, apex),
    nxdomain: composeBody({ kind: 'nxdomain', ...sections }, apex),
  };
}

/** The names that a zone is authoritative for, or delegates: not those that belong to a zone within it. */
function nodesOf(entry: ZoneEntry, zones: ReadonlyMap<OwnerName, Zone>): readonly NodeEntry[] {
  const { apex, nodes } = entry.zone;
  const inner = [...zones.keys()].filter((other) => other !== apex && isSubdomainOf(other, apex));
  const own = nodes.values().filter(({ owner }) => !inner.some((other) => isSubdomainOf(owner, other)));
  return own.map(({ owner }) => ({ owner, zone: entry, cut: null, wildcard: null, slots: null }));
}

function forget(node: NodeEntry | undefined): void {
  if (node) node.slots = null;
}

function connect(node: NodeEntry, nodes: ReadonlyMap<OwnerName, NodeEntry>): void {
  const { zone } = node.zone;
  if (node.owner.startsWith('*.')) {
    const below = nodes.get(node.owner.slice(2) as OwnerName);
    if (below) below.wildcard = node;
  }
  for (let owner: OwnerName | null = node.owner; owner !== null && owner !== zone.apex; owner = parentOf(owner)) {
    if (zone.nodes.get(owner)?.isCut) node.cut = nodes.get(owner) ?? null;
  }
}

function makeSlot(result: LookupResult, { owner, zone }: NodeEntry): Slot {
  const [first] = result.answer;
  const isPlainNodata = result.kind === 'nodata' && !first && result.degraded === null;
  const isChain = first?.type === 'CNAME';
  // A lone RRset of the name itself; the SOA changes with every publication, and a chain leads to other names.
  const isOwn = result.kind === 'answer' && !isChain && first?.type !== 'SOA';
  const generation = isPlainNodata || isOwn ? UNTIL_TOUCHED : zone.generation;
  return { body: isPlainNodata ? null : composeBody(result, owner), generation, isChain };
}

function ownersOf(degraded: ZoneChange['degraded']): readonly OwnerName[] {
  return Object.keys(degraded) as OwnerName[];
}

/** Whether a publication has made no name come, go, or change its being a zone cut. */
function hasSameNames(before: Zone, after: Zone, touched: ReadonlySet<OwnerName>): boolean {
  const isSame = (owner: OwnerName) => before.nodes.get(owner)?.isCut === after.nodes.get(owner)?.isCut;
  return [...touched].every(isSame);
}
