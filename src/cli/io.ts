/** What a command sees of the process around it. Tests put something else in its place. */
import { styleText } from 'node:util';
import type { Environment } from '../config/variables.ts';
import type { Clock } from '../runtime/ports.ts';
import type { ExitCode } from './exit-code.ts';
import type { ProcessLogDestination } from './log-destination.ts';

export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly hasColour: boolean;
}

export interface Prompt {
  /** One line; null when there will be none: the input has ended, or Ctrl-C. */
  ask(question: string): Promise<string | null>;
  close(): void;
}

export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Environment;
  readonly clock: Clock;
  /** Asks the one who sits at the terminal; null where there is nobody: input or output is no terminal. */
  openPrompt(): Prompt | null;
  /** Standard output for what must never wait for its reader. */
  openLog(): ProcessLogDestination;
  /** Calls back for each such signal, instead of its ending the process; the returned function ends that. */
  onSignal(signal: Signal, listener: () => void): () => void;
  /** Calls back for what nobody expected, once; the process ends with exit code 1 when that settles, or soon if it does not. */
  onCrash(listener: (error: unknown) => Promise<void>): void;
  /** Ends the process by what this signal does to one that does not listen: at once, whatever is still under way. */
  die(signal: Signal): void;
  /** The same by SIGKILL. An exit would wait for a terminal that is halted, and for a thread that a disk holds up. */
  abort(): void;
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** The text in a style, where the output shows styles. */
export function paint(output: Output, style: Style, text: string): string {
  return output.hasColour ? styleText(style, text, { validateStream: false }) : text;
}

/** Whether to write colours: FORCE_COLOR before NO_COLOR (no-color.org) before the terminal. */
export function wantsColour(env: Environment, isTerminal: boolean): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: refused, TERM: terminal } = env;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (refused !== undefined && refused !== '') return false;
  return isTerminal && terminal !== 'dumb';
}

/** One line about what went wrong. */
export function complain<Code extends ExitCode>(io: Io, message: string, code: Code): Code {
  io.stderr.write(`${paint(io.stderr, 'red', 'failoverd:')} ${message}\n`);
  return code;
}

export function printJson(io: Io, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
