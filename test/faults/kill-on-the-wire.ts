/** Transitions one after the other, and kill -9 at random moments of them, with a client that remembers what it saw. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Sighting, type Stage, setStage, type Target, unexplained, watchWire } from './stage.ts';

export interface KillResult {
  readonly transitions: number;
  readonly kills: number;
  readonly answers: number;
  /** Different answers that were seen. */
  readonly sightings: number;
  readonly unexplained: readonly Sighting[];
  /** Rows that stand there twice. */
  readonly twice: number;
  /** From each start to its first answer. */
  readonly restartMs: readonly number[];
}

/** Transitions between two kills, at most: the moment is random in the last of them. */
const MOST_BEFORE_A_KILL = 50;

export async function killAtRandom(transitions: number, env: NodeJS.ProcessEnv = {}): Promise<KillResult> {
  const stage = await setStage({ env });
  const witness = watchWire(stage.dnsPort);
  const restartMs: number[] = [];
  let target: Target = 'primary';
  const flip = (): Promise<void> => {
    target = target === 'primary' ? 'backup' : 'primary';
    return stage.switchTo(target);
  };
  try {
    for (let done = 0; done < transitions; ) {
      const before = Math.min(transitions - done, 1 + Math.floor(Math.random() * MOST_BEFORE_A_KILL));
      for (let i = 1; i < before; i++) {
        await flip();
        await witness.next();
      }
      const last = flip().catch(() => {}); // its order may die with the process
      await sleep(Math.random() * 8);
      restartMs.push(await stage.restart());
      await last;
      target = await targetAnswered(stage);
      done += before;
    }
    await witness.next();
    const rows = stage.rows();
    const keys = rows.map(({ at, toTarget, serial }) => `${at} ${toTarget} ${serial}`);
    return {
      transitions,
      kills: restartMs.length,
      answers: witness.answers,
      sightings: witness.seen.length,
      unexplained: unexplained(witness.seen, rows),
      twice: keys.length - new Set(keys).size,
      restartMs,
    };
  } finally {
    await witness.stop();
    await stage.close();
  }
}

async function targetAnswered(stage: Stage): Promise<Target> {
  const { records } = await stage.status();
  return records[0]?.activeTarget === 'backup' ? 'backup' : 'primary';
}
