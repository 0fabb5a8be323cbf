/** Successors that are killed in the middle of the hand-over, and a client that asks all the time. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { askAllTheTime } from '../helpers/queries.ts';
import { LAUNCHER } from '../helpers/serve.ts';
import { type Sighting, type Stage, setStage, unexplained, watchWire } from './stage.ts';

export interface HandoverResult {
  /** Successors that were killed before they had the place: the old one decides again. */
  readonly killed: number;
  /** Those that were faster than their end. */
  readonly succeeded: number;
  readonly asked: number;
  readonly lost: number;
  /** Answered with another code than NOERROR. */
  readonly failed: number;
  readonly unexplained: readonly Sighting[];
  readonly twice: number;
  /** From each kill to the moment from which the old one decides again. */
  readonly againMs: readonly number[];
}

/** Kills so many successors, each at a random moment between the old one's last decision and the successor's first. */
export async function killSuccessors(rounds: number): Promise<HandoverResult> {
  const stage = await setStage({ workers: 2 });
  const witness = watchWire(stage.dnsPort, 5);
  const counts = { asked: 0, lost: 0, failed: 0, succeeded: 0 };
  const againMs: number[] = [];
  try {
    let windowMs = (await handOver(stage, null)).tookMs;
    await stage.restart();
    while (againMs.length < rounds) {
      const queries = askAllTheTime(stage.dnsPort, { everyMs: 2, limit: 100_000 });
      const { outcome, tookMs, sinceKillMs } = await handOver(stage, Math.random() * windowMs);
      await queries.more(50);
      if (outcome === 'again') {
        againMs.push(sinceKillMs);
        const target = againMs.length % 2 === 0 ? 'primary' : 'backup';
        await stage.switchTo(target);
        await witness.sees(target);
      }
      const { asked, lost, failed } = await queries.stop();
      counts.asked += asked;
      if (outcome === 'again') {
        counts.lost += lost;
        counts.failed += failed;
      } else {
        counts.succeeded += 1;
        windowMs = Math.min(windowMs, tookMs);
        await stage.restart();
      }
    }
    await stage.served().stop('SIGTERM');
    const rows = stage.rows();
    const twice = rows.length - new Set(rows.map(({ at, toTarget, serial }) => `${at} ${toTarget} ${serial}`)).size;
    return { killed: againMs.length, ...counts, unexplained: unexplained(witness.seen, rows), twice, againMs };
  } finally {
    await witness.stop();
    await stage.close();
  }
}

interface HandedOver {
  readonly outcome: 'again' | 'succeeded';
  /** From the old one's last decision to its end. */
  readonly tookMs: number;
  readonly sinceKillMs: number;
}

/** @param killAfterMs null: it is not killed before it has the place. What has it is ended. */
async function handOver(stage: Stage, killAfterMs: number | null): Promise<HandedOver> {
  const old = stage.served();
  const from = old.lines.length;
  const { NODE_OPTIONS: _, ...env } = process.env;
  const args = ['serve', '--replace', '--config', stage.configFile];
  const successor = spawn(LAUNCHER, args, { cwd: stage.directory, env, stdio: 'ignore' });
  const gone = once(successor, 'exit');
  await old.line(/a successor takes over/, from);
  const startedMs = performance.now();
  const end = Promise.race([
    old.line(/decided here again/, from).then(() => 'again' as const),
    old.exited.then(() => 'succeeded' as const),
  ]);
  const first = killAfterMs === null ? await end : await Promise.race([sleep(killAfterMs), end]);
  const killedMs = performance.now();
  if (first === undefined) successor.kill('SIGKILL');
  const outcome = await end;
  const endedMs = performance.now();
  if (outcome === 'succeeded') successor.kill('SIGTERM');
  await gone;
  return { outcome, tookMs: endedMs - startedMs, sinceKillMs: endedMs - killedMs };
}
