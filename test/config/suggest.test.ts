import fc from 'fast-check';
import t from 'tap';
import { editDistance, suggest } from '../../src/config/suggest.ts';

t.test('editDistance() counts inserted, removed, changed and swapped letters', async (t) => {
  for (const [a, b, distance] of [
    ['', '', 0],
    ['primry', 'primary', 1],
    ['primaryy', 'primary', 1],
    ['primery', 'primary', 1],
    ['pirmary', 'primary', 1],
    ['kitten', 'sitting', 3],
    ['', 'abc', 3],
  ] as const) {
    t.equal(editDistance(a, b), distance, `${a} ${b}`);
  }
});

t.test('editDistance() is a distance: zero for equals only, the same in both directions', async (t) => {
  const words = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b', 'c') });
  fc.assert(
    fc.property(words, words, (a, b) => {
      t.equal(editDistance(a, b) === 0, a === b);
      t.equal(editDistance(a, b), editDistance(b, a));
      t.ok(editDistance(a, b) >= Math.abs(a.length - b.length));
    }),
    { numRuns: 300 },
  );
});

t.test('suggest() names the nearest known word, or none', async (t) => {
  const known = ['primary', 'backup', 'check', 'ttl', 'families', 'all_down', 'failback'];
  for (const [word, meant] of [
    ['primry', 'primary'],
    ['PRIMARY', 'primary'],
    ['backups', 'backup'],
    ['failbcak', 'failback'],
    ['tll', 'ttl'],
    ['alldown', 'all_down'],
    ['url', null],
    ['ab', null],
    ['something', null],
  ] as const) {
    t.equal(suggest(word, known), meant, word);
  }
});
