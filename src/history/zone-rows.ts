/** The tables `zone_records` and `zone_changes`: what a transfer needs after a restart. */
import type Database from 'better-sqlite3';
import { MAX_DELTAS, serialOf, type ZoneDelta, type ZoneRecord } from '../core/journal.ts';
import type { OwnerName } from '../core/name.ts';
import type { Rdata, RRset } from '../core/rr.ts';
import type { ZoneContent } from '../core/zone.ts';
import type { PublishedZone } from '../runtime/ports.ts';
import { iso, nameToText, textToName } from './rows.ts';

export type WriteZone = (published: PublishedZone, nowEpochMs: number) => void;

/** Writes a publication; to be called within a transaction. */
export function zoneWriter(db: Database.Database): WriteZone {
  const remove = db.prepare('DELETE FROM zone_records WHERE zone = ? AND owner = ? AND type = ? AND data = ?');
  const add = db.prepare('INSERT OR REPLACE INTO zone_records (zone, owner, type, ttl, data) VALUES (?, ?, ?, ?, ?)');
  const change = db.prepare(
    'INSERT INTO zone_changes (at, zone, from_serial, serial, removed, added) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const forgetOldest = db.prepare(
    `DELETE FROM zone_changes WHERE zone = @zone
     AND id <= (SELECT id FROM zone_changes WHERE zone = @zone ORDER BY id DESC LIMIT 1 OFFSET ${MAX_DELTAS})`,
  );
  const forget = [
    db.prepare('DELETE FROM zone_records WHERE zone = ?'),
    db.prepare('DELETE FROM zone_changes WHERE zone = ?'),
  ];

  const keyOf = (zone: string, { owner, rdata }: ZoneRecord) => [
    zone,
    nameToText(owner),
    rdata.type,
    JSON.stringify(rdata),
  ];
  const addAll = (zone: string, records: readonly ZoneRecord[]): void => {
    for (const { owner, ttlSeconds, rdata } of records) {
      add.run(zone, nameToText(owner), rdata.type, ttlSeconds, JSON.stringify(rdata));
    }
  };
  const forgetZone = (zone: string): void => {
    for (const statement of forget) statement.run(zone);
  };
  const writeDelta = (zone: string, { from, to, removed, added }: ZoneDelta, nowEpochMs: number): void => {
    // A database that does not hold what the change begins with would hold half a zone after it: it holds none then.
    const isHeld = remove.run(...keyOf(zone, from)).changes > 0;
    if (!isHeld) {
      forgetZone(zone);
      return;
    }
    for (const record of removed) remove.run(...keyOf(zone, record));
    addAll(zone, [to, ...added]);
    const texts = [
      [from, ...removed],
      [to, ...added],
    ].map((records) => JSON.stringify(records));
    change.run(iso(nowEpochMs), zone, serialOf(from), serialOf(to), ...texts);
    forgetOldest.run({ zone });
  };

  return ({ zone, step }, nowEpochMs) => {
    const name = nameToText(zone);
    if (step.kind === 'delta') return writeDelta(name, step.delta, nowEpochMs);
    forgetZone(name);
    addAll(name, recordsOf(step.content));
  };
}

function recordsOf({ apex, soa, soaTtlSeconds, rrsets }: ZoneContent): readonly ZoneRecord[] {
  const others = rrsets.flatMap(({ owner, ttlSeconds, rdatas }) =>
    rdatas.map((rdata) => ({ owner, ttlSeconds, rdata })),
  );
  return [{ owner: apex, ttlSeconds: soaTtlSeconds, rdata: soa }, ...others];
}

interface RecordRow {
  readonly zone: string;
  readonly owner: string;
  readonly ttl: number;
  readonly data: string;
}

interface ChangeRow {
  readonly zone: string;
  readonly removed: string;
  readonly added: string;
}

/** The zones as they were published last. A row that makes no sense makes its zone unknown. */
export function readZones(db: Database.Database): {
  readonly zones: ReadonlyMap<OwnerName, ZoneContent>;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  // One that can only be read may be of an older schema.
  const isThere = db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'zone_records'").pluck().get() === 1;
  if (!isThere) return { zones: new Map(), problems };
  const records = db.prepare<[], RecordRow>('SELECT zone, owner, ttl, data FROM zone_records').all();
  const changes = db.prepare<[], ChangeRow>('SELECT zone, removed, added FROM zone_changes ORDER BY id').all();
  const changesOf = Map.groupBy(changes, ({ zone }) => zone);
  const zones = [...Map.groupBy(records, ({ zone }) => zone)].flatMap(([zone, rows]) => {
    try {
      return [contentFrom(textToName(zone), rows, changesOf.get(zone) ?? [])];
    } catch (error) {
      problems.push(`zone_records of ${zone}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
  return { zones: new Map(zones.map((content) => [content.apex, content])), problems };
}

/** @throws Error when the rows are none that {@link zoneWriter} wrote. */
function contentFrom(apex: OwnerName, rows: readonly RecordRow[], changes: readonly ChangeRow[]): ZoneContent {
  const records = rows.map(({ owner, ttl, data }): ZoneRecord => {
    return { owner: textToName(owner), ttlSeconds: ttl, rdata: JSON.parse(data) as Rdata };
  });
  const soa = records.find(({ rdata }) => rdata.type === 'SOA');
  if (soa?.rdata.type !== 'SOA') throw new Error('there is no SOA');
  const others = records.filter((record) => record !== soa);
  const bySet = Map.groupBy(others, ({ owner, rdata }) => `${rdata.type} ${owner}`);
  return {
    apex,
    soa: soa.rdata,
    soaTtlSeconds: soa.ttlSeconds,
    rrsets: [...bySet.values()].flatMap(rrsetOf),
    names: [],
    degraded: {},
    journal: changes.map(deltaFrom),
  };
}

function rrsetOf(records: readonly ZoneRecord[]): readonly RRset[] {
  const [first] = records;
  if (!first) return [];
  const { owner, ttlSeconds, rdata } = first;
  return [{ owner, type: rdata.type, ttlSeconds, rdatas: records.map((record) => record.rdata) }];
}

function deltaFrom(row: ChangeRow): ZoneDelta {
  const [from, ...removed] = JSON.parse(row.removed) as ZoneRecord[];
  const [to, ...added] = JSON.parse(row.added) as ZoneRecord[];
  if (!from || !to) throw new Error('a change has no SOA');
  return { from, to, removed, added };
}
