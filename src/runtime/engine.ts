/** The control plane: probes' reports go in, transitions come out. Everything outside it enters through `ports.ts`. */
import { setImmediate } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import type { EndpointSpec } from '../core/check.ts';
import type { OwnerName } from '../core/name.ts';
import type { ProbeReport } from '../core/outcome.ts';
import type { RecordSpec } from '../core/record.ts';
import type { Sight } from '../core/sight.ts';
import type { Transition } from '../core/transition.ts';
import type { Alarms } from './alarms.ts';
import { createBlindness } from './blindness.ts';
import { type Controller, createController } from './controller.ts';
import { createMaintenance, type MatchCron } from './maintenance.ts';
import { createMonitor, type Monitor } from './monitor.ts';
import { createOrders, type Orders } from './orders.ts';
import { createOutlook } from './outlook.ts';
import type { Clock, DataPlane, History, OnReport, OnSight, Prober, RestoredState } from './ports.ts';
import { type CurrentAnswer, createPublisher, type Deliver, type Publisher } from './publisher.ts';
import { forgetOthers, watchReadiness } from './readiness.ts';
import type { Track, TrackContext } from './track.ts';
import { createVerdictKeeper } from './verdicts.ts';

/** Told what happens. */
export interface EngineListeners {
  /** A transition is on its way to the DNS workers. */
  readonly onTransition: (transition: Transition) => void;
  /** A zone with a new serial is on its way to the DNS workers. */
  readonly onZone: (zone: OwnerName, serial: number) => void;
  /** What shows of a record has changed: its answer, its orders, a verdict of its endpoints. Not for what a new config changes. */
  readonly onChange: (track: Track) => void;
  /** An override was ordered, or has ended. */
  readonly onOverride: (track: Track) => void;
  /** A probe has ended, and is counted. */
  readonly onProbe: (report: ProbeReport) => void;
  readonly onSight: (sight: Sight) => void;
}

export interface EngineDeps extends EngineListeners {
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly history: Pick<History, 'commit' | 'recordProbe' | 'recordHealth' | 'recordSerial'>;
  readonly dataPlane: Pick<DataPlane, 'publish' | 'replace'>;
  readonly matchCron: MatchCron;
  readonly createProber: (listeners: { readonly onReport: OnReport; readonly onSight: OnSight }) => Prober;
}

export interface Engine {
  /** Makes this config the one in force: its records are decided, its transitions committed, its zones delivered. */
  apply(config: Config, deliver: Deliver): Promise<void>;
  readonly orders: Orders;
  readonly context: TrackContext;
  readonly prober: Pick<Prober, 'start' | 'stats' | 'probeNow' | 'sight' | 'witnesses'>;
  readonly publisher: Pick<Publisher, 'serials' | 'content' | 'settled'>;
  tracks(): readonly Track[];
  /** Counts the configs that were in force, this one included. */
  generation(): number;
  /** Ends every probe and timer; settles when all that was decided is published. */
  stop(): Promise<void>;
}

export function createEngine(deps: EngineDeps, restored: RestoredState): Engine {
  const { clock, alarms, history, dataPlane } = deps;
  /** Until the first config has taken of it what it has: with thousands of records that is megabytes. */
  let inherited: RestoredState | null = restored;
  let generation = 0;

  const monitor: Monitor = createMonitor({
    clock,
    onVerdict(endpointId) {
      verdicts.changed(endpointId);
      controller.endpointChanged(endpointId);
    },
  });
  const blindness = createBlindness({
    clock,
    alarms,
    monitor,
    onClear() {
      verdicts.settled();
      controller.lookAtAll();
    },
  });
  const verdicts = createVerdictKeeper({ monitor, history, isInDoubt: blindness.holds });
  const prober = deps.createProber({
    onReport(report) {
      history.recordProbe(report);
      const next = blindness.provesNothing(report) ? 'confirm' : monitor.report(report);
      deps.onProbe(report);
      return next;
    },
    onSight(sight, before) {
      blindness.onSight(sight, before);
      deps.onSight(sight);
    },
  });
  const maintenance = createMaintenance({
    clock,
    matchCron: deps.matchCron,
    onChange: (record) => controller.lookAt(record),
  });
  const context: TrackContext = { clock, endpoints: monitor, maintained: maintenance.drainedTargets };
  const publisher = createPublisher(
    { clock, history, dataPlane, answerOf, onPublished: deps.onTransition, onZone },
    restored,
  );
  const controller: Controller = createController({
    ...context,
    clock,
    isBlind: blindness.holds,
    generation: () => generation,
    publish: publisher.publish,
    save: (state) => void history.commit({ transition: null, state }),
    onDecided: (track) => watchReadiness(track, context, alarms),
    onChange: deps.onChange,
    onOverride: deps.onOverride,
  });

  const outlook = createOutlook({
    clock,
    alarms,
    endpoints: monitor,
    tracks: controller.tracks,
    stats: () => prober.stats(),
  });

  function onZone(zone: OwnerName, serial: number): void {
    history.recordSerial({ atEpochMs: clock.epochMs(), zone, serial, event: 'published', secondary: null });
    deps.onZone(zone, serial);
  }

  /** A record's answer is that of all its tracks; none while one of them is undecided. */
  function answerOf(record: OwnerName): CurrentAnswer | null {
    const tracks = controller.tracksOf(record);
    const decided = tracks.flatMap(({ family, state }) => (state ? { family, ...state } : []));
    if (decided.length < tracks.length || decided.length === 0) return null;
    const isDegraded = decided.some(({ allDown }) => allDown);
    return {
      addresses: decided.flatMap(({ addresses }) => addresses),
      degraded: isDegraded ? 'no target of this name is up' : null,
      active: decided.map(({ family, activeTarget: target, sinceEpochMs }) => ({ family, target, sinceEpochMs })),
    };
  }

  return {
    async apply(config, deliver) {
      await publisher.settled();
      generation += 1;
      const records = config.zones.flatMap((zone) => zone.records);
      const endpoints = endpointsOf(records);
      monitor.setEndpoints(endpoints, inherited?.endpoints);
      blindness.configure(config.prober.onBlind);
      prober.configure(config.prober);
      maintenance.setWindows(config.maintenance);
      const publications = controller.setRecords(records, inherited);
      inherited = null;
      forgetOthers(controller.tracks(), alarms);
      outlook.start();
      const delivered = publisher.setZones(config.zones, publications, deliver);
      // In a turn of its own: a schedule of thousands. Where every answer is known from before, the workers that are to give it
      // come first; a first round of probes is what the others wait for.
      const isKnown = controller.tracks().every(({ state }) => state);
      const scheduled = (isKnown ? delivered : setImmediate()).then(() => prober.setEndpoints(endpoints));
      // A delivery that is refused meanwhile must find somebody who waits for it.
      await Promise.all([delivered, scheduled]);
    },
    orders: createOrders({ clock, controller, context, isBlind: () => prober.sight() !== 'clear' }),
    context,
    prober,
    publisher,
    tracks: controller.tracks,
    generation: () => generation,
    async stop() {
      controller.stop();
      maintenance.stop();
      outlook.stop();
      await prober.stop();
      await publisher.settled();
    },
  };
}

/** Each endpoint once, however many records share it; the primaries' before the backups', for a primary that passes decides its record. */
function endpointsOf(records: readonly RecordSpec[]): readonly EndpointSpec[] {
  const endpoints = new Map<string, EndpointSpec>();
  const targetCount = Math.max(0, ...records.map(({ targets }) => targets.length));
  for (let rank = 0; rank < targetCount; rank++) {
    for (const { targets } of records)
      for (const endpoint of targets[rank]?.endpoints ?? []) endpoints.set(endpoint.id, endpoint);
  }
  return [...endpoints.values()];
}
