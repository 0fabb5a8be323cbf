import Database from 'better-sqlite3';
import t from 'tap';
import { MAX_DELTAS } from '../../src/core/journal.ts';
import type { OwnerName } from '../../src/core/name.ts';
import { applyChange, buildZone, contentOf, succeed, type Zone, type ZoneContent } from '../../src/core/zone.ts';
import { loadMigrations, migrate } from '../../src/history/migrate.ts';
import { readZones, zoneWriter } from '../../src/history/zone-rows.ts';
import { content } from '../helpers/zones.ts';

const APEX = 'example.com.' as OwnerName;
const CONTENT = content('example.com', '@ 3600 NS ns1\nns1 60 A 192.0.2.53\na 60 A 192.0.2.1\na 60 A 192.0.2.2');

function open() {
  const db = new Database(':memory:');
  migrate(db, loadMigrations());
  const write = zoneWriter(db);
  return { db, write: db.transaction(write) };
}

function flipped(zone: Zone, serial: number, address: string): Zone {
  const owner = `a.${APEX}` as OwnerName;
  const rrset = { owner, type: 'A', ttlSeconds: 60, rdatas: [{ type: 'A', address }] } as const;
  return applyChange(zone, { apex: APEX, serial, changes: [{ owner, type: 'A', rrset }], degraded: {} });
}

function lastStep(zone: Zone) {
  const delta = zone.journal?.at(-1);
  if (!delta) throw new Error('no delta');
  return { zone: APEX, step: { kind: 'delta', delta } } as const;
}

/** What a transfer would send, in one order. */
function shown({ soa, rrsets }: ZoneContent): unknown {
  const lines = rrsets.flatMap(({ owner, ttlSeconds, rdatas }) =>
    rdatas.map((rdata) => `${owner} ${ttlSeconds} ${JSON.stringify(rdata)}`),
  );
  return { soa, lines: lines.sort() };
}

t.test('readZones() gives back what was published last, with its journal', async (t) => {
  const { db, write } = open();
  write({ zone: APEX, step: { kind: 'whole', content: CONTENT } }, 0);
  let zone = succeed(null, CONTENT);
  for (const serial of [2, 3, 4]) {
    zone = flipped(zone, serial, `198.51.100.${serial}`);
    write(lastStep(zone), 0);
  }
  const { zones, problems } = readZones(db);
  const restored = zones.get(APEX);
  if (!restored) return t.fail('the zone is not known');
  t.same(problems, []);
  t.same(shown(restored), shown(contentOf(zone)));
  t.same(restored.journal, zone.journal);
  t.same(shown(contentOf(buildZone(restored))), shown(contentOf(zone)));
});

t.test('zoneWriter() keeps the last changes only', async (t) => {
  const { db, write } = open();
  write({ zone: APEX, step: { kind: 'whole', content: CONTENT } }, 0);
  let zone = succeed(null, CONTENT);
  for (let serial = 2; serial <= MAX_DELTAS + 10; serial++) {
    zone = flipped(zone, serial, `198.51.100.${serial % 2}`);
    write(lastStep(zone), 0);
  }
  t.equal(db.prepare('SELECT count(*) FROM zone_changes').pluck().get(), MAX_DELTAS);
  t.same(readZones(db).zones.get(APEX)?.journal, zone.journal);
});

t.test('a database that does not hold what a change begins with forgets the zone', async (t) => {
  const { db, write } = open();
  write({ zone: APEX, step: { kind: 'whole', content: CONTENT } }, 0);
  const missed = flipped(succeed(null, CONTENT), 2, '198.51.100.2');
  write(lastStep(flipped(missed, 3, '198.51.100.3')), 0);
  t.equal(readZones(db).zones.size, 0);
  t.equal(db.prepare('SELECT count(*) FROM zone_records').pluck().get(), 0);
});

t.test('readZones() takes a zone with rows that make no sense for unknown, and says so', async (t) => {
  const { db, write } = open();
  write({ zone: APEX, step: { kind: 'whole', content: CONTENT } }, 0);
  db.exec("DELETE FROM zone_records WHERE type = 'SOA'");
  const { zones, problems } = readZones(db);
  t.equal(zones.size, 0);
  t.match(problems, [/example\.com: there is no SOA/]);
});
