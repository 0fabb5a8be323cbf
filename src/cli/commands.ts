import type { CommandEntry } from './command.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'demo',
    summary: 'see a failover on this machine, without root or a config',
    load: async () => (await import('./demo.ts')).demo,
  },
  {
    name: 'serve',
    summary: 'run the server',
    load: async () => (await import('./serve.ts')).serve,
  },
  {
    name: 'check',
    summary: 'report every problem of a config, as a compiler does',
    load: async () => (await import('./check.ts')).check,
  },
  {
    name: 'status',
    summary: 'what is answered now, since when and why',
    load: async () => (await import('./status.ts')).status,
  },
  {
    name: 'history',
    summary: 'the transitions and what led to them',
    load: async () => (await import('./history.ts')).history,
  },
  {
    name: 'probe',
    summary: 'probe the targets of a record once; changes nothing',
    load: async () => (await import('./probe.ts')).probe,
  },
  {
    name: 'healthcheck',
    summary: 'whether the running server does its work, for containers',
    load: async () => (await import('./healthcheck.ts')).healthcheck,
  },
];
