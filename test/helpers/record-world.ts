/**
 * A record with everything that can happen to it, driven through the pure functions as the runtime drives them: events go
 * in, transitions come out. For property tests.
 */
import type { CheckSpec, EndpointSpec } from '../../src/core/check.ts';
import { type Change, decide, decideStart, type RecordState } from '../../src/core/decision.ts';
import { healthOf, step, UNKNOWN } from '../../src/core/health.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { RecordSpec } from '../../src/core/record.ts';
import { applyDecision, restoreState } from '../../src/core/record-state.ts';
import { type EndpointHealth, foldTargets, type TargetView } from '../../src/core/target-view.ts';
import { name } from './names.ts';

export type Event =
  | {
      readonly kind: 'outcome';
      readonly endpoint: number;
      readonly outcome: Outcome['outcome'];
      readonly afterMs: number;
    }
  | { readonly kind: 'wait'; readonly forMs: number }
  | { readonly kind: 'drain' | 'undrain' | 'override'; readonly target: number }
  | { readonly kind: 'release' | 'failback' | 'blind' | 'sighted' | 'restart' }
  | { readonly kind: 'config'; readonly record: RecordSpec };

export interface Step {
  readonly event: Event;
  readonly before: RecordState;
  /** What followed from the event. */
  readonly change: Change | null;
  readonly after: RecordState;
  /** The targets as the decision saw them. */
  readonly targets: readonly TargetView[];
  readonly blind: boolean;
}

const OUTCOMES: Readonly<Record<Outcome['outcome'], Outcome>> = {
  pass: { outcome: 'pass' },
  fail: { outcome: 'fail', reason: 'refused', phase: 'connect', detail: '' },
  inconclusive: { outcome: 'inconclusive', reason: 'EMFILE', detail: '' },
};

export class RecordWorld {
  record: RecordSpec;
  #state: RecordState;
  #endpoints = new Map<string, EndpointHealth>();
  #nowMs = 0;
  #blind = false;

  constructor(record: RecordSpec) {
    this.record = record;
    this.#state = applyDecision(null, decideStart(this.#fold([])), this.#now());
  }

  /** Lets one event happen, decides, and decides once more to see that the decision stands. */
  play(event: Event): Step & { readonly again: Change | null } {
    const before = this.#happen(event);
    this.#state = before;
    const targets = this.#fold(before.drained);
    const change = this.#decide(targets, event);
    if (change) this.#state = applyDecision(before, change, this.#now());
    const again = this.#decide(targets, { kind: 'wait', forMs: 0 });
    return { event, before, change, after: this.#state, targets, blind: this.#blind, again };
  }

  /** @returns the state as the event leaves it, before anything is decided. */
  #happen(event: Event): RecordState {
    const state = this.#state;
    switch (event.kind) {
      case 'outcome':
        this.#count(event.endpoint, event.outcome, event.afterMs);
        return state;
      case 'wait':
        this.#nowMs += event.forMs;
        return state;
      case 'drain':
        return { ...state, drained: [...new Set([...state.drained, this.#target(event.target)])] };
      case 'undrain':
        return { ...state, drained: state.drained.filter((drained) => drained !== this.#target(event.target)) };
      case 'override': {
        const order = { reason: '', actor: '', setAtEpochMs: 0, expiresAtEpochMs: null, isDrill: false };
        return { ...state, override: { ...order, target: this.#target(event.target) } };
      }
      case 'release':
        return { ...state, override: null };
      case 'blind':
      case 'sighted':
        this.#blind = event.kind === 'blind';
        return state;
      case 'failback':
        return state;
      case 'restart':
        this.#endpoints = new Map([...this.#endpoints].map(([id, { health }]) => [id, known(healthOf(health.status))]));
        return restoreState(JSON.parse(JSON.stringify(state)), this.record.targets, this.#now());
      case 'config':
        this.record = event.record;
        return restoreState(state, this.record.targets, this.#now());
    }
  }

  #count(index: number, outcome: Outcome['outcome'], afterMs: number): void {
    this.#nowMs += afterMs;
    const all = this.record.targets.flatMap(({ endpoints }) => endpoints);
    const endpoint = all[index % all.length];
    if (!endpoint) return;
    const { health: before, stableSinceMs } = this.#endpoints.get(endpoint.id) ?? known(UNKNOWN);
    const { health } = step(before, OUTCOMES[outcome], endpoint.check);
    const isStable = health.status === 'up' && outcome !== 'fail';
    this.#endpoints.set(endpoint.id, { health, stableSinceMs: isStable ? (stableSinceMs ?? this.#nowMs) : null });
  }

  #decide(targets: readonly TargetView[], event: Event): Change | null {
    const { allDown, failback } = this.record;
    const decision = decide(
      {
        targets,
        allDown,
        failback,
        override: this.#state.override?.target ?? null,
        blind: this.#blind,
        failbackOrdered: event.kind === 'failback',
        released: event.kind === 'release',
      },
      this.#state,
    );
    return decision.kind === 'change' ? decision : null;
  }

  #fold(drained: readonly string[]): readonly TargetView[] {
    const healthOf = (id: string) => this.#endpoints.get(id) ?? known(UNKNOWN);
    return foldTargets(this.record, '', { healthOf, drained, nowMs: this.#nowMs });
  }

  #target(index: number): string {
    const { targets } = this.record;
    return targets[index % targets.length]?.name ?? '';
  }

  #now() {
    return { nowMs: this.#nowMs, epochMs: this.#nowMs };
  }
}

function known(health: EndpointHealth['health']): EndpointHealth {
  return { health, stableSinceMs: null };
}

export interface RecordShape extends Pick<RecordSpec, 'allDown' | 'failback'> {
  /** For each target its addresses, in any text form: one with a colon is IPv6. */
  readonly targets: Readonly<Record<string, readonly string[]>>;
  readonly fall: number;
  readonly rise: number;
  readonly minHealthy: number;
}

export function recordOf({ targets, fall, rise, minHealthy, allDown, failback }: RecordShape): RecordSpec {
  const timing = { intervalMs: 5000, timeoutMs: 2000, confirmMs: 1000, sourceAddress: null, sentinel: false };
  const check: CheckSpec = { kind: 'tcp', port: 80, greeting: null, maxBodyBytes: 0, ...timing, fall, rise };
  const endpoint = (address: string): EndpointSpec => ({
    id: address,
    address,
    family: address.includes(':') ? 6 : 4,
    check,
  });
  return {
    name: name('app.example.com'),
    zone: name('app.example.com'),
    ttlSeconds: 10,
    targets: Object.entries(targets).map(([target, addresses]) => ({
      name: target,
      endpoints: addresses.map(endpoint),
      minHealthy,
    })),
    families: 'together',
    allDown,
    failback,
  };
}
