/**
 * Half an hour at 2,000 queries a second with a transition every 10 s. Proves that nothing piles up: memory, descriptors, timers
 * and handles stay where they were, no query is lost, and every transition that was seen on the wire is in the table.
 */
import { setStage, type Target, unexplained, watchWire } from '../stage.ts';
import { type Holdings, holdingsOf, RESOURCES } from './process-watch.ts';
import { type Scenario, slope } from './scenario.ts';

const MINUTES = 30;
const FLIP_EVERY_MS = 10_000;
const QUERIES_PER_SECOND = 2_000;
/** What a process that has just started still takes. */
const WARM_UP_MINUTES = 5;
/** Less than this in an hour is the noise of a garbage collector over half an hour. */
const FLAT_MIB_AN_HOUR = 30;

export const soak: Scenario = {
  name: 'soak',
  proves: '30 minutes, 2,000 q/s, a transition every 10 s: memory, descriptors, timers flat; no query lost',
  async run(scale, say) {
    const minutes = Math.max(2, Math.round(MINUTES * scale));
    const stage = await setStage({ env: RESOURCES });
    const witness = watchWire(stage.dnsPort, 20);
    let target: Target = 'primary';
    let flips = 0;
    const flipping = setInterval(() => {
      target = target === 'primary' ? 'backup' : 'primary';
      flips += 1;
      void stage.switchTo(target);
    }, FLIP_EVERY_MS);
    const samples: Holdings[] = [];
    let lost = 0;
    let sent = 0;
    try {
      for (let minute = 0; minute < minutes; minute++) {
        const result = await stage.load(QUERIES_PER_SECOND, 60);
        lost += result.lost;
        sent += result.sent;
        const held = await holdingsOf(stage.served());
        samples.push(held);
        say(`${minute + 1} ${JSON.stringify({ ...held, lost: result.lost, p99Us: result.latencyUs.p99 })}`);
      }
    } finally {
      clearInterval(flipping);
      await witness.stop();
    }
    const missing = unexplained(witness.seen, stage.rows()).length;
    const crashes = stage.served().lines.filter((line) => /"level":"(error|fatal)"/.test(line)).length;
    await stage.close();
    return [judge(samples, { lost, sent, flips, missing, crashes })];
  },
};

interface Counts {
  readonly lost: number;
  readonly sent: number;
  readonly flips: number;
  readonly missing: number;
  readonly crashes: number;
}

function judge(samples: readonly Holdings[], { lost, sent, flips, missing, crashes }: Counts) {
  const warm = samples.slice(Math.min(WARM_UP_MINUTES, samples.length - 2));
  const [first, last] = [warm[0], warm.at(-1)];
  if (!first || !last) throw new Error('there are no samples');
  const mibAnHour = slope(warm.map(({ rssMib }, minute) => [minute / 60, rssMib]));
  const grows = (of: (held: Holdings) => number): boolean => of(last) > of(first) + 5;
  const kept =
    lost + missing + crashes === 0 &&
    mibAnHour < FLAT_MIB_AN_HOUR &&
    ![grows(({ descriptors }) => descriptors), grows(({ timers }) => timers), grows(({ handles }) => handles)].some(
      Boolean,
    );
  const range = (of: (held: Holdings) => number): string =>
    `${Math.min(...warm.map(of))} to ${Math.max(...warm.map(of))}`;
  const seen = `${sent} queries, ${lost} lost; ${flips} transitions, ${missing} of those seen not in the table; RSS ${first.rssMib.toFixed(0)} MiB, then ${last.rssMib.toFixed(0)} MiB, ${mibAnHour.toFixed(1)} MiB an hour; descriptors ${range(({ descriptors }) => descriptors)}; timers ${range(({ timers }) => timers)}; other handles ${range(({ handles }) => handles)}; ${crashes} errors in the log`;
  return { kept, seen };
}
