import t from 'tap';
import { isFlapping, remember } from '../../src/core/flapping.ts';

const RISE = 3;

/** `P` for a pass, `F` for a fail, the oldest first; before them there were passes only. */
function recent(outcomes: string): number {
  return [...outcomes].reduce((bits, letter) => remember(bits, letter === 'F' ? 'fail' : 'pass'), 0);
}

t.test('remember() keeps the last 32 outcomes', async (t) => {
  t.equal(recent('PFPF'), 0b0101);
  t.equal(recent(`F${'P'.repeat(31)}`), 2 ** 31);
  t.equal(recent(`F${'P'.repeat(32)}`), 0);
  t.equal(recent('F'.repeat(40)), 2 ** 32 - 1, 'as an unsigned number');
});

t.test('isFlapping() counts setbacks: a fail after a pass, double after a recovery that came to nothing', async (t) => {
  const cases: [outcomes: string, flapping: boolean, why: string][] = [
    ['', false, 'nothing but passes'],
    ['FFF', false, 'it died'],
    ['FFFPPPPPPFFF', false, 'it died twice'],
    ['FPPPPFPPPPP', false, 'it lost two single probes'],
    ['FPPPFPPPF', true, 'three single probes in 32'],
    ['FPPPFPPPFPPP', true, 'and passed since'],
    ['FPF', true, 'one setback, and one after a single pass'],
    ['FFFPPFFF', true, 'a recovery of two passes where three are asked for'],
    ['FFFPPPFFF', false, 'a recovery of three'],
    [`FPF${'P'.repeat(28)}`, true, 'three setbacks that are still remembered'],
    [`FPF${'P'.repeat(29)}`, true, 'the oldest fail is the last that is remembered'],
    [`FPF${'P'.repeat(30)}`, false, 'the first one is forgotten'],
    [`FPFPF${'F'.repeat(14)}`, true, '15 fails in a row after that'],
    [`FPFPF${'F'.repeat(15)}`, false, '16 fails in a row are trusted'],
    ['F'.repeat(40), false, 'dead for long'],
    ['FP'.repeat(20), true, 'by turns'],
  ];
  for (const [outcomes, flapping, why] of cases) t.equal(isFlapping(recent(outcomes), RISE), flapping, why);
});

t.test('isFlapping() with rise 1 takes every recovery for one', async (t) => {
  t.equal(isFlapping(recent('FPF'), 1), false);
  t.equal(isFlapping(recent('FPFPF'), 1), true);
});
