import fc from 'fast-check';
import t from 'tap';
import { formatRRset } from '../../src/core/master-file.ts';
import type { OwnerName } from '../../src/core/name.ts';
import type { RRset, RRType } from '../../src/core/rr.ts';
import { applyChange, buildZone, contentOf, rrsetAt, type Zone, type ZoneChange } from '../../src/core/zone.ts';
import { name, rrsets } from '../helpers/names.ts';
import { content } from '../helpers/zones.ts';

const apex = name('example.com');
const zone = buildZone(
  content('example.com', '@ 3600 NS ns1\nns1 60 A 192.0.2.53\na.b 60 A 192.0.2.1\nc 60 A 192.0.2.2'),
);

function change(changes: ZoneChange['changes'], degraded: ZoneChange['degraded'] = {}, serial = 2): ZoneChange {
  return { apex, serial, changes, degraded };
}

function standing(zone: Zone, owner: OwnerName, type: RRType): RRset | undefined {
  const node = zone.nodes.get(owner);
  return node && rrsetAt(node, type);
}

function only(lines: string): RRset {
  const [rrset] = rrsets('example.com', lines);
  if (!rrset) throw new Error('no RRset');
  return rrset;
}

/** Everything that a zone answers from, in one order. */
function shown(zone: Zone): unknown {
  const nodes = zone.nodes.values().map((node) => ({
    ...node,
    rrsets: [...node.rrsets.values()].flatMap(formatRRset).toSorted(),
  }));
  return {
    soa: zone.soa,
    negativeSoa: zone.negativeSoa,
    nodes: nodes.toSorted((a, b) => (a.owner < b.owner ? -1 : 1)),
  };
}

t.test('buildZone() ignores what lies outside, and takes the last of two RRsets', async (t) => {
  const built = buildZone(content('example.com', 'x.example.org. 60 A 192.0.2.1\n@ 60 NS ns1'));
  t.equal(built.nodes.has(name('x.example.org')), false);
  t.equal(built.nodes.size, 1);
  const twice = [only('c 60 A 192.0.2.1'), only('c 60 A 192.0.2.2')];
  const last = buildZone({ ...content('example.com', ''), rrsets: twice });
  t.equal(standing(last, name('c.example.com'), 'A'), twice[1]);
});

t.test('buildZone() gives negative answers the lower of the SOA’s TTL and minimum (RFC 2308 §3)', async (t) => {
  const built = (soaTtlSeconds: number) =>
    buildZone(content('example.com', '', { soaTtlSeconds })).negativeSoa.ttlSeconds;
  t.equal(built(60), 10);
  t.equal(built(5), 5);
});

t.test('applyChange() shares the nodes that it does not touch', async (t) => {
  const rrset = only('c 60 A 198.51.100.2');
  const next = applyChange(zone, change([{ owner: rrset.owner, type: 'A', rrset }]));
  t.equal(standing(next, rrset.owner, 'A'), rrset);
  t.equal(next.nodes.get(name('a.b.example.com')), zone.nodes.get(name('a.b.example.com')));
  t.same(next.soa.rdatas[0], { ...zone.soa.rdatas[0], serial: 2 });
  t.same(standing(next, apex, 'SOA'), next.soa);
  t.equal(
    standing(zone, rrset.owner, 'A')?.rdatas[0]?.type === 'A' &&
      zone.soa.rdatas[0]?.type === 'SOA' &&
      zone.soa.rdatas[0].serial,
    1,
  );
});

t.test('applyChange() ends a name with its last RRset, and the empty non-terminals above it', async (t) => {
  const owner = name('a.b.example.com');
  const next = applyChange(zone, change([{ owner, type: 'A', rrset: null }]));
  t.equal(next.nodes.has(owner), false);
  t.equal(next.nodes.has(name('b.example.com')), false);
});

t.test('applyChange() keeps the name of a record that has no address any more', async (t) => {
  const owner = name('c.example.com');
  const pinned = buildZone({ ...contentOf(zone), names: [owner] });
  const next = applyChange(pinned, change([{ owner, type: 'A', rrset: null }], { [owner]: 'nothing up' }));
  t.equal(next.nodes.get(owner)?.rrsets.length, 0);
  t.equal(next.nodes.get(owner)?.degraded, 'nothing up');
  t.equal(applyChange(next, change([], { [owner]: null })).nodes.get(owner)?.degraded, null);
});

const owners = ['@', 'a', 'b', 'a.b', 'x.a.b', '*.a', 'c'];
const anyChange = fc.record({
  owner: fc.constantFrom(...owners),
  type: fc.constantFrom('A' as const, 'NS' as const, 'TXT' as const),
  octet: fc.option(fc.integer({ min: 1, max: 254 })),
  degraded: fc.option(fc.constantFrom('down', 'stale'), { nil: undefined }),
});
const DATA = { A: (n: number) => `192.0.2.${n}`, NS: (n: number) => `ns${n}`, TXT: (n: number) => `t${n}` };

t.test('applyChange() gives the zone that buildZone() makes of the changed content', async () => {
  fc.assert(
    fc.property(fc.array(anyChange, { maxLength: 12 }), (changes) => {
      const model = new Map<string, RRset>(
        zone.nodes
          .values()
          .flatMap((node) => [...node.rrsets.values()])
          .map((rrset) => [`${rrset.owner} ${rrset.type}`, rrset]),
      );
      const names = [name('a.example.com'), apex];
      const degraded: Record<OwnerName, string> = {};
      let next = buildZone({ ...contentOf(zone), names });
      for (const [i, { owner, type, octet, degraded: text }] of changes.entries()) {
        const rrset = octet === null ? null : only(`${owner} 60 ${type} ${DATA[type](octet)}`);
        const full = only(`${owner} 60 A 192.0.2.1`).owner;
        // Only a record's answer can be degraded, and its name does not end.
        const reason = names.includes(full) ? (text ?? null) : null;
        next = applyChange(next, change([{ owner: full, type, rrset }], { [full]: reason }, i + 2));
        if (rrset) model.set(`${full} ${type}`, rrset);
        else model.delete(`${full} ${type}`);
        if (reason === null) delete degraded[full];
        else degraded[full] = reason;
      }
      const soa = { ...contentOf(zone).soa, serial: changes.length + 1 };
      const sets = [...model.values()].filter(({ type }) => type !== 'SOA');
      const built = buildZone({ ...contentOf(zone), soa, rrsets: sets, names, degraded });
      return JSON.stringify(shown(next)) === JSON.stringify(shown(built));
    }),
    { numRuns: 500 },
  );
});
