/** The composition root of a running failoverd: makes the adapters and puts them into the engine. */
import type { Config, SocketAddress } from '../config/config.ts';
import type { Transition } from '../core/transition.ts';
import { createDataPlane } from '../dns/pool.ts';
import { createSecondaryClient } from '../dns/secondary-client.ts';
import { createHistory } from '../history/history.ts';
import { createHistoryReader } from '../history/reader.ts';
import { createProber } from '../probe/prober.ts';
import { createAlarms } from '../runtime/alarms.ts';
import { createEngine, type Engine } from '../runtime/engine.ts';
import { createEventFeed } from '../runtime/event-feed.ts';
import { createEvents } from '../runtime/events.ts';
import { type HealthReport, liveness } from '../runtime/liveness.ts';
import type { BoundAddress, Clock, DataPlane, History, Log, RestoredState } from '../runtime/ports.ts';
import type { ReloadOutcome } from '../runtime/reload.ts';
import { createSecondaries } from '../runtime/secondaries.ts';
import type { ReloadCounts, StatusReport } from '../runtime/status.ts';
import { recordStatus, statusReport } from '../runtime/status-report.ts';
import { createTally } from '../runtime/tally.ts';
import type { Track } from '../runtime/track.ts';
import { startAdmin } from './daemon/admin.ts';
import { endings, goOn, unwritten } from './daemon/handover.ts';
import { createMetrics } from './daemon/metrics.ts';
import { createNotifications } from './daemon/notify.ts';
import { dataPlaneOptions } from './daemon/options.ts';
import { type Parts, type Running, stopParts } from './daemon/parts.ts';
import { type Reloaded, reload } from './daemon/reload.ts';
import { logProbe, logTransition, watchHistory } from './daemon/watch.ts';
import { matchCron, startHousekeeping } from './housekeeping.ts';

export interface DaemonDeps {
  readonly log: Log;
  readonly clock: Clock;
  readonly version: string;
  readonly reloads: () => ReloadCounts;
  /** The addresses that a predecessor still answers on: they are shared with it. */
  readonly beside?: readonly BoundAddress[];
  /** DNS workers that answer already, left by a control plane that has retired. */
  readonly answering?: DataPlane;
  /** Reads the config again, as a signal does; what comes of it is told by {@link Daemon.reloaded}. */
  readonly reload: () => Promise<ReloadOutcome>;
}

export interface Daemon {
  /** The DNS sockets as they are bound. */
  readonly addresses: readonly BoundAddress[];
  readonly adminAddress: SocketAddress;
  /** Called for each transition when it is on its way to the DNS workers. */
  onTransition(listener: (transition: Transition) => void): void;
  status(): Promise<StatusReport>;
  /**
   * Makes another config the one in force, or leaves everything as it was.
   * @throws {ListenError} when one of its addresses cannot be bound.
   */
  reload(config: Config): Promise<Reloaded>;
  /** Tells those who listen what came of a reload. */
  reloaded(outcome: ReloadOutcome): void;
  /** Whether the process does its work: what a supervisor asks. */
  live(): Promise<HealthReport>;
  readonly dataPlane: DataPlane;
  /** Why what was decided would be lost with this process; null when all of it is written. */
  unwritten(): string | null;
  /** Stops deciding and writes what is known; the DNS workers go on answering what they have. */
  retire(): Promise<void>;
  /** Finishes what is under way. */
  stop(): Promise<void>;
  /** The same after a crash: no part of the control plane is relied on any more. */
  abandon(): Promise<void>;
}

/**
 * Starts everything; settles when the DNS workers answer.
 * @throws {HistoryRefusedError} when the database must not be used.
 * @throws {ListenError} when an address cannot be bound.
 */
export async function startDaemon(config: Config, deps: DaemonDeps): Promise<Daemon> {
  const { clock, log } = deps;
  const history = createHistory({ path: config.databasePath, clock, log });
  const restored = await restoreOrClose(history);
  const running: Running = { config, addresses: [], startedAtEpochMs: clock.epochMs() };
  const listeners = new Set<(transition: Transition) => void>();
  const parts = createParts({ ...deps, history, restored, running, listeners });
  const { engine, dataPlane, secondaries, notifications } = parts;
  const status = (): Promise<StatusReport> =>
    statusReport({ ...deps, ...running, ...parts, configPath: running.config.path });
  const { startedAtEpochMs } = running;
  const metrics = createMetrics({ status, tally: parts.tally, history, startedAtEpochMs });
  try {
    secondaries.configure(config);
    notifications.configure(config);
    engine.prober.start(); // at once: the first probe round does not wait for the sockets
    await engine.apply(config, async (zones) => {
      running.addresses = await (deps.answering ? goOn(dataPlane, config, zones) : dataPlane.start(zones));
    });
    const admin = await startAdmin({ ...deps, config, status, parts, metrics });
    const housekeeping = startHousekeeping(history, () => running.config.history, log);
    const ends = endings(parts, () => Promise.all([admin.close(), metrics.stop(), housekeeping.stop()]));
    return {
      get addresses() {
        return running.addresses;
      },
      adminAddress: admin.address,
      onTransition: (listener) => listeners.add(listener),
      status,
      reload: (next) => reload(next, running, parts),
      reloaded: ({ ok, message }) => parts.events.emit('reload', { ok, message, generation: engine.generation() }),
      live: () => liveness(dataPlane),
      dataPlane,
      unwritten: () => unwritten(history),
      ...ends,
      abandon: async () => void (await Promise.allSettled([dataPlane.stop(), history.close()])),
    };
  } catch (error) {
    await Promise.all([stopParts(parts), metrics.stop()]);
    throw error;
  }
}

interface Foundation extends DaemonDeps {
  readonly history: ReturnType<typeof createHistory>;
  readonly restored: RestoredState;
  readonly running: Running;
  readonly listeners: ReadonlySet<(transition: Transition) => void>;
}

/** Makes every part; none of them has begun to do anything. */
function createParts({ clock, log, version, history, restored, running, listeners, ...deps }: Foundation): Parts {
  const { config } = running;
  const events = createEvents(clock);
  const alarms = createAlarms(clock, log);
  alarms.onChange((change) => events.emit('alarm', change));
  watchHistory(history, alarms, events);
  const describe = (track: Track) => recordStatus(track, engine.context);
  const feed = createEventFeed({ clock, events, describe });
  const reader = createHistoryReader(config.databasePath);
  const { beside = [], answering } = deps;
  const dataPlane = answering ?? createDataPlane(dataPlaneOptions(config), { clock, log, beside });
  const client = createSecondaryClient({ clock, listen: () => running.config.listen });
  const secondaries = createSecondaries({
    clock,
    alarms,
    client,
    onStatus: (status) => events.emit('secondary', status),
    onSerial: history.recordSerial,
  });
  const tally = createTally();
  const notifications = createNotifications({ clock, log, history, alarms, restored });
  const engine: Engine = createEngine(
    {
      ...feed,
      clock,
      alarms,
      history: { ...history, commit: notifications.commit },
      dataPlane,
      matchCron,
      createProber: (callbacks) =>
        createProber({ clock, random: Math.random, version, settings: config.prober, ...callbacks, log }),
      onProbe: (report) => {
        logProbe(log, report);
        feed.onProbe(report);
        tally.probe(report);
      },
      onTransition: (transition) => {
        logTransition(log, transition);
        feed.onTransition(transition);
        tally.transition(transition);
        for (const listener of listeners) listener(transition);
      },
      onZone: (zone, serial) => secondaries.published(zone, serial),
    },
    restored,
  );
  return { alarms, engine, events, feed, history, reader, dataPlane, secondaries, notifications, tally };
}

/** A refused start leaves no thread behind: it would keep the process alive. */
async function restoreOrClose(history: History): Promise<RestoredState> {
  try {
    return await history.restore();
  } catch (error) {
    await history.close();
    throw error;
  }
}
