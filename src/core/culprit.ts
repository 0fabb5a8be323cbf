import type { EndpointSpec } from './check.ts';
import type { Change, RecordState } from './decision.ts';
import type { RecordSpec } from './record.ts';

/**
 * The endpoints whose failure may have led to a transition: those that were answered and are left. Empty when it was no failure.
 * One that was answered no more had failed at another time, and was a transition of its own.
 */
export function leftEndpoints(change: Change, before: RecordState | null, record: RecordSpec): readonly EndpointSpec[] {
  if (before === null || before.allDown || (change.cause !== 'failover' && change.cause !== 'all_down')) return [];
  const left = record.targets.find(({ name }) => name === before.activeTarget);
  const stays = (address: string): boolean =>
    !change.allDown && change.target === before.activeTarget && change.addresses.includes(address);
  return left?.endpoints.filter(({ address }) => before.addresses.includes(address) && !stays(address)) ?? [];
}
