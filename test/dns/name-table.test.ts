import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { createNameTable } from '../../src/dns/name-table.ts';

const MAX_NAME_OCTETS = 255;

/** Wire form of a name from its labels. */
function wire(labels: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from([...labels.flatMap((label) => [label.length, ...label]), 0]);
}

function lowered(label: Uint8Array): Uint8Array {
  return label.map((octet) => (octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet));
}

/** The deepest of the names at or above the one asked for, by comparing labels. */
function deepest(names: readonly (readonly Uint8Array[])[], asked: readonly Uint8Array[]): number {
  const key = (labels: readonly Uint8Array[]) =>
    labels.map((label) => Buffer.from(lowered(label)).toString('hex')).join('.');
  for (let from = 0; from <= asked.length; from++) {
    const found = names.findIndex((name) => key(name) === key(asked.slice(from)));
    if (found !== -1) return found;
  }
  return -1;
}

// Few octets, so that names meet: letters of both cases and their neighbours, and the same with the high bit.
const octet = fc.constantFrom(0x00, 0x01, 0x40, 0x41, 0x5a, 0x5b, 0x60, 0x61, 0x7a, 0x7b, 0x7f, 0xc1, 0xda, 0xe1, 0xff);
const label = fc
  .uint8Array({ minLength: 1, maxLength: 5 })
  .chain((sizes) =>
    fc.array(octet, { minLength: sizes.length, maxLength: sizes.length }).map((octets) => Uint8Array.from(octets)),
  );
const name = fc.array(label, { maxLength: 6 });
const long = fc.array(fc.constant(Uint8Array.of(0x41)), { minLength: 120, maxLength: 127 });

t.test('find() gives the deepest name at or above, in any letter case and wherever it stands', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(name, long), { maxLength: 8 }),
      fc.oneof(name, long),
      fc.nat(5),
      fc.nat(),
      (names, other, shift, pick) => {
        const table = createNameTable(names.map((labels, value) => ({ name: wire(labels.map(lowered)), value })));
        const below = [Uint8Array.of(0x58), ...(names[pick % Math.max(names.length, 1)] ?? [])];
        for (const asked of [...names, other, below]) {
          const question = wire(asked);
          if (question.length > MAX_NAME_OCTETS) continue;
          const message = new Uint8Array(shift + question.length).fill(0xee);
          message.set(question, shift);
          const expected = deepest(names, asked);
          const found = table.find(message, shift, shift + question.length);
          assert.equal(found === null ? -1 : deepest(names, names[found] ?? []), expected);
          if (found !== null) assert.equal(table.isExact(), names[found]?.length === asked.length);
        }
      },
    ),
  );
  t.pass('holds for every table and name');
});

t.test('find() takes A to Z for a to z, and no other octet for another (RFC 4343 §3)', async (t) => {
  const octets = Array.from({ length: 256 }, (_, i) => i);
  const confused: [number, number][] = [];
  for (const stored of octets) {
    const table = createNameTable([{ name: wire([lowered(Uint8Array.of(stored))]), value: stored }]);
    for (const asked of octets) {
      const found = table.find(Uint8Array.of(1, asked, 0), 0, 3) !== null;
      const [first] = lowered(Uint8Array.of(stored));
      const [second] = lowered(Uint8Array.of(asked));
      if (found !== (first === second)) confused.push([stored, asked]);
    }
  }
  t.same(confused, []);
});
