import { createLog } from '../runtime/log.ts';
import type { Clock } from '../runtime/ports.ts';
import { ListenError } from '../runtime/ports.ts';
import type { ReloadOutcome } from '../runtime/reload.ts';
import { defineCommand } from './command.ts';
import { startDaemon } from './daemon.ts';
import { answerAfter, answerOf, jsonScreen, type Screen, textScreen } from './demo/screen.ts';
import { findPorts, type Ports, type Stage, setStage } from './demo/stage.ts';
import { ExitCode } from './exit-code.ts';
import { complain, type Io } from './io.ts';
import { untilStopped } from './serve.ts';
import type { StartDaemon } from './succession/incumbent.ts';
import { VERSION } from './version.ts';

const SCENE_MS = 20_000;
const NO_RELOADS = { succeeded: 0, failed: 0 };

export const demo = defineCommand({
  arguments: [],
  options: {},
  description: `Shows a failover on this machine: DNS on 127.0.0.1:5353 (or the next free port), two web servers
on 127.0.0.11 and 127.0.0.12, a config and a database in a temporary folder. It needs neither root
nor a config, and nothing leaves the machine. Every 20 seconds it breaks or mends its primary.`,
  examples: ['demo'],
  run: ({ json }, io) => play(io, json ? jsonScreen(io.stdout) : textScreen(io.stdout, SCENE_MS), startDaemon),
});

export async function play(io: Io, screen: Screen, start: StartDaemon): Promise<ExitCode> {
  const stopSignal = untilStopped(io);
  const ports = await findPorts();
  if (typeof ports === 'string') return complain(io, ports, ExitCode.failure);
  const stage = await setStageOrComplain(ports, screen, io, start);
  if (!stage) return ExitCode.failure;
  const end = breakAndMend(stage, screen, io.clock);
  await stopSignal;
  end();
  await stage.clear();
  return ExitCode.ok;
}

async function noReload(): Promise<ReloadOutcome> {
  return { ok: false, message: 'the demo has no config to read again', problems: [] };
}

/** @returns null after one line about what could not be had */
async function setStageOrComplain(ports: Ports, screen: Screen, io: Io, start: StartDaemon): Promise<Stage | null> {
  const log = createLog({ level: 'error', format: 'pretty', hasColour: io.stderr.hasColour }, io.stderr);
  try {
    const stage = await setStage(ports, (config) =>
      start(config, { log, clock: io.clock, version: VERSION, reloads: () => NO_RELOADS, reload: noReload }),
    );
    screen.intro(stage);
    await showAnswers(stage, screen);
    return stage;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!(error instanceof ListenError) && code === undefined) throw error;
    complain(io, message, ExitCode.failure);
    return null;
  }
}

/** What is answered already, and what follows. */
async function showAnswers({ daemon }: Stage, screen: Screen): Promise<void> {
  let isShown = false;
  daemon.onTransition((transition) => {
    isShown = true;
    screen.answers(answerAfter(transition));
  });
  const { records } = await daemon.status();
  if (!isShown) for (const record of records) screen.answers(answerOf(record));
}

/** Every 20 s, breaks the primary or mends it; the returned function ends that. */
function breakAndMend({ primary, httpPort }: Stage, screen: Screen, clock: Clock): () => void {
  const at = `${primary.address}:${httpPort}`;
  let cancel = clock.setTimer(SCENE_MS, next);

  function next(): void {
    cancel = clock.setTimer(SCENE_MS, next);
    screen.act(
      clock.epochMs(),
      primary.isBroken ? `mends the primary: ${at} listens again` : `breaks the primary: ${at} is closed`,
    );
    const done = primary.isBroken ? primary.mend() : primary.break();
    done.catch((error: Error) => screen.act(clock.epochMs(), `cannot mend the primary: ${error.message}`));
  }

  return () => cancel();
}
