import type { CommandEntry } from './command.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'check',
    summary: 'report every problem of a config, as a compiler does',
    load: async () => (await import('./check.ts')).check,
  },
];
