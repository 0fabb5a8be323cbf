/** The data plane: DNS workers, kept up to date and alive by the control plane, which they do not need to answer. */
import { randomBytes } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { OwnerName } from '../core/name.ts';
import { applyChange, buildZone, contentOf, type Zone, type ZoneContent } from '../core/zone.ts';
import type { BoundAddress, Clock, DataPlane, DataPlaneOptions, DnsOptions, Log } from '../runtime/ports.ts';
import { FRUGAL_THREAD, ListenError } from '../runtime/ports.ts';
import { INTERFACES_EVERY_MS, type Interfaces, isWildcard } from './addresses.ts';
import { createCrew } from './crew.ts';
import { createPlaces } from './places.ts';
import type { Notice, Reply, Request, SocketKind, WorkerData } from './protocol.ts';
import { createQueue } from './queue.ts';
import { createResponderShared } from './rate-limit.ts';
import { createQuotaMemory } from './tcp-quota.ts';
import { batchedAvailable } from './udp-batched.ts';
import { within } from './within.ts';

const ALIVE_WITHIN_MS = 1000;
const ENTRY = new URL(`./worker${path.extname(import.meta.filename)}`, import.meta.url);

/** Where Node can share an address between sockets so that the kernel spreads the clients over them. */
const SHARING_PLATFORMS: readonly NodeJS.Platform[] = ['linux', 'freebsd', 'sunos', 'aix'];

export interface DataPlaneDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly spawnWorker?: (data: WorkerData) => Worker;
  readonly networkInterfaces?: () => Interfaces;
  /** The addresses of a failoverd that is about to end: until it has, they are shared with it. */
  readonly beside?: readonly BoundAddress[];
}

export function createDataPlane(initial: DataPlaneOptions, deps: DataPlaneDeps): DataPlane {
  const { clock, log, spawnWorker = spawn, networkInterfaces = os.networkInterfaces, beside = [] } = deps;
  const reusePort = SHARING_PLATFORMS.includes(process.platform);
  const shared = createResponderShared(randomBytes);
  const quotaMemory = createQuotaMemory();
  const exclusively = createQueue();
  let options = initial;
  let sockets: SocketKind = 'dgram';
  let zones = new Map<OwnerName, Zone>();
  let cancelLook = (): void => {};

  const contents = (): readonly ZoneContent[] => [...zones.values()].map(contentOf);
  const crew = createCrew({
    spawn: (row) => spawnWorker({ dns: options.dns, sockets, reusePort, shared, quota: { memory: quotaMemory, row } }),
    prepare: (thread) => {
      thread.tell({ kind: 'load', zones: contents() });
      return thread.ask({ kind: 'open', addresses: places.current() });
    },
    quotaMemory,
    clock,
    log,
  });
  const tellAll = (notice: Notice): void => {
    for (const thread of crew.threads()) thread.tell(notice);
  };
  const askAll = <R extends Request>(request: R): Promise<(Reply<R> | 'ended')[]> =>
    Promise.all(crew.threads().map((thread) => thread.ask(request)));
  const places = createPlaces({
    openEverywhere: (addresses) => askAll({ kind: 'open', addresses }),
    closeEverywhere: (addresses) => askAll({ kind: 'close', addresses }),
    networkInterfaces,
    beside,
    clock,
    log,
  });
  const bound = (): readonly BoundAddress[] => places.current().map(({ host, port }) => ({ host, port }));
  const look = (): void => {
    const { listen } = options;
    if (listen.some(({ host }) => isWildcard(host))) void exclusively(() => places.follow(listen));
    cancelLook = clock.setTimer(INTERFACES_EVERY_MS, look);
  };

  /** Brings the workers to the current options; the addresses are bound already. */
  const staff = async (before: { sockets: SocketKind; dns: DnsOptions }): Promise<void> => {
    if (sockets !== before.sockets) await crew.renew();
    await crew.resize(reusePort ? options.workers : 1);
    if (sockets === before.sockets && JSON.stringify(options.dns) !== JSON.stringify(before.dns))
      tellAll({ kind: 'configure', dns: options.dns, zones: contents() });
  };

  return {
    start: (initialZones) =>
      exclusively(async () => {
        zones = new Map(initialZones.map((content) => [content.apex, buildZone(content)]));
        sockets = socketKind(options.dns.sockets);
        await places.move(options.listen);
        await crew.resize(reusePort ? options.workers : 1);
        cancelLook = clock.setTimer(INTERFACES_EVERY_MS, look);
        return bound();
      }),
    publish(change) {
      const zone = zones.get(change.apex);
      if (zone) zones.set(change.apex, applyChange(zone, change));
      tellAll({ kind: 'apply', change });
    },
    replace(next) {
      zones = new Map(next.map((content) => [content.apex, buildZone(content)]));
      tellAll({ kind: 'load', zones: next });
    },
    reconfigure: (next) =>
      exclusively(async () => {
        const before = { options, sockets, dns: options.dns };
        const kind = socketKind(next.dns.sockets);
        const move = await places.move(next.listen);
        options = next;
        sockets = kind;
        try {
          await staff(before);
        } catch (error) {
          options = before.options;
          sockets = before.sockets;
          await move.undo();
          throw error;
        }
        await move.finish();
        return bound();
      }),
    async alive() {
      const [apex = null] = zones.keys();
      const request = { kind: 'check', apex, addresses: places.current().length } as const;
      const threads = crew.threads();
      const checks = threads.map((thread) => within(clock, ALIVE_WITHIN_MS, thread.ask(request), false));
      const outcomes = await Promise.all(checks);
      return crew.size > 0 && threads.length >= crew.size && outcomes.every((outcome) => outcome === true);
    },
    async stats() {
      const sum = await crew.stats();
      return { workers: crew.threads().length, sockets, ...sum, workerRestarts: crew.restarts };
    },
    async stop() {
      cancelLook();
      await crew.stop();
    },
  };
}

/** node:dgram leaves garbage behind with every datagram: what is small for it is collected all the time. The batched sockets leave none. */
const YOUNG_OF_DGRAM = { maxYoungGenerationSizeMb: 48 };

function spawn(data: WorkerData): Worker {
  const resourceLimits = data.sockets === 'dgram' ? YOUNG_OF_DGRAM : FRUGAL_THREAD;
  return new Worker(ENTRY, { workerData: data, name: 'failoverd dns', resourceLimits });
}

/** @throws {ListenError} when the config insists on sockets that cannot be had. */
function socketKind(wanted: DnsOptions['sockets']): SocketKind {
  if (wanted === 'dgram') return 'dgram';
  const availability = batchedAvailable();
  if (availability.available) return 'batched';
  if (wanted === 'auto') return 'dgram';
  throw new ListenError(`dns.sockets "batched" is not to be had here (${availability.reason}); use "auto"`);
}
