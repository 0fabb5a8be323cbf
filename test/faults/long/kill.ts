/**
 * kill -9 at random moments of 1,000 transitions: on a healthy disk, on one whose syncs take 60 ms longer, on one where
 * they take 300 ms longer, so that no commit is confirmed in time, and with a database that another process locks. Proves
 * that every answer that was ever seen is explained by a row (on a disk that takes longer than 100 ms, by a row or by a line of
 * the log), and measures how soon a killed failoverd answers again.
 */
import { type KillResult, killAfterLocks, killAtRandom } from '../kill-on-the-wire.ts';
import { diskFault } from './disk-fault.ts';
import { type Outcome, quantile, type Scenario } from './scenario.ts';

const TRANSITIONS = 1_000;
const SLOW_TRANSITIONS = 200;

export const kill: Scenario = {
  name: 'kill',
  proves: 'kill -9 at random moments of 1,000 transitions: every answer seen on the wire is explained by a row',
  async run(scale, say) {
    const count = (full: number): number => Math.max(10, Math.round(full * scale));
    const outcomes = [judge('healthy disk', await killAtRandom(count(TRANSITIONS)), 0)];
    say(outcomes[0]?.seen ?? '');
    for (const ms of [60, 300]) {
      const disk = diskFault();
      disk.slow(ms);
      const outcome = judge(`syncs ${ms} ms slower`, await killAtRandom(count(SLOW_TRANSITIONS), disk.env), ms);
      disk.clear();
      say(outcome.seen);
      outcomes.push(outcome);
    }
    outcomes.push(judge('locked for 2 s before each kill', await killAfterLocks(count(20)), 0));
    return outcomes;
  },
};

/** On a slow disk an answer is given before its commit is confirmed, after 100 ms: when that dies, the log tells of it. */
function judge(
  what: string,
  { transitions, kills, answers, sightings, unexplained, unlogged, twice, restartMs }: KillResult,
  syncMs: number,
): Outcome {
  const [median, worst] = [quantile(restartMs, 0.5), Math.max(...restartMs)].map((ms) => `${Math.round(ms)} ms`);
  const seen = `${what}: ${transitions} transitions, ${kills} kills, ${answers} answers of which ${sightings} different: ${unexplained.length} without a row (${unlogged.length} without a line in the log), ${twice} rows twice; first answer after a kill: median ${median}, worst ${worst}`;
  const explained = syncMs === 0 ? unexplained : unlogged;
  return { kept: explained.length + twice === 0, seen };
}
