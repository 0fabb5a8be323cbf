/**
 * A successor that is killed in the middle of the hand-over, at a random moment after the old one has stopped deciding. Proves
 * that the old one decides again, that no row is missing or stands there twice, and that no query is lost but for those that lie
 * unread in the successor's sockets at that moment. `npm run faults` does it more often.
 */
import t from 'tap';
import { killSuccessors } from './handover.ts';

t.test('serve --replace: a successor that is killed in the middle of it costs nothing', async (t) => {
  const result = await killSuccessors(2);
  t.comment(result);
  t.match(result, { killed: 2, failed: 0, unexplained: [], twice: 0 });
  t.ok(result.lost <= result.asked / 100, `${result.lost} of ${result.asked} lost`);
});
