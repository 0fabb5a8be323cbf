/** A daemon that holds the lease of its database, may have taken it from a predecessor, and lets a successor take it. */
import type { Config } from '../../config/config.ts';
import { type Lease, takeLease } from '../../history/lease.ts';
import { type Clock, HistoryRefusedError } from '../../runtime/ports.ts';
import type { Daemon, DaemonDeps } from '../daemon.ts';
import { PROTOCOL } from './channel.ts';
import { type Offer, offerSuccession, type SuccessorChannel } from './offer.ts';
import { meetPredecessor, type Predecessor } from './predecessor.ts';

/** A predecessor that has released its lease has released it: this is for one that ends in the middle of it. */
const LEASE_WITHIN_MS = 5_000;
const LEASE_RETRY_MS = 20;

export interface Incumbent extends Daemon {
  /** Settles when a successor has its place, and all that was asked here has been answered. */
  readonly replaced: Promise<void>;
  /** The process whose place it took. */
  readonly predecessor: number | null;
}

export type StartDaemon = (config: Config, deps: DaemonDeps) => Promise<Daemon>;

interface StartOptions {
  readonly start: StartDaemon;
  readonly replace: boolean;
  readonly onSucceeding: () => Promise<void>;
}

/**
 * @param replace whether to take the place of the one that runs; otherwise there may be none.
 * @param onSucceeding called when it answers beside the one that ran; that one ends only once this has settled.
 * @throws {HistoryRefusedError} when another failoverd runs with the database, before anything of it is touched.
 * @throws what the start throws; a predecessor then goes on as before.
 */
export async function startIncumbent(
  config: Config,
  deps: DaemonDeps,
  { start, replace, onSucceeding }: StartOptions,
): Promise<Incumbent> {
  const { lease, predecessor } = await enter(config.databasePath, deps, replace);
  try {
    const beside = predecessor?.hello.addresses;
    const daemon = await start(config, { ...deps, ...(beside && { beside }) });
    if (predecessor) await onSucceeding();
    predecessor?.answering();
    return await hold(daemon, { config, deps, start, lease, predecessor });
  } catch (error) {
    lease?.release();
    predecessor?.leave();
    throw error;
  }
}

interface Entry {
  /** Null where the file system allows none. */
  readonly lease: Lease | null;
  readonly predecessor: Predecessor | null;
}

async function enter(database: string, { clock, log }: DaemonDeps, replace: boolean): Promise<Entry> {
  const taken = takeLease(database);
  if (taken.kind === 'held') return { lease: taken.lease, predecessor: null };
  if (taken.kind === 'impossible') {
    log.warn({}, `nothing keeps a second failoverd from ${database}: ${taken.reason}`);
    return { lease: null, predecessor: null };
  }
  const predecessor = await meetPredecessor(database);
  if (!replace || !predecessor) {
    predecessor?.leave();
    throw new HistoryRefusedError(inUse(database, predecessor, replace));
  }
  const { pid, version } = predecessor.hello;
  const refusal = await predecessor.take();
  if (refusal !== null) {
    predecessor.leave();
    throw new HistoryRefusedError(`failoverd ${version} (process ${pid}) does not leave its place: ${refusal}`);
  }
  log.info({ pid, version }, `failoverd ${version} (process ${pid}) has stopped deciding: taking its place`);
  return { lease: await leaseSoon(database, clock), predecessor };
}

function inUse(database: string, predecessor: Predecessor | null, replace: boolean): string {
  if (!predecessor) return `${database} is in use by another failoverd, which does not answer; stop it first`;
  const { pid, version } = predecessor.hello;
  const advice = replace ? '' : '; stop it, or take its place with "failoverd serve --replace"';
  return `${database} is in use by failoverd ${version} (process ${pid})${advice}`;
}

/** @throws {HistoryRefusedError} when somebody else was faster. */
async function leaseSoon(database: string, clock: Clock): Promise<Lease | null> {
  const untilMs = clock.nowMs() + LEASE_WITHIN_MS;
  for (;;) {
    const taken = takeLease(database);
    if (taken.kind === 'held') return taken.lease;
    if (taken.kind === 'impossible') return null;
    if (clock.nowMs() > untilMs) throw new HistoryRefusedError(`${database} is in use by another failoverd`);
    await new Promise<void>((resolve) => clock.setTimer(LEASE_RETRY_MS, resolve));
  }
}

interface Holding extends Entry {
  readonly config: Config;
  readonly deps: DaemonDeps;
  readonly start: StartDaemon;
}

async function hold(first: Daemon, { config, deps, start, lease: held, predecessor }: Holding): Promise<Incumbent> {
  const { log, clock } = deps;
  const database = config.databasePath;
  let daemon = first;
  let lease = held;
  let inForce = config;
  let offer: Offer | null = null;
  let isEnding = false;
  /** While a successor takes over nothing is reloaded. */
  let idle: Promise<unknown> = Promise.resolve();
  let onReplaced = (): void => {};
  const replaced = new Promise<void>((resolve) => {
    onReplaced = resolve;
  });

  const offerPlace = (): Promise<Offer> =>
    offerSuccession({
      database,
      log,
      hello: () => {
        const { version } = deps;
        return { kind: 'hello', protocol: PROTOCOL, pid: process.pid, version, addresses: daemon.addresses };
      },
      onSuccessor: (channel) => {
        const over = handOver(channel);
        idle = over;
        return over;
      },
    });

  const handOver = async (channel: SuccessorChannel): Promise<void> => {
    const obstacle = isEnding ? 'it is about to end' : daemon.unwritten();
    if (obstacle !== null) {
      channel.send({ kind: 'refused', reason: obstacle });
      return channel.close();
    }
    log.info({}, 'a successor takes over: nothing is decided here any more');
    await offer?.close();
    await daemon.retire();
    lease?.release();
    channel.send({ kind: 'released' });
    const reply = await channel.next();
    if (isEnding) return;
    if (reply?.kind === 'answering') {
      await daemon.stop();
      channel.close();
      return onReplaced();
    }
    log.warn({}, 'the successor has gone before it answered');
    lease = await leaseAgain(database, clock);
    daemon = await start(inForce, { ...deps, answering: daemon.dataPlane });
    offer = await offerPlace();
    log.info({}, 'it is decided here again');
  };

  offer = await offerPlace();
  return {
    replaced,
    predecessor: predecessor?.hello.pid ?? null,
    get addresses() {
      return daemon.addresses;
    },
    get adminAddress() {
      return daemon.adminAddress;
    },
    get dataPlane() {
      return daemon.dataPlane;
    },
    onTransition: (listener) => daemon.onTransition(listener),
    status: () => daemon.status(),
    unwritten: () => daemon.unwritten(),
    async reload(next) {
      await idle;
      const reloaded = await daemon.reload(next);
      inForce = next;
      return reloaded;
    },
    reloaded: (outcome) => daemon.reloaded(outcome),
    live: () => daemon.live(),
    retire: () => daemon.retire(),
    async stop() {
      isEnding = true;
      await Promise.all([offer?.close(), daemon.stop()]);
      lease?.release();
    },
    abandon: () => daemon.abandon(),
  };
}

/** A successor that hangs holds it for as long: until it ends the DNS workers go on answering what they have. */
async function leaseAgain(database: string, clock: Clock): Promise<Lease | null> {
  for (;;) {
    const taken = takeLease(database);
    if (taken.kind !== 'taken') return taken.kind === 'held' ? taken.lease : null;
    await new Promise<void>((resolve) => clock.setTimer(LEASE_RETRY_MS, resolve));
  }
}
