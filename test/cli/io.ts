/** A process around a command that only remembers. */
import type { ExitCode } from '../../src/cli/exit-code.ts';
import type { Io, Signal } from '../../src/cli/io.ts';
import { run } from '../../src/cli/run.ts';
import { systemClock } from '../../src/runtime/clock.ts';

export interface Run {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

export interface FakeIo extends Io {
  readonly written: { stdout: string; stderr: string };
  /** The signals that would have ended the process. */
  readonly deaths: Signal[];
  crash(error: unknown): Promise<void>;
  /** How often the process would have been killed. */
  aborts: number;
  signal(signal: Signal): void;
}

export function fakeIo(env: Record<string, string> = {}, hasColour = false): FakeIo {
  const written = { stdout: '', stderr: '' };
  const deaths: Signal[] = [];
  let onCrash = async (_error: unknown): Promise<void> => {};
  const listeners = new Map<Signal, Set<() => void>>();
  const output = (name: 'stdout' | 'stderr') => ({
    isTerminal: false,
    hasColour,
    write(text: string) {
      written[name] += text;
    },
  });
  const io: FakeIo = {
    stdout: output('stdout'),
    stderr: output('stderr'),
    env,
    clock: systemClock,
    openPrompt: () => null,
    openLog: () => ({
      write: output('stdout').write,
      onLoss() {},
      close: async () => {},
    }),
    written,
    deaths,
    die: (signal) => void deaths.push(signal),
    onCrash(listener) {
      onCrash = listener;
    },
    crash: (error) => onCrash(error),
    aborts: 0,
    abort: () => void io.aborts++,
    onSignal(signal, listener) {
      const set = listeners.get(signal) ?? new Set();
      listeners.set(signal, set.add(listener));
      return () => set.delete(listener);
    },
    signal(signal) {
      for (const listener of listeners.get(signal) ?? []) listener();
    },
  };
  return io;
}

/** Runs a command line in this process. */
export async function cli(...args: string[]): Promise<Run> {
  const io = fakeIo();
  const code = await run(args, io);
  return { code, ...io.written };
}
