import t from 'tap';
import * as format from '../../src/cli/format.ts';
import { paint, wantsColour } from '../../src/cli/io.ts';
import { formatTable } from '../../src/cli/table.ts';

t.test('formatDuration() gives the two largest units', async (t) => {
  const durations: readonly (readonly [number, string])[] = [
    [-5, '0ms'],
    [0, '0ms'],
    [850, '850ms'],
    [999.6, '1s'],
    [5000, '5s'],
    [59_999, '59s'],
    [192_000, '3m 12s'],
    [3_600_000, '1h'],
    [3_660_000, '1h 1m'],
    [3_605_000, '1h'],
    [14 * 86_400_000 + 3 * 3_600_000, '14d 3h'],
  ];
  for (const [ms, text] of durations) t.equal(format.formatDuration(ms), text);
});

t.test('formatAge() does not count what is not yet a second, or not yet', async (t) => {
  t.equal(format.formatAge(192_000), '3m 12s ago');
  t.equal(format.formatAge(999), 'now');
  t.equal(format.formatAge(-3000), 'now');
});

t.test('formatBound() rounds up', async (t) => {
  t.equal(format.formatBound(11_250), '11.3 s');
  t.equal(format.formatBound(11_201), '11.3 s');
  t.equal(format.formatBound(11_200), '11.2 s');
});

t.test('formatTime() is UTC and to the second', async (t) => {
  t.equal(format.formatTime(Date.UTC(2026, 0, 31, 12, 0, 41, 999)), '2026-01-31 12:00:41Z');
});

t.test('formatTable() aligns coloured and plain cells, cuts nothing off, leaves no space at the end', async (t) => {
  const long = 'x'.repeat(300);
  t.equal(
    formatTable([['a', '\u001b[31mred\u001b[39m', 'end'], ['longer', 'b', ''], [long]]),
    `${'a'.padEnd(300)}  \u001b[31mred\u001b[39m  end\n${'longer'.padEnd(300)}  b\n${long}`,
  );
  t.equal(formatTable([]), '');
});

t.test('wantsColour(): FORCE_COLOR before NO_COLOR before the terminal', async (t) => {
  t.equal(wantsColour({}, true), true);
  t.equal(wantsColour({}, false), false);
  t.equal(wantsColour({ NO_COLOR: '1' }, true), false);
  t.equal(wantsColour({ NO_COLOR: '' }, true), true, 'an empty one counts as absent (no-color.org)');
  t.equal(wantsColour({ TERM: 'dumb' }, true), false);
  t.equal(wantsColour({ FORCE_COLOR: '1', NO_COLOR: '1' }, false), true);
  t.equal(wantsColour({ FORCE_COLOR: '0' }, true), false);
});

t.test('paint() leaves text alone where no colours are shown', async (t) => {
  const output = { write() {}, isTerminal: true, hasColour: false };
  t.equal(paint(output, 'red', 'down'), 'down');
});
