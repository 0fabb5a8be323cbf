/** The words of a transition: one line for people. */
import type { Change, RecordState } from '../core/decision.ts';
import { failbackHoldMs } from '../core/failback.ts';
import type { Outcome } from '../core/outcome.ts';
import type { RecordSpec, TargetSpec } from '../core/record.ts';
import type { EndpointState, Monitor } from './monitor.ts';

type Endpoints = Pick<Monitor, 'get'>;

/** What an operator ordered, and why. */
export interface Order {
  readonly actor: string;
  readonly reason: string;
}

/** `primary 192.0.2.10: refused ×3` */
export function describeChange(
  change: Change,
  before: RecordState | null,
  record: RecordSpec,
  endpoints: Endpoints,
  { order, drillEnded }: { readonly order: Order | null; readonly drillEnded: string | null },
): string {
  if (order) return order.reason;
  switch (change.cause) {
    case 'start':
      return change.rule.includes('no probe passed')
        ? `no target answered its first probe: ${change.target} by default`
        : `${change.target} answered its first probe`;
    case 'failover':
      return describeNamed(before?.activeTarget ?? change.target, record, endpoints);
    case 'failback':
      return `${change.target} up for ${heldSeconds(record, before)} s without a fail`;
    case 'recovered':
      return `${change.target} up again`;
    case 'all_down': {
      const fails = record.targets.map((target) => describeTarget(target, endpoints)).join('; ');
      return `${fails}: answering by all_down ${record.allDown}`;
    }
    case 'release':
      return drillEnded ?? 'the override has expired';
    case 'override':
    case 'config':
      return change.rule;
  }
}

function heldSeconds(record: RecordSpec, before: RecordState | null): number {
  return Math.round(failbackHoldMs(record.failback, before?.failbackPenalty ?? 0) / 1000);
}

function describeNamed(name: string, record: RecordSpec, endpoints: Endpoints): string {
  const target = record.targets.find((candidate) => candidate.name === name);
  return target ? describeTarget(target, endpoints) : name;
}

/** `primary 192.0.2.10: refused ×3; 192.0.2.11: timeout (connect) ×3` */
export function describeTarget(target: TargetSpec, endpoints: Endpoints): string {
  const parts = target.endpoints.flatMap((endpoint) => {
    const state = endpoints.get(endpoint.id);
    const fails = state ? describeFails(state) : '';
    return fails ? [`${endpoint.address}: ${fails}`] : [];
  });
  return parts.length > 0 ? `${target.name} ${parts.join('; ')}` : target.name;
}

/** `refused ×3`, `status 503 ×2, timeout (headers) ×1`: the failing streak of an endpoint; '' when its last probe passed. */
function describeFails({ firstFail, recent }: EndpointState): string {
  if (!firstFail) return '';
  const counts = new Map<string, number>();
  for (const { outcome } of recent.slice(Math.max(recent.indexOf(firstFail), 0))) {
    const words = failWords(outcome);
    if (words) counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return [...counts].map(([words, count]) => `${words} ×${count}`).join(', ');
}

function failWords(outcome: Outcome): string {
  if (outcome.outcome !== 'fail') return '';
  switch (outcome.reason) {
    case 'status':
    case 'tls':
    case 'body':
    case 'protocol':
      return `${outcome.reason} ${outcome.detail}`;
    case 'timeout':
      return `timeout (${outcome.phase})`;
    default:
      return outcome.reason;
  }
}
