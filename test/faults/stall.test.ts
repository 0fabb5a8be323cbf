/**
 * The control plane does nothing for 2 s, as in a long pause of the garbage collector or on a machine that swaps. Proves
 * that DNS loses no query meanwhile and that nothing moves. `npm run faults` also stops the whole process and sets its clock.
 */
import t from 'tap';
import { stall } from './long/process.ts';
import { cannotLoad } from './stage.ts';

t.test(
  'a control plane that stalls for 2 s is not seen by clients and moves no record',
  { skip: cannotLoad },
  async (t) => {
    const { kept, seen } = await stall(1);
    t.ok(kept, seen);
  },
);
