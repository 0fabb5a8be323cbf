/**
 * kill -9 at random moments of 200 transitions, with a client that asks every millisecond which target is answered and
 * since when. Proves that every answer it ever saw is explained by a row of the table, that no row stands there twice, and
 * that each start goes on from the last of them. The same while another process locks the database, so that every answer is
 * given before its commit. `npm run faults` does it 1,000 times, also with slow disks.
 */
import t from 'tap';
import { killAtRandom, killWhileLocked } from './kill-on-the-wire.ts';

t.test('kill -9 at random moments: every answer that was seen is explained by a row', async (t) => {
  const result = await killAtRandom(200);
  t.comment(result);
  t.same(result.unexplained, []);
  t.equal(result.twice, 0);
  t.ok(result.sightings > 190, `${result.sightings} different answers were seen`);
});

t.test('kill -9 while the database is locked: every answer that was seen is explained by a row', async (t) => {
  const result = await killWhileLocked(20);
  t.comment(result);
  t.same(result.unexplained, []);
  t.equal(result.twice, 0);
  t.same(result.leftBehind, []);
  t.ok(result.sightings > 15, `${result.sightings} different answers were seen`);
});
