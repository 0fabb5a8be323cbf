/** Puts together what `status` shows. Everything in it is derived; nothing is kept for it. */

import { setImmediate } from 'node:timers/promises';
import type { CheckSpec, EndpointSpec } from '../core/check.ts';
import { shown } from '../core/name.ts';
import type { Outcome, ProbeReport } from '../core/outcome.ts';
import type { TargetSpec } from '../core/record.ts';
import type { TargetView } from '../core/target-view.ts';
import type { Alarms } from './alarms.ts';
import type { Engine } from './engine.ts';
import type { EndpointState, Monitor } from './monitor.ts';
import type { BoundAddress, Clock, DataPlane, History } from './ports.ts';
import type { Secondaries } from './secondaries.ts';
import type { EndpointStatus, RecordStatus, ReloadCounts, SinkStatus, StatusReport, TargetStatus } from './status.ts';
import { type Track, type TrackContext, viewsOf } from './track.ts';

/** Some 5 ms of work. */
const RECORDS_A_TURN = 250;

type Endpoints = Pick<Monitor, 'get'>;

export interface StatusSources {
  readonly version: string;
  readonly clock: Pick<Clock, 'epochMs'>;
  readonly startedAtEpochMs: number;
  readonly addresses: readonly BoundAddress[];
  readonly configPath: string | null;
  readonly reloads: () => ReloadCounts;
  readonly engine: Engine;
  readonly secondaries: Pick<Secondaries, 'list'>;
  readonly alarms: Alarms;
  readonly notifications: { status(): readonly SinkStatus[] };
  readonly history: Pick<History, 'status'>;
  readonly dataPlane: Pick<DataPlane, 'stats'>;
}

/** Asks every part once. */
export async function statusReport(sources: StatusSources): Promise<StatusReport> {
  const { engine, clock, history } = sources;
  const dataPlane = await sources.dataPlane.stats();
  const records = await recordStatuses(engine);
  const storage = history.status();
  return {
    version: sources.version,
    startedAt: iso(sources.startedAtEpochMs),
    now: iso(clock.epochMs()),
    verdict: verdictOf(records, engine.prober.sight() === 'blind', storage.status === 'degraded'),
    listen: sources.addresses.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)),
    configPath: sources.configPath,
    generation: engine.generation(),
    reloads: sources.reloads(),
    records,
    zones: engine.publisher.serials().map(({ zone, serial }) => ({ zone: shown(zone), serial })),
    secondaries: sources.secondaries.list(),
    alarms: sources.alarms.list(),
    sinks: sources.notifications.status(),
    prober: engine.prober.stats(),
    sight: engine.prober.sight(),
    witnesses: engine.prober
      .witnesses()
      .map(({ lastProbe, ...rest }) => ({ ...rest, lastProbe: probeStatus(lastProbe) })),
    history: storage,
    dataPlane,
  };
}

/** All of them, in turns of the event loop: thousands of records in one would hold up the probes. */
export async function recordStatuses({
  tracks,
  context,
}: Pick<Engine, 'tracks' | 'context'>): Promise<readonly RecordStatus[]> {
  const statuses: RecordStatus[] = [];
  for (const [index, track] of tracks().entries()) {
    if (index % RECORDS_A_TURN === RECORDS_A_TURN - 1) await setImmediate();
    const status = recordStatus(track, context);
    if (status) statuses.push(status);
  }
  return statuses;
}

/** The one word for it all, the worst first. */
function verdictOf(
  records: readonly RecordStatus[],
  isBlind: boolean,
  isStorageDegraded: boolean,
): StatusReport['verdict'] {
  if (records.some(({ allDown }) => allDown)) return 'all_down';
  if (isBlind) return 'prober_blind';
  if (isStorageDegraded) return 'storage_degraded';
  if (records.some(({ activeTarget, targets }) => activeTarget !== targets[0]?.name)) return 'on_backup';
  return 'ok';
}

/** Null while the record waits for its first decision. */
export function recordStatus(track: Track, context: TrackContext): RecordStatus | null {
  const { record, family, version, state, last } = track;
  if (!state) return null;
  const { override } = state;
  return {
    record: shown(record.name),
    generation: version.generation,
    zone: shown(record.zone),
    ttlSeconds: record.ttlSeconds,
    family,
    activeTarget: state.activeTarget,
    addresses: state.addresses,
    allDown: state.allDown,
    since: iso(state.sinceEpochMs),
    reason: last?.reason ?? '',
    cause: last?.cause ?? 'start',
    override: override && {
      target: override.target,
      reason: override.reason,
      actor: override.actor,
      isDrill: override.isDrill,
      expiresAt: override.expiresAtEpochMs === null ? null : iso(override.expiresAtEpochMs),
    },
    targets: viewsOf(track, context).flatMap((view) => targetStatus(view, record.targets, context.endpoints)),
  };
}

function targetStatus(view: TargetView, targets: readonly TargetSpec[], endpoints: Endpoints): TargetStatus[] {
  const spec = targets.find(({ name }) => name === view.name);
  const shown = new Set(view.addresses.map(({ address }) => address));
  const members = spec?.endpoints.filter(({ address }) => shown.has(address)) ?? [];
  return [
    {
      name: view.name,
      status: view.status,
      drained: view.drained,
      endpoints: members.map((endpoint) => endpointStatus(endpoint, endpoints.get(endpoint.id))),
    },
  ];
}

function endpointStatus(spec: EndpointSpec, state: EndpointState | undefined): EndpointStatus {
  const lastProbe = state?.recent.at(-1);
  return {
    id: spec.id,
    address: spec.address,
    check: describeCheck(spec.check),
    timeoutMs: spec.check.timeoutMs,
    status: state?.health.status ?? 'unknown',
    progress: progressOf(spec.check, state),
    since: state?.sinceEpochMs == null ? null : iso(state.sinceEpochMs),
    lastProbe: probeStatus(lastProbe ?? null),
  };
}

function probeStatus(report: ProbeReport | null): EndpointStatus['lastProbe'] {
  if (!report) return null;
  const { startedAtEpochMs, outcome, elapsedMs } = report;
  return { at: iso(startedAtEpochMs), outcome: describeOutcome(outcome), elapsedMs: Math.round(elapsedMs) };
}

function progressOf({ fall, rise }: CheckSpec, state: EndpointState | undefined): EndpointStatus['progress'] {
  const health = state?.health;
  if (!health) return { count: 0, of: fall };
  return health.status === 'down' ? { count: health.passes, of: rise } : { count: health.fails, of: fall };
}

/** `pass`, `timeout (connect) no answer within 2 s` */
export function describeOutcome(outcome: Outcome): string {
  switch (outcome.outcome) {
    case 'pass':
      return 'pass';
    case 'fail':
      return `${outcome.reason} (${outcome.phase}) ${outcome.detail}`;
    case 'inconclusive':
      return `inconclusive (${outcome.reason}) ${outcome.detail}`;
  }
}

/** `GET https://app.example.com/healthz`, `tcp 443`. Without the query, which may carry a secret. */
export function describeCheck(check: CheckSpec): string {
  if (check.kind === 'tcp') return `tcp ${check.port}`;
  const { origin, pathname } = new URL(check.url);
  return `${check.method} ${origin}${pathname}`;
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
