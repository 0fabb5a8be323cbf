/** What a command declares about itself: its parsing, its help and its shell completion follow from it. */
import type { ExitCode } from './exit-code.ts';
import type { Io } from './io.ts';

export interface Option {
  /** How its value is called in the help: `<duration>`; null for a switch. */
  readonly value: string | null;
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;

export interface Argument {
  readonly name: string;
  readonly isRequired: boolean;
}

/** The options that every command has. */
export const COMMON_OPTIONS = {
  config: { value: 'file', help: 'the config (default: failoverd.yaml)' },
  json: { value: null, help: 'print JSON instead of text' },
  help: { value: null, help: 'print this help' },
} as const satisfies Options;

export type Values<O extends Options> = { readonly [Name in keyof O]: ValueOf<O[Name]['value']> };

type ValueOf<Value> = Value extends string ? string | undefined : boolean;

/** A command line that was understood. */
export interface Invocation<O extends Options = Options> {
  readonly configPath: string;
  readonly json: boolean;
  readonly options: Values<O>;
  /** As many as the command declares, at most; the required ones are there. */
  readonly positionals: readonly string[];
}

/** The code `usage` is returned by a command, too, for a value that it cannot use, after a line that says which. */
export interface Command<O extends Options = Options> {
  readonly arguments: readonly Argument[];
  readonly options: O;
  /** What it does, beyond its summary; lines of at most 100 characters. */
  readonly description: string;
  /** Command lines without the leading `failoverd`. */
  readonly examples: readonly string[];
  run(invocation: Invocation<O>, io: Io): Promise<ExitCode>;
}

/** A row of the command table. Its module is loaded when it is called, so that `--help` need not wait for the server's code. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command>;
}

/** Keeps the names of the options for the types of {@link Invocation.options}. */
export function defineCommand<const O extends Options>(command: Command<O>): Command<O> {
  return command;
}
