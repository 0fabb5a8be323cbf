/** What the log and the alarms say of what happens. */
import { shown } from '../../core/name.ts';
import type { ProbeReport } from '../../core/outcome.ts';
import type { Transition } from '../../core/transition.ts';
import type { Alarms } from '../../runtime/alarms.ts';
import type { Events } from '../../runtime/events.ts';
import type { History, Log } from '../../runtime/ports.ts';

export function watchHistory(history: History, alarms: Alarms, events: Events): void {
  const degraded = { name: 'history_degraded', subject: 'database' };
  const damaged = { name: 'history_set_aside', subject: 'database' };
  const look = (): void => {
    const status = history.status();
    if (status.status === 'degraded') alarms.raise(degraded, `transitions wait in memory: ${status.reason}`);
    else alarms.resolve(degraded);
    if (status.setAside) alarms.raise(damaged, `${status.setAside.reason}; kept as ${status.setAside.path}`);
  };
  history.onStatus((status) => {
    events.emit('history', status);
    look();
  });
  look();
}

export function logProbe(log: Log, { endpointId: endpoint, trigger, outcome, elapsedMs }: ProbeReport): void {
  const why = outcome.outcome === 'pass' ? '' : `: ${outcome.reason} ${outcome.detail}`;
  log.debug({ endpoint, trigger, elapsedMs: Math.round(elapsedMs) }, `probe ${outcome.outcome}${why}`);
}

/** One line that a person can read and a machine can parse. */
export function logTransition(log: Log, { evidence: _, ...transition }: Transition): void {
  const { record, cause, fromTarget, toTarget, toAddresses, reason } = transition;
  const name = shown(record);
  const arrow = fromTarget === null || fromTarget === toTarget ? toTarget : `${fromTarget} -> ${toTarget}`;
  log.info({ transition }, `${name} ${cause}: ${arrow} (${toAddresses.join(' ') || 'no address'}): ${reason}`);
}
