import type { Socket } from 'node:net';
import type { CheckSpec, EndpointSpec } from '../core/check.ts';
import type { ProbeReport } from '../core/outcome.ts';
import type { Sight } from '../core/sight.ts';
import type {
  Clock,
  Log,
  NextProbe,
  OnReport,
  OnSight,
  Prober,
  ProberSettings,
  ProberStats,
  WitnessReport,
} from '../runtime/ports.ts';
import { Attempt, type Probe, type ProbeContext } from './attempt.ts';
import { Heartbeat } from './heartbeat.ts';
import { httpConnection, httpProbe } from './http.ts';
import { Names } from './names.ts';
import { Scheduler, type SchedulerOptions } from './scheduler.ts';
import { type OpenConnection, Sentinel } from './sentinel.ts';
import { tcpConnection, tcpProbe } from './tcp.ts';
import { Witnesses } from './witnesses.ts';

export interface ProberOptions {
  readonly clock: Clock;
  /** From 0, below 1: for the jitter. */
  readonly random: () => number;
  /** failoverd's, for the User-Agent. */
  readonly version: string;
  readonly settings: ProberSettings;
  readonly onReport: OnReport;
  readonly onSight: OnSight;
  readonly log: Log;
}

/** The prober as it runs: real sockets, driven by node-cron. */
export function createProber(options: ProberOptions): Prober {
  const prober = new SightedProber(options);
  prober.configure(options.settings);
  return prober;
}

/**
 * The endpoints' schedule and the witnesses' own beside it, on one heartbeat: what the witnesses say must not wait for a
 * place among the endpoints.
 */
class SightedProber implements Prober {
  readonly #sockets = new Set<Socket>();
  readonly #heartbeat: Heartbeat;
  readonly #witnesses: Witnesses;
  readonly #asked: Scheduler;
  readonly #scheduler: Scheduler;
  readonly #onReport: OnReport;
  /** The endpoints whose last conclusive probe failed. */
  readonly #failing = new Set<string>();

  constructor({ clock, random, version, onReport, onSight, log }: ProberOptions) {
    const context: ProbeContext = { clock, sockets: this.#sockets };
    const names = new Names(clock);
    const probeOf = probesOf(version);
    const sentinelOf: SchedulerOptions['sentinelOf'] = (endpoint, onLost) =>
      new Sentinel(context, endpoint, connectionTo(endpoint), onLost);
    this.#onReport = onReport;
    this.#heartbeat = new Heartbeat(clock, log);
    this.#witnesses = new Witnesses({ clock, probeNow: (id) => this.#asked.probeNow(id), onSight });
    this.#asked = new Scheduler({
      context,
      random,
      sentinelOf,
      probeOf: ({ check }) => byName(probeOf(check), names),
      onReport: (report) => this.#witnesses.report(report),
    });
    this.#scheduler = new Scheduler({
      context,
      random,
      sentinelOf,
      probeOf: ({ check }) => probeOf(check),
      onReport: (report) => this.#report(report),
    });
  }

  setEndpoints(endpoints: readonly EndpointSpec[]): void {
    this.#scheduler.setEndpoints(endpoints);
    const ids = new Set(endpoints.map(({ id }) => id));
    for (const id of this.#failing) if (!ids.has(id)) this.#failing.delete(id);
  }

  configure({ concurrency, witnesses, blindWhen }: ProberSettings): void {
    this.#scheduler.setConcurrency(concurrency);
    this.#witnesses.configure(witnesses, blindWhen);
    this.#asked.setEndpoints(this.#witnesses.endpoints);
  }

  probeNow(endpointId: string): void {
    this.#scheduler.probeNow(endpointId);
  }

  start(): void {
    this.#scheduler.start();
    this.#asked.start();
    this.#heartbeat.start(() => {
      this.#asked.tick();
      this.#scheduler.tick();
    });
  }

  async stop(): Promise<void> {
    this.#heartbeat.stop();
    this.#scheduler.stop();
    this.#asked.stop();
    await Promise.all([...this.#sockets].map(closed));
  }

  stats(): ProberStats {
    return this.#scheduler.stats();
  }

  sight(): Sight {
    return this.#witnesses.sight;
  }

  witnesses(): readonly WitnessReport[] {
    return this.#witnesses.reports();
  }

  /** The witnesses are asked before the first fail is counted, for it may be what takes the endpoint down. */
  #report(report: ProbeReport): NextProbe {
    const { endpointId, outcome } = report;
    if (outcome.outcome === 'pass') this.#failing.delete(endpointId);
    if (outcome.outcome === 'fail' && !this.#failing.has(endpointId)) {
      this.#failing.add(endpointId);
      this.#witnesses.ask();
    }
    const next = this.#onReport(report);
    // What is to be confirmed is suspect still. An endpoint that is down for long leaves the witnesses in peace.
    if (next === 'confirm') this.#witnesses.ask();
    return next;
  }
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once('close', () => resolve()));
}

/** One attempt, at once, beside any schedule; settles when its socket is closed too. */
export function probeOnce(endpoint: EndpointSpec, clock: Clock, version: string): Promise<ProbeReport> {
  const sockets = new Set<Socket>();
  return new Promise((resolve) => {
    const attempt = new Attempt({ clock, sockets }, endpoint, 'manual', (report) => {
      const [socket] = sockets;
      if (socket === undefined) resolve(report);
      else socket.once('close', () => resolve(report));
    });
    probeOf(endpoint.check, version)(attempt, endpoint);
  });
}

function probeOf(check: CheckSpec, version: string): Probe {
  return check.kind === 'http' ? httpProbe(check, version) : tcpProbe(check);
}

/** One probe for each check, for as long as that is there: thousands of endpoints may have it, and some of it is dear to make. */
function probesOf(version: string): (check: CheckSpec) => Probe {
  const probes = new WeakMap<CheckSpec, Probe>();
  return (check) => {
    const probe = probes.get(check) ?? probeOf(check, version);
    probes.set(check, probe);
    return probe;
  };
}

/** A witness may be given by name: its probe begins with the address. */
function byName(probe: Probe, names: Names): Probe {
  return (attempt, { address: name }) =>
    names.address(name, (error, found) => {
      if (attempt.ended) return;
      if (found === null) attempt.fail(error ?? new Error(`no address for ${name}`));
      else probe(attempt, { address: found.address, family: found.family === 6 ? 6 : 4 });
    });
}

function connectionTo(endpoint: EndpointSpec): OpenConnection {
  const { check } = endpoint;
  return check.kind === 'http' ? httpConnection(endpoint, check) : tcpConnection(endpoint, check);
}
