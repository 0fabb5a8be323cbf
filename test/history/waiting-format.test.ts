import assert from 'node:assert/strict';
import path from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { entryLine, headerLine, parseWaiting, waitingPlace } from '../../src/history/waiting-format.ts';
import { commitEntry } from './helpers.ts';

const ENTRIES = [1, 2, 3].map((seq) => ({ ...commitEntry(100 + seq), seq }));
const TEXT = headerLine('run') + ENTRIES.map(entryLine).join('');

t.test('parseWaiting() gives back what headerLine() and entryLine() made', async (t) => {
  t.same(parseWaiting(TEXT), { kind: 'commits', run: 'run', entries: ENTRIES, damaged: 0 });
  const shuffled = headerLine('run') + [...ENTRIES].reverse().map(entryLine).join('');
  t.same(parseWaiting(shuffled), { kind: 'commits', run: 'run', entries: ENTRIES, damaged: 0 }, 'in their order');
});

t.test('parseWaiting() takes every whole line of a file that was cut off anywhere (property)', async () => {
  const ends = [...TEXT.matchAll(/\n/g)].map(({ index }) => index + 1);
  fc.assert(
    fc.property(fc.nat(TEXT.length), (length) => {
      const whole = ends.filter((end) => end <= length).length;
      const expected =
        whole === 0
          ? { kind: 'nothing' }
          : { kind: 'commits', run: 'run', entries: ENTRIES.slice(0, whole - 1), damaged: 0 };
      assert.deepEqual(parseWaiting(TEXT.slice(0, length)), expected);
    }),
    { numRuns: 300 },
  );
});

t.test('parseWaiting() counts a line that was changed in any octet, and takes the others (property)', async () => {
  const lines = TEXT.split('\n');
  const second = lines[2] ?? '';
  fc.assert(
    fc.property(fc.nat(second.length - 1), fc.constantFrom('x', '0', ' ', '\0'), (at, octet) => {
      if (second[at] === octet) return;
      const changed = second.slice(0, at) + octet + second.slice(at + 1);
      const text = [...lines.slice(0, 2), changed, ...lines.slice(3)].join('\n');
      assert.deepEqual(parseWaiting(text), {
        kind: 'commits',
        run: 'run',
        entries: [ENTRIES[0], ENTRIES[2]],
        damaged: 1,
      });
    }),
    { numRuns: 300 },
  );
});

t.test('parseWaiting() takes nothing behind a first line that it does not know', async (t) => {
  const damaged = `00000000 {}\n${TEXT.slice(TEXT.indexOf('\n') + 1)}`;
  t.same(parseWaiting(damaged), { kind: 'unknown', reason: 'its first line is damaged' });
  const newer = '3f23aa41 {"format":2,"run":"r"}\n';
  t.same(parseWaiting(newer), { kind: 'unknown', reason: 'it has format 2, this failoverd knows 1' });
  t.same(parseWaiting(''), { kind: 'nothing' });
});

t.test('waitingPlace() finds the files of one database by their numbers', async (t) => {
  const folder = t.testdir({ 'failoverd.db': '', 'link.db': t.fixture('symlink', 'failoverd.db') });
  const place = waitingPlace(path.join(folder, 'link.db'));
  const names = [
    'failoverd.db',
    'failoverd.db.waiting-10',
    'failoverd.db.waiting-9',
    'failoverd.db.waiting-9.unreadable-1',
    'other.db.waiting-1',
    'failoverd.db.waiting-x',
    'failoverd.db.waiting-01',
  ];
  t.same(place.numbers(names), [9, 10]);
  t.equal(place.path(11), path.join(place.folder, 'failoverd.db.waiting-11'), 'beside the file itself');
});
