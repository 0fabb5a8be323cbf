/** What a transition is decided by, gathered at that moment: whatever an explanation must be able to say later. */
import { leftEndpoints } from '../core/culprit.ts';
import type { Change, RecordState } from '../core/decision.ts';
import { counterOf } from '../core/health.ts';
import type { RecordSpec, TargetSpec } from '../core/record.ts';
import type { Family, TargetView } from '../core/target-view.ts';
import type { CountedEndpoint, CountedProbe, Evidence } from '../core/transition.ts';
import type { EndpointState, Monitor } from './monitor.ts';

type Endpoints = Pick<Monitor, 'get'>;

export interface EvidenceSources {
  readonly record: RecordSpec;
  readonly family: Family;
  /** The targets as the decision saw them. */
  readonly views: readonly TargetView[];
  readonly endpoints: Endpoints;
  readonly generation: number;
}

/** The last probes of every endpoint of the record, oldest first, with the counting; each target's state; what failed first. */
export function gatherEvidence(change: Change, before: RecordState | null, sources: EvidenceSources): Evidence {
  const { record, family, views, endpoints, generation } = sources;
  const culprit = culpritOf(change, before, record, endpoints);
  const ids = new Set(record.targets.flatMap((target) => target.endpoints.map(({ id }) => id)));
  const probes = [...ids].flatMap((id) => endpoints.get(id)?.recent ?? []);
  probes.sort((a, b) => a.startedAtMs - b.startedAtMs);
  return {
    row: change.row,
    rule: change.rule,
    probes,
    endpoints: record.targets.flatMap((target) => countedEndpoints(target, endpoints)),
    targets: Object.fromEntries(views.map((view) => [view.name, view.drained ? ('drained' as const) : view.status])),
    lastPass: culprit?.lastPass ?? null,
    firstFail: culprit?.firstFail ?? null,
    zone: record.zone,
    family,
    ttlSeconds: record.ttlSeconds,
    generation,
  };
}

function countedEndpoints(target: TargetSpec, endpoints: Endpoints): readonly CountedEndpoint[] {
  return target.endpoints.flatMap(({ id, address, check }) => {
    const state = endpoints.get(id);
    if (!state) return [];
    const { intervalMs, timeoutMs, confirmMs, fall, rise } = check;
    return [
      {
        id,
        target: target.name,
        address,
        ...{ intervalMs, timeoutMs, confirmMs, fall, rise },
        before: counterOf(state.before, check),
        after: counterOf(state.health, check),
      },
    ];
  });
}

/** The endpoint whose failure came first, among those that a record leaves because they failed; null when no failure led to it. */
function culpritOf(
  change: Change,
  before: RecordState | null,
  record: RecordSpec,
  endpoints: Endpoints,
): (EndpointState & { readonly firstFail: CountedProbe }) | null {
  const answered = leftEndpoints(change, before, record);
  const failing = answered.flatMap(({ id }) => {
    const state = endpoints.get(id);
    return state?.firstFail ? [{ ...state, firstFail: state.firstFail }] : [];
  });
  failing.sort((a, b) => a.firstFail.startedAtMs - b.firstFail.startedAtMs);
  return failing[0] ?? null;
}
