import type { Socket } from 'node:net';
import type { EndpointSpec } from '../core/check.ts';
import type { ProbeReport } from '../core/outcome.ts';
import type { Clock, Log, OnReport, Prober } from '../runtime/ports.ts';
import { Attempt, type Probe } from './attempt.ts';
import { Heartbeat } from './heartbeat.ts';
import { httpConnection, httpProbe } from './http.ts';
import { Scheduler } from './scheduler.ts';
import { type OpenConnection, Sentinel } from './sentinel.ts';
import { tcpConnection, tcpProbe } from './tcp.ts';

export interface ProberOptions {
  readonly clock: Clock;
  /** From 0, below 1: for the jitter. */
  readonly random: () => number;
  /** Probes that run at once, at most. */
  readonly concurrency: number;
  /** failoverd's, for the User-Agent. */
  readonly version: string;
  readonly onReport: OnReport;
  readonly log: Log;
}

/** The prober as it runs: real sockets, driven by node-cron. */
export function createProber({ clock, random, concurrency, version, onReport, log }: ProberOptions): Prober {
  const context = { clock, sockets: new Set<Socket>() };
  return new Scheduler({
    context,
    heartbeat: new Heartbeat(clock, log),
    random,
    concurrency,
    onReport,
    probeOf: (endpoint) => probeOf(endpoint, version),
    sentinelOf: (endpoint, onLost) => new Sentinel(context, endpoint, connectionTo(endpoint), onLost),
  });
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
    probeOf(endpoint, version)(attempt);
  });
}

function probeOf(endpoint: EndpointSpec, version: string): Probe {
  const { check } = endpoint;
  return check.kind === 'http' ? httpProbe(endpoint, check, version) : tcpProbe(endpoint, check);
}

function connectionTo(endpoint: EndpointSpec): OpenConnection {
  const { check } = endpoint;
  return check.kind === 'http' ? httpConnection(endpoint, check) : tcpConnection(endpoint, check);
}
