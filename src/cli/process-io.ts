import { createInterface } from 'node:readline/promises';
import { systemClock } from '../runtime/clock.ts';
import { ExitCode } from './exit-code.ts';
import type { Io, Output, Prompt } from './io.ts';
import { wantsColour } from './io.ts';
import { openLogDestination } from './log-destination.ts';

export interface ProcessIo extends Io {
  /** Tells those who want to know; settles when they are done. */
  crash(error: unknown): Promise<void>;
}

/** The process as it is. */
export function processIo(): ProcessIo {
  let onCrash = async (_error: unknown): Promise<void> => {};
  return {
    stdout: outputTo(process.stdout),
    stderr: outputTo(process.stderr),
    env: process.env,
    clock: systemClock,
    openPrompt: () => (process.stdin.isTTY && process.stdout.isTTY ? openPrompt() : null),
    openLog: () => openLogDestination(process.stdout.fd),
    onSignal(signal, listener) {
      process.on(signal, listener);
      return () => process.off(signal, listener);
    },
    onCrash(listener) {
      onCrash = listener;
    },
    crash: (error) => onCrash(error),
    die(signal) {
      process.removeAllListeners(signal);
      kill(signal, ExitCode.ok);
    },
    abort: () => kill('SIGKILL', ExitCode.failure),
  };
}

/** Process 1 of a container is hit by no signal of its own: it exits, when its threads let it. */
function kill(signal: NodeJS.Signals, code: ExitCode): void {
  process.kill(process.pid, signal);
  process.exit(code);
}

function openPrompt(): Prompt {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const ended = new Promise<null>((resolve) => terminal.once('close', () => resolve(null)));
  terminal.on('SIGINT', () => terminal.close());
  return {
    ask: (question) => Promise.race([terminal.question(question), ended]),
    close: () => terminal.close(),
  };
}

function outputTo(stream: NodeJS.WriteStream): Output {
  const isTerminal = stream.isTTY === true;
  return { write: (text) => void stream.write(text), isTerminal, hasColour: wantsColour(process.env, isTerminal) };
}
