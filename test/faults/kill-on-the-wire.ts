/** Transitions one after the other, and kill -9 at random moments of them, with a client that remembers what it saw. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Sighting, type Stage, setStage, type Target, unexplained, type Witness, watchWire } from './stage.ts';

export interface KillResult {
  readonly transitions: number;
  readonly kills: number;
  readonly answers: number;
  /** Different answers that were seen. */
  readonly sightings: number;
  readonly unexplained: readonly Sighting[];
  /** Rows that stand there twice. */
  readonly twice: number;
  /** Waiting files that an end in peace has left. */
  readonly leftBehind: readonly string[];
  /** From each start to its first answer. */
  readonly restartMs: readonly number[];
}

/** Transitions between two kills, at most: the moment is random in the last of them. */
const MOST_BEFORE_A_KILL = 50;

export async function killAtRandom(transitions: number, env: NodeJS.ProcessEnv = {}): Promise<KillResult> {
  return playWith(env, async ({ stage, witness, flip }) => {
    const restartMs: number[] = [];
    for (let done = 0; done < transitions; ) {
      const before = Math.min(transitions - done, 1 + Math.floor(Math.random() * MOST_BEFORE_A_KILL));
      for (let i = 1; i < before; i++) await witness.sees(await flip());
      const last = flip().catch(() => {}); // its order may die with the process
      await sleep(Math.random() * 8);
      restartMs.push(await stage.restart());
      await last;
      done += before;
    }
    return { transitions, restartMs };
  });
}

/**
 * Flips while another process locks the database, so that no commit is confirmed; killed at a random moment of the last of
 * them, started again and made to flip while the lock still lasts.
 */
export async function killWhileLocked(transitions: number): Promise<KillResult> {
  return playWith({}, async ({ stage, witness, flip }) => {
    const restartMs: number[] = [];
    for (let done = 0; done < transitions; ) {
      const unlock = await lock(stage.database);
      const before = Math.min(transitions - done, 1 + Math.floor(Math.random() * 10));
      for (let i = 1; i < before; i++) await witness.sees(await flip());
      const last = flip().catch(() => {}); // its order may die with the process
      await sleep(Math.random() * 150);
      restartMs.push(await stage.restart());
      await last;
      await witness.sees(await flip());
      await unlock();
      done += before + 1;
    }
    return { transitions, restartMs };
  });
}

/** Lets another process lock a database for writing. @returns what ends that */
export async function lock(database: string): Promise<() => Promise<void>> {
  const program = path.join(import.meta.dirname, 'lock-holder.ts');
  const child = spawn(process.execPath, [program, database], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return async () => {
    const gone = once(child, 'exit');
    child.stdin.end();
    await gone;
  };
}

interface Play {
  readonly stage: Stage;
  readonly witness: Witness;
  /** Orders the other target. @returns its name */
  flip(): Promise<Target>;
}

type Played = Pick<KillResult, 'transitions' | 'restartMs'>;

async function playWith(env: NodeJS.ProcessEnv, play: (play: Play) => Promise<Played>): Promise<KillResult> {
  const stage = await setStage({ env });
  const witness = watchWire(stage.dnsPort);
  const flip = async (): Promise<Target> => {
    const { records } = await stage.status();
    const target = records[0]?.activeTarget === 'primary' ? 'backup' : 'primary';
    await stage.switchTo(target);
    return target;
  };
  try {
    const played = await play({ stage, witness, flip });
    await witness.sees(await flip());
    await stage.served().stop('SIGTERM');
    const rows = stage.rows();
    const keys = rows.map(({ at, toTarget, serial }) => `${at} ${toTarget} ${serial}`);
    return {
      ...played,
      kills: played.restartMs.length,
      answers: witness.answers,
      sightings: witness.seen.length,
      unexplained: unexplained(witness.seen, rows),
      twice: keys.length - new Set(keys).size,
      leftBehind: readdirSync(stage.directory).filter((name) => name.includes('.waiting-')),
    };
  } finally {
    await witness.stop();
    await stage.close();
  }
}
