import t from 'tap';
import { failbackHoldMs, penaltyAfter } from '../../src/core/failback.ts';

const MINUTE = 60_000;

t.test('failbackHoldMs() doubles failback.after for each point of the penalty, up to 1 h', async (t) => {
  const hold = (afterMs: number, penalty: number) => failbackHoldMs({ mode: 'auto', afterMs }, penalty);
  t.equal(hold(MINUTE, 0), MINUTE);
  t.equal(hold(MINUTE, 1), 2 * MINUTE);
  t.equal(hold(MINUTE, 5), 32 * MINUTE);
  t.equal(hold(MINUTE, 6), 60 * MINUTE);
  t.equal(hold(1000, 12), 60 * MINUTE, 'the highest penalty reaches 1 h from one second');
  t.equal(hold(120 * MINUTE, 3), 120 * MINUTE, 'never less than failback.after itself');
  t.equal(hold(0, 5), 0);
});

t.test('penaltyAfter() grows when a failback lasted less than 10 minutes, and decays otherwise', async (t) => {
  t.equal(penaltyAfter(0, 0), 1);
  t.equal(penaltyAfter(1, 10 * MINUTE - 1), 2);
  t.equal(penaltyAfter(12, MINUTE), 12, 'up to a bound');
  t.equal(penaltyAfter(3, 10 * MINUTE), 2, 'one for each 10 minutes that it lasted');
  t.equal(penaltyAfter(3, 29 * MINUTE), 1);
  t.equal(penaltyAfter(3, 24 * 60 * MINUTE), 0, 'never below 0');
});
