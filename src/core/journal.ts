/** What has changed in a zone from serial to serial: what a secondary that holds an older one is sent (RFC 1995). */
import type { OwnerName } from './name.ts';
import type { Rdata, RRset } from './rr.ts';

/** One record of a zone. */
export interface ZoneRecord {
  readonly owner: OwnerName;
  readonly ttlSeconds: number;
  readonly rdata: Rdata;
}

/** The difference between two serials. Nothing stands in both lists, and the SOAs in neither. */
export interface ZoneDelta {
  /** The SOA before it, and the one after it. */
  readonly from: ZoneRecord;
  readonly to: ZoneRecord;
  readonly removed: readonly ZoneRecord[];
  readonly added: readonly ZoneRecord[];
}

/** The last changes, the oldest first; each begins with the serial that the one before it ends with. */
export type Journal = readonly ZoneDelta[];

/** A journal holds so many changes at most, and so many records in them. */
export const MAX_DELTAS = 1000;
const MAX_RECORDS = 20_000;

/** The difference between the RRsets before and after. */
export function deltaOf(
  soas: { readonly from: RRset; readonly to: RRset },
  before: readonly RRset[],
  after: readonly RRset[],
): ZoneDelta {
  const net = new Net();
  net.count(recordsOf(before), -1);
  net.count(recordsOf(after), 1);
  return { from: onlyRecord(soas.from), to: onlyRecord(soas.to), ...net.lists() };
}

/** The journal with one more change. What the change does not follow on is forgotten, and so are the oldest of too many. */
export function extendJournal(journal: Journal, delta: ZoneDelta): Journal {
  const last = journal.at(-1);
  const continues = last !== undefined && serialOf(last.to) === serialOf(delta.from);
  const all = continues ? [...journal, delta] : [delta];
  let records = 0;
  let first = all.length;
  while (first > 0 && all.length - first < MAX_DELTAS) {
    records += sizeOf(all[first - 1]);
    if (records > MAX_RECORDS) break;
    first -= 1;
  }
  return all.slice(first);
}

/** All changes since a serial as one: what came and went again is not in it (RFC 1995 §5). Null: it does not reach back so far. */
export function differenceSince(journal: Journal, serial: number): ZoneDelta | null {
  const start = journal.findIndex(({ from }) => serialOf(from) === serial);
  const [first, last] = [journal[start], journal.at(-1)];
  if (!first || !last) return null;
  if (first === last) return first;
  const net = new Net();
  for (const { removed, added } of journal.slice(start)) {
    net.count(removed, -1);
    net.count(added, 1);
  }
  return { from: first.from, to: last.to, ...net.lists() };
}

/** The serial of an SOA record. */
export function serialOf({ rdata }: ZoneRecord): number {
  if (rdata.type !== 'SOA') throw new Error(`a ${rdata.type} record has no serial`);
  return rdata.serial;
}

function sizeOf(delta: ZoneDelta | undefined): number {
  return delta ? delta.removed.length + delta.added.length : 0;
}

function recordsOf(rrsets: readonly RRset[]): readonly ZoneRecord[] {
  return rrsets.flatMap(({ owner, ttlSeconds, rdatas }) => rdatas.map((rdata) => ({ owner, ttlSeconds, rdata })));
}

function onlyRecord(rrset: RRset): ZoneRecord {
  const [record] = recordsOf([rrset]);
  if (!record) throw new Error(`an RRset of ${rrset.owner} is empty`);
  return record;
}

/** Records with how often each was added more than removed: once more, once less, or neither. */
class Net {
  readonly #counts = new Map<string, { readonly record: ZoneRecord; sum: number }>();

  count(records: readonly ZoneRecord[], by: 1 | -1): void {
    for (const record of records) {
      const key = `${record.owner} ${record.ttlSeconds} ${JSON.stringify(record.rdata)}`;
      const known = this.#counts.get(key);
      if (known) known.sum += by;
      else this.#counts.set(key, { record, sum: by });
    }
  }

  lists(): Pick<ZoneDelta, 'removed' | 'added'> {
    const all = [...this.#counts.values()];
    const of = (wanted: number) => all.filter(({ sum }) => sum === wanted).map(({ record }) => record);
    return { removed: of(-1), added: of(1) };
  }
}
