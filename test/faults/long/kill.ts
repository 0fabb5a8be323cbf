/**
 * kill -9 at random moments of 1,000 transitions: on a healthy disk, on one whose syncs take 60 ms longer, on one where
 * they take 300 ms longer, so that no commit is confirmed in time, and while another process locks the database. Proves that
 * every answer that was ever seen is explained by a row, and measures how soon a killed failoverd answers again.
 */
import { type KillResult, killAtRandom, killWhileLocked } from '../kill-on-the-wire.ts';
import { diskFault } from './disk-fault.ts';
import { type Outcome, quantile, type Scenario } from './scenario.ts';

const TRANSITIONS = 1_000;
const SLOW_TRANSITIONS = 200;

export const kill: Scenario = {
  name: 'kill',
  proves: 'kill -9 at random moments of 1,000 transitions: every answer seen on the wire is explained by a row',
  async run(scale, say) {
    const count = (full: number): number => Math.max(10, Math.round(full * scale));
    const outcomes = [judge('healthy disk', await killAtRandom(count(TRANSITIONS)))];
    say(outcomes[0]?.seen ?? '');
    for (const ms of [60, 300]) {
      const disk = diskFault();
      disk.slow(ms);
      const outcome = judge(`syncs ${ms} ms slower`, await killAtRandom(count(SLOW_TRANSITIONS), disk.env));
      disk.clear();
      say(outcome.seen);
      outcomes.push(outcome);
    }
    return [...outcomes, judge('killed while locked', await killWhileLocked(count(SLOW_TRANSITIONS)))];
  },
};

function judge(
  what: string,
  { transitions, kills, answers, sightings, unexplained, twice, leftBehind, restartMs }: KillResult,
): Outcome {
  const [median, worst] = [quantile(restartMs, 0.5), Math.max(...restartMs)].map((ms) => `${Math.round(ms)} ms`);
  return {
    kept: unexplained.length + twice + leftBehind.length === 0,
    seen: `${what}: ${transitions} transitions, ${kills} kills, ${answers} answers of which ${sightings} different: ${unexplained.length} without a row, ${twice} rows twice, ${leftBehind.length} waiting files left; first answer after a kill: median ${median}, worst ${worst}`,
  };
}
