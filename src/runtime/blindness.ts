import type { ProbeReport } from '../core/outcome.ts';
import type { Sight } from '../core/sight.ts';
import type { Alarms } from './alarms.ts';
import type { Monitor } from './monitor.ts';
import type { Clock, OnSight } from './ports.ts';

const ALARM = { name: 'prober_blind', subject: 'prober' };

export interface BlindnessDeps {
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly alarms: Pick<Alarms, 'raise' | 'resolve'>;
  readonly monitor: Pick<Monitor, 'mark' | 'rewind'>;
  /** Called when the sight is clear again, and every verdict is what it is worth. */
  readonly onClear: () => void;
}

/** What the prober's sight means for the decisions. */
export interface Blindness {
  /** What the config wants of a blind prober: hold every answer, or trust the probes all the same. */
  configure(onBlind: 'hold' | 'trust'): void;
  readonly onSight: OnSight;
  /** Whether no decision may follow from probes now. */
  holds(): boolean;
  /** Whether a probe failed that had begun while the prober was blind, although it sees again. */
  provesNothing(report: ProbeReport): boolean;
}

/**
 * While the prober checks its sight or is blind, nothing flips. What it counted meanwhile is worth something only when it
 * turns out to have seen well: otherwise every verdict is again what it was, and must be reached anew.
 */
export function createBlindness({ clock, alarms, monitor, onClear }: BlindnessDeps): Blindness {
  let policy: 'hold' | 'trust' = 'hold';
  let sight: Sight = 'clear';
  let seesSinceMs = Number.NEGATIVE_INFINITY;

  return {
    configure(onBlind) {
      policy = onBlind;
    },
    onSight(now, before) {
      sight = now;
      if (before === 'clear') monitor.mark();
      if (now === 'blind') alarms.raise(ALARM, 'the witnesses are down: the prober cannot trust its own network');
      if (now !== 'clear') return;
      alarms.resolve(ALARM);
      if (before === 'blind') seesSinceMs = clock.nowMs();
      if (before === 'blind' && policy === 'hold') monitor.rewind();
      onClear();
    },
    holds: () => policy === 'hold' && sight !== 'clear',
    provesNothing: ({ outcome, startedAtMs }) =>
      policy === 'hold' && sight === 'clear' && outcome.outcome === 'fail' && startedAtMs < seesSinceMs,
  };
}
