import fc from 'fast-check';
import t from 'tap';
import { type Sight, sightOf, type WitnessStanding } from '../../src/core/sight.ts';

const UP: WitnessStanding = { last: 'up', asked: false };
const DOWN: WitnessStanding = { last: 'down', asked: false };
const ASKED: WitnessStanding = { last: 'up', asked: true };
const ASKED_DOWN: WitnessStanding = { last: 'down', asked: true };

const ROWS: readonly [Sight, readonly WitnessStanding[], number, Sight][] = [
  ['clear', [], 2, 'clear'],
  ['clear', [UP, UP, UP], 2, 'clear'],
  ['clear', [DOWN, UP, UP], 2, 'clear'],
  ['clear', [DOWN, DOWN, UP], 2, 'blind'],
  ['clear', [DOWN], 2, 'clear'],
  ['clear', [DOWN], 1, 'blind'],
  ['clear', [ASKED, ASKED, ASKED], 2, 'checking'],
  ['clear', [UP, ASKED, ASKED], 2, 'checking'],
  ['clear', [UP, UP, ASKED], 2, 'clear'],
  ['clear', [DOWN, UP, ASKED], 2, 'checking'],
  ['checking', [DOWN, DOWN, ASKED], 2, 'blind'],
  ['checking', [UP, UP, ASKED_DOWN], 2, 'clear'],
  ['blind', [ASKED_DOWN, ASKED_DOWN, ASKED], 2, 'blind'],
  ['blind', [ASKED_DOWN, UP, ASKED], 2, 'blind'],
  ['blind', [DOWN, UP, UP], 2, 'clear'],
];

for (const [before, standings, blindWhen, after] of ROWS) {
  const said = standings.map(({ last, asked }) => (asked ? '?' : last)).join(' ');
  t.test(`sightOf() from ${before} with [${said}], ${blindWhen} needed, is ${after}`, (t) => {
    t.equal(sightOf(before, standings, blindWhen), after);
    t.end();
  });
}

t.test('sightOf() of witnesses that all have answered is blind exactly when enough of them are down', (t) => {
  const before = fc.constantFrom<Sight>('clear', 'checking', 'blind');
  fc.assert(
    fc.property(before, fc.array(fc.constantFrom(UP, DOWN)), fc.integer({ min: 1, max: 5 }), (was, all, blindWhen) => {
      const down = all.filter((standing) => standing === DOWN).length;
      return sightOf(was, all, blindWhen) === (down >= blindWhen ? 'blind' : 'clear');
    }),
  );
  t.end();
});
