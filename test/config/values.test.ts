import fc from 'fast-check';
import t from 'tap';
import { parseSize } from '../../src/config/values.ts';
import { formatDuration, parseDuration } from '../../src/core/duration.ts';

const UNITS_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

t.test('parseDuration() reads a number and a unit', async (t) => {
  for (const [text, ms] of [
    ['500ms', 500],
    ['5s', 5000],
    ['1m', 60_000],
    ['1h', 3_600_000],
    ['14d', 1_209_600_000],
    ['0s', 0],
    ['1.5s', 1500],
    ['0.25s', 250],
    ['0.001s', 1],
  ] as const) {
    t.equal(parseDuration(text), ms, text);
  }
});

t.test('parseDuration() refuses all else', async (t) => {
  for (const text of [
    '',
    '5',
    's',
    '5 s',
    ' 5s',
    '5s ',
    '-5s',
    '+5s',
    '5S',
    '5sec',
    '1h30m',
    '1e3s',
    '.5s',
    '5.s',
    '0.5ms',
    '١s',
  ]) {
    t.equal(parseDuration(text), undefined, JSON.stringify(text));
  }
});

t.test('parseDuration() and formatDuration() undo each other', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400 * UNITS_MS.d }), (ms) => {
      t.equal(parseDuration(formatDuration(ms)), ms);
    }),
    { numRuns: 500 },
  );
});

t.test('parseDuration() multiplies by the unit', async (t) => {
  const units = fc.constantFrom(...(Object.keys(UNITS_MS) as (keyof typeof UNITS_MS)[]));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999 }), units, (number, unit) => {
      t.equal(parseDuration(`${number}${unit}`), number * UNITS_MS[unit]);
    }),
    { numRuns: 500 },
  );
});

t.test('formatDuration() takes the largest unit that is exact', async (t) => {
  t.same([0, 500, 1500, 5000, 90_000, 60_000, 3_600_000, 86_400_000].map(formatDuration), [
    '0s',
    '500ms',
    '1500ms',
    '5s',
    '90s',
    '1m',
    '1h',
    '1d',
  ]);
});

t.test('parseSize() reads a whole number and a binary unit', async (t) => {
  const units = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;
  fc.assert(
    fc.property(
      fc.nat({ max: 999_999 }),
      fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[])),
      (n, unit) => {
        t.equal(parseSize(`${n}${unit}`), n * units[unit]);
      },
    ),
    { numRuns: 500 },
  );
  for (const text of ['', '64', '64K', '64KB', '64kib', '1.5MiB', '-1B', '64 KiB']) {
    t.equal(parseSize(text), undefined, JSON.stringify(text));
  }
});
