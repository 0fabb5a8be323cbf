import type { Monitor } from './monitor.ts';
import type { History } from './ports.ts';

export interface VerdictKeeperDeps {
  readonly monitor: Pick<Monitor, 'get'>;
  readonly history: Pick<History, 'recordHealth'>;
  /** Whether what the prober finds may be its own fault. */
  readonly isInDoubt: () => boolean;
}

/** Keeps every verdict for a restart, but those that a blind prober has reached: a restart would believe them. */
export interface VerdictKeeper {
  changed(endpointId: string): void;
  /** The doubt is over: the verdicts that were reached meanwhile are what the monitor now makes of them. */
  settled(): void;
}

export function createVerdictKeeper({ monitor, history, isInDoubt }: VerdictKeeperDeps): VerdictKeeper {
  const doubtful = new Set<string>();

  const keep = (endpointId: string): void => {
    const state = monitor.get(endpointId);
    if (!state || state.health.status === 'unknown' || state.sinceEpochMs === null) return;
    history.recordHealth(endpointId, { status: state.health.status, sinceEpochMs: state.sinceEpochMs });
  };

  return {
    changed(endpointId) {
      if (isInDoubt()) doubtful.add(endpointId);
      else keep(endpointId);
    },
    settled() {
      for (const endpointId of doubtful) keep(endpointId);
      doubtful.clear();
    },
  };
}
