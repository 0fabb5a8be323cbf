import { systemClock } from '../runtime/clock.ts';
import type { Io, Output } from './io.ts';
import { wantsColour } from './io.ts';
import { openLogDestination } from './log-destination.ts';

/** The process as it is. */
export function processIo(): Io {
  return {
    stdout: outputTo(process.stdout),
    stderr: outputTo(process.stderr),
    env: process.env,
    clock: systemClock,
    openLog: () => openLogDestination(process.stdout.fd),
    onSignal(signal, listener) {
      process.on(signal, listener);
      return () => process.off(signal, listener);
    },
    abort: () => process.kill(process.pid, 'SIGKILL'),
  };
}

function outputTo(stream: NodeJS.WriteStream): Output {
  const isTerminal = stream.isTTY === true;
  return { write: (text) => void stream.write(text), isTerminal, hasColour: wantsColour(process.env, isTerminal) };
}
