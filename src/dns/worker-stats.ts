/** The sums of what is counted. */
import { addLatency, NO_LATENCY } from '../core/latency.ts';
import type { WorkerStats } from './protocol.ts';
import type { ResponderStats } from './responder.ts';
import type { TcpStats } from './tcp.ts';
import type { UdpSocketStats } from './udp-socket.ts';

type Counts = Readonly<Record<string, number>>;

export const NO_STATS: WorkerStats = {
  queries: { udp: 0, tcp: 0 },
  responses: {},
  responsesOverTcp: {},
  slips: 0,
  drops: {},
  latency: NO_LATENCY,
  tcpConnections: 0,
};

export function addStats(a: WorkerStats, b: WorkerStats): WorkerStats {
  return {
    queries: { udp: a.queries.udp + b.queries.udp, tcp: a.queries.tcp + b.queries.tcp },
    responses: addCounts(a.responses, b.responses),
    responsesOverTcp: addCounts(a.responsesOverTcp, b.responsesOverTcp),
    slips: a.slips + b.slips,
    latency: addLatency(a.latency, b.latency),
    drops: addCounts(a.drops, b.drops),
    tcpConnections: a.tcpConnections + b.tcpConnections,
  };
}

/** What was counted before, without what was there only then. */
export function settled(stats: WorkerStats): WorkerStats {
  return { ...stats, tcpConnections: 0 };
}

export function ofResponder(stats: ResponderStats): WorkerStats {
  return { ...NO_STATS, ...stats };
}

export function ofUdp({ dropped, errors }: UdpSocketStats): WorkerStats {
  const drops = { too_long: dropped.tooLong, port: dropped.sourcePort, ...prefixed('udp_', errors) };
  return { ...NO_STATS, drops: nonZero(drops) };
}

export function ofTcp({ connections, closed }: TcpStats): WorkerStats {
  return { ...NO_STATS, drops: nonZero(prefixed('tcp_', closed)), tcpConnections: connections };
}

function addCounts(a: Counts, b: Counts): Counts {
  const sum: Record<string, number> = { ...a };
  for (const [name, count] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

function prefixed(prefix: string, counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [`${prefix}${name.toLowerCase()}`, count]));
}

function nonZero(counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
