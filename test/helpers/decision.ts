import type { DecisionInput, RecordState } from '../../src/core/decision.ts';
import type { HealthStatus } from '../../src/core/health.ts';
import type { AddressView, TargetView } from '../../src/core/target-view.ts';

/** What a target without addresses of its own answers with. */
export const ADDRESS_OF: Readonly<Record<string, string>> = {
  primary: '192.0.2.10',
  backup: '198.51.100.20',
  backup2: '203.0.113.30',
};

/**
 * A target as one line: its name, its status, then what is special about it:
 * `backup up drained`, `primary up stable=90s flapping`, `primary down 192.0.2.1=up 2001:db8::1=down`.
 */
export function view(line: string): TargetView {
  const [name = '', status = '', ...rest] = line.split(' ');
  const own = rest.filter((word) => /=(up|down|unknown)!?$/.test(word)).map(addressView);
  const flapping = rest.includes('flapping');
  return {
    name,
    status: status as HealthStatus,
    addresses:
      own.length > 0
        ? own
        : [{ address: ADDRESS_OF[name] ?? name, family: 4, status: status as HealthStatus, flapping }],
    drained: rest.includes('drained'),
    flapping,
    stableMs: 1000 * Number(/stable=(\d+)s/.exec(line)?.[1] ?? 0),
  };
}

/** `192.0.2.1=up`, with a `!` at the end when it flaps. */
function addressView(word: string): AddressView {
  const [, address = '', status, bang] = /^(.+)=(\w+)(!?)$/.exec(word) ?? [];
  return { address, family: address.includes(':') ? 6 : 4, status: status as HealthStatus, flapping: bang === '!' };
}

export function decisionInput(targets: readonly string[], special: Partial<DecisionInput> = {}): DecisionInput {
  return {
    targets: targets.map(view),
    allDown: 'keep',
    failback: { mode: 'auto', afterMs: 60_000 },
    override: null,
    blind: false,
    failbackOrdered: false,
    released: false,
    ...special,
  };
}

/** The state of a record that answers with this target. */
export function recordState(activeTarget: string, special: Partial<RecordState> = {}): RecordState {
  return {
    activeTarget,
    addresses: [ADDRESS_OF[activeTarget] ?? activeTarget],
    allDown: false,
    sinceEpochMs: 0,
    override: null,
    drained: [],
    failbackPenalty: 0,
    lastFailback: null,
    ...special,
  };
}
