/** `serve --watch`: a config that changes is read again, once it is whole. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { watchFile } from '../../src/cli/watch.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';

t.test('watchFile() tells a change once, when two looks see the same, and no absence', async (t) => {
  const file = join(t.testdir({ config: 'one' }), 'config');
  const clock = createFakeClock();
  let changes = 0;
  const stop = watchFile(file, clock, () => {
    changes += 1;
  });
  /** The look under way is over as soon as the next one is due. */
  const looked = async (): Promise<void> => {
    while (clock.pendingTimers() === 0) await setImmediate();
  };
  const look = async (times: number): Promise<number> => {
    await looked();
    for (let i = 0; i < times; i++) {
      clock.advance(1_000);
      await looked();
    }
    return changes;
  };
  t.equal(await look(3), 0, 'nothing has changed');
  writeFileSync(file, 'one and two');
  t.equal(await look(1), 0, 'it may not be whole yet');
  t.equal(await look(1), 1);
  t.equal(await look(2), 1, 'told once');
  rmSync(file);
  t.equal(await look(3), 1, 'an editor may have taken it away for a moment');
  writeFileSync(`${file}.new`, 'three');
  renameSync(`${file}.new`, file);
  t.equal(await look(2), 2, 'replaced, as editors do it');
  stop();
  writeFileSync(file, 'four and more');
  t.equal(clock.pendingTimers(), 0, 'nobody looks any more');
});
