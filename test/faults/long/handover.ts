/**
 * Successors that are killed in the middle of the hand-over. Proves that the old one decides again each time, and that no row is
 * lost over it, nor a query but for those that lie unread in a successor's sockets when it is killed.
 */
import { killSuccessors } from '../handover.ts';
import { quantile, type Scenario } from './scenario.ts';

const ROUNDS = 40;

export const handover: Scenario = {
  name: 'handover',
  proves: 'a successor killed at a random moment of the hand-over: the old one decides again, no row is lost',
  async run(scale) {
    const { killed, succeeded, asked, lost, failed, unexplained, twice, againMs } = await killSuccessors(
      Math.max(3, Math.round(ROUNDS * scale)),
    );
    const [median, worst] = [quantile(againMs, 0.5), Math.max(...againMs)].map((ms) => `${Math.round(ms)} ms`);
    return [
      {
        kept: failed + unexplained.length + twice === 0 && lost < asked / 1_000,
        seen: `${killed} successors killed in the middle of the hand-over, ${succeeded} more faster than that: ${asked} queries, ${lost} lost, ${failed} failed; it is decided again after ${median} (worst ${worst}); ${unexplained.length} answers without a row, ${twice} rows twice`,
      },
    ];
  },
};
