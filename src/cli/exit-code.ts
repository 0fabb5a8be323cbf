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
  /** Of `status --exit-code`: what the report's verdict is, the worst. */
  onBackup: 10,
  allDown: 11,
  proberBlind: 12,
  storageDegraded: 13,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
