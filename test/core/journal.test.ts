import fc from 'fast-check';
import t from 'tap';
import { differenceSince, extendJournal, MAX_DELTAS, serialOf, type ZoneDelta } from '../../src/core/journal.ts';
import type { OwnerName } from '../../src/core/name.ts';
import type { RRset } from '../../src/core/rr.ts';
import { applyChange, buildZone, contentOf, succeed, type Zone, type ZoneChange } from '../../src/core/zone.ts';
import { content } from '../helpers/zones.ts';

const apex = 'example.com.' as OwnerName;
const start = buildZone({ ...content('example.com', '@ 60 NS ns1\nns1 60 A 192.0.2.53'), journal: [] });

/** Sets the addresses of a name; none removes it. */
function change(serial: number, label: string, addresses: readonly number[], ttlSeconds = 60): ZoneChange {
  const owner = `${label}.${apex}` as OwnerName;
  const rdatas = addresses.map((last) => ({ type: 'A', address: `192.0.2.${last}` }) as const);
  const rrset: RRset | null = rdatas.length === 0 ? null : { owner, type: 'A', ttlSeconds, rdatas };
  return { apex, serial, changes: [{ owner, type: 'A', rrset }], degraded: {} };
}

function linesOf(zone: Zone): string[] {
  return contentOf(zone).rrsets.flatMap(({ owner, ttlSeconds, rdatas }) =>
    rdatas.map((rdata) => `${owner} ${ttlSeconds} ${JSON.stringify(rdata)}`),
  );
}

/** What a secondary does with a difference; it insists that what is removed was there, and what is added was not. */
function applied(lines: readonly string[], { removed, added }: ZoneDelta): string[] {
  const set = new Set(lines);
  const text = ({ owner, ttlSeconds, rdata }: ZoneDelta['from']) => `${owner} ${ttlSeconds} ${JSON.stringify(rdata)}`;
  for (const record of removed) if (!set.delete(text(record))) throw new Error(`${text(record)} is not there`);
  for (const record of added) {
    if (set.has(text(record))) throw new Error(`${text(record)} is there already`);
    set.add(text(record));
  }
  return [...set].sort();
}

function differenceOf(zone: Zone, serial: number): ZoneDelta {
  const delta = differenceSince(zone.journal ?? [], serial);
  if (!delta) throw new Error(`the journal does not reach back to ${serial}`);
  return delta;
}

t.test('differenceSince() leaves out what came and went again (RFC 1995 §5)', async (t) => {
  let zone = start;
  for (const one of [change(2, 'a', [1]), change(3, 'a', [2]), change(4, 'a', [1])]) zone = applyChange(zone, one);
  const { from, to, removed, added } = differenceOf(zone, 2);
  t.same([removed, added], [[], []]);
  t.same([serialOf(from), serialOf(to)], [2, 4]);
  t.equal(differenceSince(zone.journal ?? [], 5), null);
  t.equal(differenceSince(zone.journal ?? [], 0), null);
});

t.test('differenceSince() sends a record whose TTL changes as one that goes and one that comes', async (t) => {
  const zone = applyChange(applyChange(start, change(2, 'a', [1, 2], 60)), change(3, 'a', [2], 5));
  const { removed, added } = differenceOf(zone, 2);
  t.equal(removed.length, 2);
  t.match(added, [{ ttlSeconds: 5, rdata: { address: '192.0.2.2' } }]);
});

t.test('every difference makes the current zone of an older one', async (t) => {
  const step = fc.tuple(
    fc.constantFrom('a', 'b', 'c'),
    fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
    fc.constantFrom(5, 60),
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      const zones = [start];
      for (const [i, [label, addresses, ttl]] of steps.entries()) {
        zones.push(applyChange(zones.at(-1) ?? start, change(i + 2, label, addresses, ttl)));
      }
      const last = zones.at(-1) ?? start;
      for (const [i, zone] of zones.slice(0, -1).entries()) {
        const result = applied(linesOf(zone), differenceOf(last, i + 1));
        if (JSON.stringify(result) !== JSON.stringify(linesOf(last).sort())) return false;
      }
      return true;
    }),
  );
  t.pass('for all of them');
});

t.test('succeed() goes on from what was published before', async (t) => {
  const before = applyChange(start, change(2, 'a', [1]));
  const next = content('example.com', '@ 60 NS ns1\nns1 60 A 192.0.2.53\nb 60 A 192.0.2.9');
  const zone = succeed(before, { ...next, soa: { ...next.soa, serial: 3 } });
  t.same(applied(linesOf(start), differenceOf(zone, 1)), linesOf(zone).sort());
  t.equal(zone.journal?.length, 2);
  t.same(succeed(null, next).journal, []);
});

t.test('extendJournal() forgets the oldest of too many, and all that is not followed on', async (t) => {
  let zone = start;
  for (let i = 0; i < MAX_DELTAS + 5; i++) zone = applyChange(zone, change(i + 2, 'a', [(i % 9) + 1]));
  const journal = zone.journal ?? [];
  t.equal(journal.length, MAX_DELTAS);
  t.equal(journal[0] && serialOf(journal[0].from), 6);
  const [first] = start.journal ? (applyChange(start, change(9, 'b', [1])).journal ?? []) : [];
  if (!first) return t.fail('no delta');
  t.same(extendJournal(journal, first), [first]);
});

t.test('a zone without a journal keeps none', async (t) => {
  const zone = buildZone(content('example.com', 'a 60 A 192.0.2.1'));
  t.equal(applyChange(zone, change(2, 'a', [2])).journal, null);
  t.notOk('journal' in contentOf(zone));
});
