import fc from 'fast-check';
import t from 'tap';
import { compareSerials, nextSerial } from '../../src/core/serial.ts';

const MAX = 2 ** 32 - 1;
const anySerial = fc.oneof(fc.constantFrom(0, 1, 2 ** 31 - 1, 2 ** 31, MAX - 1, MAX), fc.integer({ min: 0, max: MAX }));

t.test('compareSerials() orders in a circle (RFC 1982 §3.2)', async (t) => {
  const cases: [number, number, string][] = [
    [1, 1, 'equal'],
    [1, 0, 'greater'],
    [0, 1, 'less'],
    [0, MAX, 'greater'],
    [MAX, 0, 'less'],
    [2 ** 31 - 1, 0, 'greater'],
    [2 ** 31, 0, 'incomparable'],
    [0, 2 ** 31, 'incomparable'],
    [2 ** 31 + 1, 0, 'less'],
  ];
  for (const [a, b, expected] of cases) t.equal(compareSerials(a, b), expected, `${a} and ${b}`);
  for (const bad of [-1, 2 ** 32, 0.5, Number.NaN]) t.throws(() => compareSerials(bad, 0), RangeError);
});

t.test('nextSerial() starts from the epoch seconds', async (t) => {
  t.equal(nextSerial(null, 1_790_000_000_999), 1_790_000_000);
  t.equal(nextSerial(1_790_000_000, 1_790_000_007_000), 1_790_000_007);
});

t.test(
  'nextSerial() counts on within a second, after a step back of the clock and over the end of the circle',
  async (t) => {
    t.equal(nextSerial(1_790_000_000, 1_790_000_000_500), 1_790_000_001);
    t.equal(nextSerial(1_790_000_000, 1_700_000_000_000), 1_790_000_001);
    t.equal(nextSerial(MAX, 3_000_000_000_000), 0);
  },
);

t.test('nextSerial() is greater than the last one by RFC 1982, whatever the clock says', async () => {
  fc.assert(
    fc.property(anySerial, fc.integer({ min: 0, max: 2 ** 43 }), (last, epochMs) => {
      return compareSerials(nextSerial(last, epochMs), last) === 'greater';
    }),
  );
});
