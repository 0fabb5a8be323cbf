/**
 * The disk is full, on a small tmpfs of the test's own.
 * Proves that commits are queued, the alarm rises within 5 s, and that all is written, once, when there is room again
 *.
 */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { createHistory } from '../../src/history/history.ts';
import { readHistory } from '../../src/history/queries.ts';
import { clock, commitAll, commitEntry, memoryLog, PROBE, until } from '../history/helpers.ts';
import { mountFolder } from './mount.ts';

t.test('disk full: nothing is lost, and it goes on when there is room', async (t) => {
  const mounted = mountFolder(t, '1m');
  if (mounted === null) return;
  const { dir } = mounted;
  const file = path.join(dir, 'failoverd.db');
  const history = createHistory({ path: file, clock, log: memoryLog() });
  await history.restore();
  await commitAll(history, 1);
  fill(path.join(dir, 'ballast'));

  const start = performance.now();
  let serial = 2;
  while (history.status().status === 'ok') {
    history.recordProbe(PROBE);
    await history.commit(commitEntry(serial++));
  }
  t.ok(performance.now() - start < 5_000, 'the alarm is up within 5 s');
  t.match(history.status(), { status: 'degraded', reason: /the disk (is full|reports an error)/ });
  t.equal(await history.commit(commitEntry(serial)), 'queued');

  rmSync(path.join(dir, 'ballast'));
  await until(() => history.status().status === 'ok', 'ok again');
  await history.close();
  const read = readHistory(file, (reader) => reader.transitions({ limit: 10_000 }).map((row) => row.serial));
  t.same(read, { ok: true, value: Array.from({ length: serial }, (_, index) => serial - index) });
});

/** Takes all the room that is left. */
function fill(file: string): void {
  for (const size of [65_536, 4_096]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
    } catch (error) {
      if (!String(error).includes('ENOSPC')) throw error;
    }
  }
}
