/** The composition root of a running failoverd: makes the adapters and puts them into the engine. */
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { type AdminServer, createAdminServer } from '../admin/server.ts';
import type { Config, SocketAddress } from '../config/config.ts';
import { diffConfig, formatDiff } from '../config/diff.ts';
import type { Transition } from '../core/transition.ts';
import { createDataPlane } from '../dns/pool.ts';
import { createSecondaryClient } from '../dns/secondary-client.ts';
import { createHistory } from '../history/history.ts';
import { createProber } from '../probe/prober.ts';
import { type Alarms, createAlarms } from '../runtime/alarms.ts';
import { createEngine, type Engine } from '../runtime/engine.ts';
import { type HealthReport, liveness, readiness } from '../runtime/liveness.ts';
import {
  type BoundAddress,
  type Clock,
  type DataPlane,
  type DataPlaneOptions,
  type History,
  ListenError,
  type Log,
  type RestoredState,
} from '../runtime/ports.ts';
import { createSecondaries, type Secondaries } from '../runtime/secondaries.ts';
import type { ReloadCounts, StatusReport } from '../runtime/status.ts';
import { statusReport } from '../runtime/status-report.ts';
import { matchCron, startHousekeeping } from './housekeeping.ts';

export interface DaemonDeps {
  readonly log: Log;
  readonly clock: Clock;
  readonly version: string;
  readonly reloads: () => ReloadCounts;
}

/** What a reload did, in words. */
export interface Reloaded {
  readonly changes: string;
  /** What of the new config needs a restart. */
  readonly notes: readonly string[];
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
  /** Whether the process does its work: what a supervisor asks. */
  live(): Promise<HealthReport>;
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
  const { log, clock } = deps;
  const alarms = createAlarms(clock, log);
  const history = createHistory({ path: config.databasePath, clock, log });
  const restored = await restoreOrClose(history);
  watchHistory(history, alarms);
  const dataPlane = createDataPlane(dataPlaneOptions(config), { clock, log });
  const running: Running = { config, addresses: [], startedAtEpochMs: clock.epochMs() };
  const client = createSecondaryClient({ clock, listen: () => running.config.listen });
  const secondaries = createSecondaries({ clock, alarms, client });
  const listeners = new Set<(transition: Transition) => void>();
  const engine = createEngine(
    {
      clock,
      alarms,
      history,
      dataPlane,
      matchCron,
      createProber: (listeners) =>
        createProber({ clock, random: Math.random, version: deps.version, settings: config.prober, ...listeners, log }),
      onTransition: (transition) => {
        logTransition(log, transition);
        for (const listener of listeners) listener(transition);
      },
      onZone: (zone, serial) => secondaries.published(zone, serial),
    },
    restored,
  );
  const status = (): Promise<StatusReport> =>
    statusReport({ ...deps, ...running, ...parts, alarms, configPath: running.config.path });
  const parts = { engine, history, dataPlane, secondaries };
  try {
    secondaries.configure(config);
    engine.prober.start(); // at once: the first probe round does not wait for the sockets
    await engine.apply(config, async (zones) => {
      running.addresses = await dataPlane.start(zones);
    });
    const admin = await startAdmin(config, deps, status, parts);
    const housekeeping = startHousekeeping(history, () => running.config.history, log);
    return {
      get addresses() {
        return running.addresses;
      },
      adminAddress: admin.address,
      onTransition: (listener) => listeners.add(listener),
      status,
      reload: (next) => reload(next, running, parts),
      live: () => liveness(dataPlane),
      stop: async () => {
        await Promise.all([admin.close(), housekeeping.stop()]);
        await stopParts(parts);
      },
      abandon: async () => void (await Promise.allSettled([dataPlane.stop(), history.close()])),
    };
  } catch (error) {
    await stopParts(parts);
    throw error;
  }
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

interface Running {
  config: Config;
  addresses: readonly BoundAddress[];
  readonly startedAtEpochMs: number;
}

interface Parts {
  readonly engine: Engine;
  readonly history: History;
  readonly dataPlane: DataPlane;
  readonly secondaries: Secondaries;
}

async function stopParts({ engine, history, dataPlane, secondaries }: Parts): Promise<void> {
  secondaries.stop();
  await engine.stop();
  await Promise.all([dataPlane.stop(), history.close()]);
}

/** The sockets first: they can be refused, and then nothing has changed. */
async function reload(next: Config, running: Running, parts: Parts): Promise<Reloaded> {
  const { engine, dataPlane, secondaries } = parts;
  const before = running.config;
  const options = dataPlaneOptions(next);
  if (JSON.stringify(options) !== JSON.stringify(dataPlaneOptions(before))) {
    running.addresses = await dataPlane.reconfigure(options);
  }
  running.config = next;
  secondaries.configure(next);
  await engine.apply(next, (zones) => dataPlane.replace(zones));
  await setImmediate(); // comparing thousands of records in a turn of its own
  return { changes: formatDiff(diffConfig(before, next)), notes: needsRestart(before, next) };
}

function needsRestart(before: Config, next: Config): readonly string[] {
  const parts: readonly (readonly [string, (config: Config) => unknown])[] = [
    ['database', (config) => config.databasePath],
    ['admin', (config) => config.admin],
    ['log', (config) => config.log],
  ];
  return parts
    .filter(([, of]) => JSON.stringify(of(before)) !== JSON.stringify(of(next)))
    .map(([name]) => `"${name}" has changed: restart failoverd for it`);
}

function dataPlaneOptions({ listen, workers, dns, zones, keys }: Config): DataPlaneOptions {
  const secondaries = zones.flatMap(({ apex: zone, secondaries: all }) =>
    all.map(({ address, key }) => ({ zone, address, key })),
  );
  const transfer = { keys, secondaries };
  return { listen, workers: workers === 'auto' ? availableParallelism() : workers, dns: { ...dns, transfer } };
}

async function startAdmin(
  { admin }: Config,
  { log, version }: DaemonDeps,
  status: () => Promise<StatusReport>,
  { engine, dataPlane }: Parts,
): Promise<AdminServer> {
  const { listen, token, publicRead } = admin;
  const handlers = {
    status,
    live: () => liveness(dataPlane),
    ready: () => readiness(engine, dataPlane),
    orders: engine.orders,
    zone: engine.publisher.content,
  };
  const started = await createAdminServer({ listen, token, publicRead, version, log, handlers });
  if (!started.ok) throw new ListenError(started.reason);
  return started.server;
}

function watchHistory(history: History, alarms: Alarms): void {
  const degraded = { name: 'history_degraded', subject: 'database' };
  const damaged = { name: 'history_set_aside', subject: 'database' };
  const look = (): void => {
    const status = history.status();
    if (status.status === 'degraded') alarms.raise(degraded, `transitions wait in memory: ${status.reason}`);
    else alarms.resolve(degraded);
    if (status.setAside) alarms.raise(damaged, `${status.setAside.reason}; kept as ${status.setAside.path}`);
  };
  history.onStatus(look);
  look();
}

/** One line that a person can read and a machine can parse. */
function logTransition(log: Log, { evidence: _, ...transition }: Transition): void {
  const { record, cause, fromTarget, toTarget, toAddresses, reason } = transition;
  const name = record.replace(/\.$/, '');
  const arrow = fromTarget === null || fromTarget === toTarget ? toTarget : `${fromTarget} -> ${toTarget}`;
  log.info({ transition }, `${name} ${cause}: ${arrow} (${toAddresses.join(' ') || 'no address'}): ${reason}`);
}
