import type { Reloaded } from '../../src/cli/daemon/reload.ts';
import type { DaemonDeps } from '../../src/cli/daemon.ts';
import type { Incumbent } from '../../src/cli/succession/incumbent.ts';
import type { Config } from '../../src/config/config.ts';
import type { Transition } from '../../src/core/transition.ts';
import type { ReloadOutcome } from '../../src/runtime/reload.ts';
import { REPORT } from './report.ts';

/** A daemon that only remembers what was asked of it. */
export interface FakeDaemon extends Incumbent {
  readonly reloads: Config[];
  /** What the next reload does. */
  onReload: (config: Config) => Promise<Reloaded>;
  readonly outcomes: ReloadOutcome[];
  isStopped: boolean;
  isAbandoned: boolean;
  /** Settles when it is stopped. */
  letStop: Promise<void>;
  transit(transition: Transition): void;
}

export interface Starts {
  readonly daemons: FakeDaemon[];
  readonly deps: DaemonDeps[];
  readonly start: (config: Config, deps: DaemonDeps) => Promise<Incumbent>;
}

export function fakeStarts(): Starts {
  const daemons: FakeDaemon[] = [];
  const deps: DaemonDeps[] = [];
  return {
    daemons,
    deps,
    async start(config, given) {
      const daemon = fakeDaemon(config);
      daemons.push(daemon);
      deps.push(given);
      return daemon;
    },
  };
}

function fakeDaemon(config: Config): FakeDaemon {
  const listeners: ((transition: Transition) => void)[] = [];
  const daemon: FakeDaemon = {
    addresses: config.listen,
    adminAddress: config.admin.listen,
    onTransition: (listener) => void listeners.push(listener),
    status: async () => REPORT,
    reloads: [],
    outcomes: [],
    reloaded: (outcome) => void daemon.outcomes.push(outcome),
    onReload: async () => ({ changes: 'nothing changed', notes: [] }),
    reload(next) {
      daemon.reloads.push(next);
      return daemon.onReload(next);
    },
    live: async () => ({ ok: true, failing: [] }),
    predecessor: null,
    replaced: new Promise(() => {}),
    get dataPlane(): never {
      throw new Error('a fake daemon has no DNS workers');
    },
    unwritten: () => null,
    retire: async () => {},
    isStopped: false,
    isAbandoned: false,
    letStop: Promise.resolve(),
    async stop() {
      await daemon.letStop;
      daemon.isStopped = true;
    },
    async abandon() {
      daemon.isAbandoned = true;
    },
    transit(transition) {
      for (const listener of listeners) listener(transition);
    },
  };
  return daemon;
}
