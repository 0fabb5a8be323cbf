import type { CommandEntry } from './command.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'demo',
    summary: 'see a failover on this machine, without root or a config',
    load: async () => (await import('./demo.ts')).demo,
  },
  {
    name: 'init',
    summary: 'write a first config, and say what the parent zone needs',
    load: async () => (await import('./init.ts')).init,
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
    name: 'alarms',
    summary: 'the alarms that stand',
    load: async () => (await import('./alarms.ts')).alarms,
  },
  {
    name: 'reload',
    summary: 'make the running server read its config again',
    load: async () => (await import('./reload-command.ts')).reload,
  },
  {
    name: 'history',
    summary: 'the transitions and what led to them',
    load: async () => (await import('./history.ts')).history,
  },
  {
    name: 'explain',
    summary: 'why a transition was made, and what came of it',
    load: async () => (await import('./explain.ts')).explain,
  },
  {
    name: 'replay',
    summary: 'what another policy would have made of the recorded probes',
    load: async () => (await import('./replay.ts')).replay,
  },
  {
    name: 'zone',
    summary: 'a zone as it is served now, as a master file',
    load: async () => (await import('./zone.ts')).zone,
  },
  {
    name: 'probe',
    summary: 'probe the targets of a record once; changes nothing',
    load: async () => (await import('./probe.ts')).probe,
  },
  {
    name: 'switch',
    summary: 'answer with a target until further notice, or for a time',
    load: async () => (await import('./orders.ts')).switchTo,
  },
  {
    name: 'release',
    summary: 'end a switch: the prober decides again',
    load: async () => (await import('./orders.ts')).release,
  },
  {
    name: 'failback',
    summary: 'return to a better target that is up, now',
    load: async () => (await import('./orders.ts')).failback,
  },
  {
    name: 'drain',
    summary: 'leave a target, and keep out of it while another is up',
    load: async () => (await import('./orders.ts')).drain,
  },
  {
    name: 'undrain',
    summary: 'let a drained target answer again',
    load: async () => (await import('./orders.ts')).undrain,
  },
  {
    name: 'delegation',
    summary: 'whether the world finds a zone, from the root to the answer',
    load: async () => (await import('./delegation.ts')).delegation,
  },
  {
    name: 'drill',
    summary: 'put the backup to the test for a while, and report',
    load: async () => (await import('./drill.ts')).drill,
  },
  {
    name: 'notify',
    summary: 'send a test to everybody who is told of what happens',
    load: async () => (await import('./notify.ts')).notify,
  },
  {
    name: 'backup',
    summary: 'copy the database into a file, while everything goes on',
    load: async () => (await import('./backup.ts')).backup,
  },
  {
    name: 'healthcheck',
    summary: 'whether the running server does its work, for containers',
    load: async () => (await import('./healthcheck.ts')).healthcheck,
  },
  {
    name: 'completion',
    summary: 'what a shell needs to complete command lines',
    load: async () => (await import('./completion.ts')).completionOf(COMMANDS),
  },
];
