import type { Sight } from '../core/sight.ts';
import type { Alarms } from './alarms.ts';
import type { Monitor } from './monitor.ts';
import type { OnSight } from './ports.ts';

const ALARM = { name: 'prober_blind', subject: 'prober' };

export interface BlindnessDeps {
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
}

/**
 * While the prober checks its sight or is blind, nothing flips. What it counted meanwhile is worth something only when it
 * turns out to have seen well: otherwise every verdict is again what it was, and must be reached anew.
 */
export function createBlindness({ alarms, monitor, onClear }: BlindnessDeps): Blindness {
  let policy: 'hold' | 'trust' = 'hold';
  let sight: Sight = 'clear';

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
      if (before === 'blind' && policy === 'hold') monitor.rewind();
      onClear();
    },
    holds: () => policy === 'hold' && sight !== 'clear',
  };
}
