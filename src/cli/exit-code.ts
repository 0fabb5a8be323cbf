/** What the exit code of a command says. */
export const ExitCode = {
  ok: 0,
  failure: 1,
  /** The command line could not be understood. */
  usage: 2,
  /** The config has errors. */
  config: 3,
  /** No failoverd answers on the admin address. */
  unreachable: 4,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
