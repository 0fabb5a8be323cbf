/**
 * kill -9 while the backup is answered, and a start at once, as systemd's Restart= does it. Proves that the first answer
 * after it is the backup's, and measures how long nobody answered: from the kill to that answer. With FAILOVERD=path it
 * measures an installed program in place of this checkout.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { LAUNCHER } from '../../helpers/serve.ts';
import { askOnce, BACKUP, setStage } from '../stage.ts';
import { quantile, type Scenario } from './scenario.ts';

const STARTS = 20;

export const start: Scenario = {
  name: 'start',
  proves: 'kill -9 and a start: the first answer is that of before',
  async run(scale) {
    const stage = await setStage();
    await stage.switchTo('backup');
    await sleep(500);
    const times: number[] = [];
    let wrong = 0;
    for (let n = 0; n < Math.max(3, STARTS * scale); n++) {
      const restarting = stage.restart();
      const first = await firstAnswer(stage.dnsPort);
      if (first !== BACKUP) wrong += 1;
      times.push(await restarting);
    }
    await stage.close();
    const [median, slow, worst] = [0.5, 0.9, 1].map((part) => `${Math.round(quantile(times, part))} ms`);
    const seen = `${times.length} kills of ${LAUNCHER}: ${wrong} first answers that were not the backup's; start to first answer: median ${median}, 90 % within ${slow}, worst ${worst}`;
    return [{ kept: wrong === 0, seen }];
  },
};

/** Of those after the kill: what is asked before it is answered by the process that dies. */
async function firstAnswer(port: number): Promise<string> {
  while ((await askOnce(port, 50)) !== null);
  for (;;) {
    const answer = await askOnce(port, 50);
    if (answer !== null) return answer;
  }
}
