import fc from 'fast-check';
import t from 'tap';
import {
  compareNames,
  isSubdomainOf,
  joinName,
  labelCount,
  nameFromWire,
  nameToWire,
  type OwnerName,
  parentOf,
  parseOwnerName,
  ROOT,
  shown,
} from '../../src/core/name.ts';
import { name } from '../helpers/names.ts';

/** Names of any octets, as labels of latin1 characters. */
const anyName = fc
  .array(fc.uint8Array({ minLength: 1, maxLength: 30 }), { maxLength: 7 })
  .map((labels) => nameFromWire(Uint8Array.from([...labels.flatMap((label) => [label.length, ...label]), 0])));

t.test('shown() leaves the final dot away, and the root its own', async (t) => {
  t.equal(shown(name('www.example.com')), 'www.example.com');
  t.equal(shown(name('a\\.b.example.com')), 'a\\.b.example.com');
  t.equal(shown(ROOT), '.');
});

t.test('parseOwnerName() gives the one canonical form (RFC 1035 §5.1, RFC 4343)', async (t) => {
  const origin = name('app.example.com');
  const cases: [string, OwnerName | undefined, string][] = [
    ['WWW.Example.COM', undefined, 'www.example.com.'],
    ['WWW.Example.COM.', undefined, 'www.example.com.'],
    ['.', origin, '.'],
    ['@', origin, 'app.example.com.'],
    ['www', origin, 'www.app.example.com.'],
    ['www.', origin, 'www.'],
    ['*', origin, '*.app.example.com.'],
    ['_443._tcp', origin, '_443._tcp.app.example.com.'],
    ['a\\.b', origin, 'a\\.b.app.example.com.'],
    ['a\\046b.', undefined, 'a\\.b.'],
    ['\\065\\066.', undefined, 'ab.'],
    ['a\\ b.', undefined, 'a\\032b.'],
    ['\\255\\000.', undefined, '\\255\\000.'],
    ['a\\;b\\\\.', undefined, 'a\\;b\\\\.'],
    ['a;b.', undefined, 'a\\;b.'],
    [`${'a'.repeat(63)}.`, undefined, `${'a'.repeat(63)}.`],
  ];
  for (const [text, from, expected] of cases) {
    t.same(parseOwnerName(text, from), { ok: true, value: expected }, text);
  }
});

t.test('parseOwnerName() says what is wrong', async (t) => {
  const long = `${`${'a'.repeat(63)}.`.repeat(3)}${'a'.repeat(62)}`;
  const cases: [string, string][] = [
    ['', 'is empty'],
    ['a..b', 'has an empty label'],
    ['.a', 'has an empty label'],
    ['a'.repeat(64), 'has a label of 64 octets, more than 63'],
    [long, 'has 256 octets, more than 255'],
    ['a\\', 'ends in an escape that is not \\X or \\DDD'],
    ['a\\25', 'ends in an escape that is not \\X or \\DDD'],
    ['a\\256', 'ends in an escape that is not \\X or \\DDD'],
    ['bücher.example', 'is not ASCII: write an internationalised name as A-labels (xn--…)'],
    ['b\\ü.example', 'is not ASCII: write an internationalised name as A-labels (xn--…)'],
  ];
  for (const [text, problem] of cases) t.same(parseOwnerName(text), { ok: false, problem }, text);
  t.equal(parseOwnerName(long.slice(1)).ok, true, '255 octets are a name (RFC 1035 §2.3.4)');
});

t.test('nameToWire() and nameFromWire() are each other’s inverse, and the text form is stable', async () => {
  fc.assert(
    fc.property(anyName, (owner) => {
      const parsed = parseOwnerName(owner);
      return nameFromWire(nameToWire(owner)) === owner && parsed.ok && parsed.value === owner;
    }),
  );
});

t.test('nameFromWire() lowers the letters and starts where it is told', async (t) => {
  t.equal(nameFromWire(Buffer.from('xx\x03WwW\x02Ab\x00', 'latin1'), 2), 'www.ab.');
  t.throws(() => nameFromWire(Buffer.from('\x03ww', 'latin1')), RangeError);
  t.throws(() => nameFromWire(Buffer.from('\xc0\x00', 'latin1')), RangeError);
});

t.test('isSubdomainOf() compares whole labels', async (t) => {
  const cases: [string, string, boolean][] = [
    ['example.com.', 'example.com.', true],
    ['a.example.com.', 'example.com.', true],
    ['a.b.example.com.', 'example.com.', true],
    ['example.com.', '.', true],
    ['.', '.', true],
    ['badexample.com.', 'example.com.', false],
    ['com.', 'example.com.', false],
    ['.', 'com.', false],
    ['a\\.example.com.', 'example.com.', false],
    ['a\\\\.example.com.', 'example.com.', true],
  ];
  for (const [a, b, expected] of cases) t.equal(isSubdomainOf(name(a), name(b)), expected, `${a} in ${b}`);
});

t.test('parentOf() and joinName() take one label off and put it on', async (t) => {
  t.equal(parentOf(name('a\\.b.c.')), 'c.');
  t.equal(parentOf(name('c.')), '.');
  t.equal(parentOf(name('.')), null);
  t.equal(joinName('*', name('.')), '*.');
  t.equal(joinName('a\\.b', name('c.')), 'a\\.b.c.');
  fc.assert(
    fc.property(anyName, (owner) => {
      const parent = parentOf(owner);
      return parent === null || (labelCount(owner) === labelCount(parent) + 1 && isSubdomainOf(owner, parent));
    }),
  );
});

t.test('compareNames() is the canonical order of RFC 4034 §6.1, by its own example', async (t) => {
  const ordered = ['example.', 'a.example.', 'yljkjljk.a.example.', 'Z.a.example.', 'zABC.a.EXAMPLE.', 'z.example.'];
  const rest = ['\\001.z.example.', '*.z.example.', '\\200.z.example.'];
  const names = [...ordered, ...rest].map(name);
  t.same(names.toReversed().sort(compareNames), names);
});
