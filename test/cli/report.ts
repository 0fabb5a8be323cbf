/** A status report to vary. Its time is 12:03:53. */
import type { EndpointStatus, RecordStatus, StatusReport, TargetStatus } from '../../src/runtime/status.ts';

export function target(name: string, address: string, over: Partial<EndpointStatus> = {}): TargetStatus {
  const endpoint: EndpointStatus = {
    id: `${address} #1`,
    address,
    check: 'GET http://app.example.com/healthz',
    timeoutMs: 2000,
    status: 'up',
    progress: { count: 0, of: 3 },
    since: '2026-01-31T12:00:41.000Z',
    lastProbe: { at: '2026-01-31T12:03:51.000Z', outcome: 'pass', elapsedMs: 12 },
    ...over,
  };
  return { name, status: endpoint.status, drained: false, endpoints: [endpoint] };
}

export function record(name: string, over: Partial<RecordStatus> = {}): RecordStatus {
  return {
    generation: 1,
    record: name,
    zone: 'example.com',
    ttlSeconds: 10,
    family: '',
    activeTarget: 'primary',
    addresses: ['192.0.2.10'],
    allDown: false,
    since: '2026-01-31T12:00:41.000Z',
    reason: 'first probe passed',
    cause: 'start',
    override: null,
    targets: [target('primary', '192.0.2.10')],
    ...over,
  };
}

export const REPORT: StatusReport = {
  version: '0.1.0',
  startedAt: '2026-01-31T11:00:00.000Z',
  now: '2026-01-31T12:03:53.000Z',
  verdict: 'ok',
  listen: ['127.0.0.1:53', '[::1]:53'],
  configPath: '/etc/failoverd.yaml',
  generation: 1,
  reloads: { succeeded: 0, failed: 0 },
  records: [record('app.example.com')],
  zones: [{ zone: 'example.com', serial: 1_769_860_841 }],
  secondaries: [],
  alarms: [],
  sinks: [],
  prober: { endpoints: 2, running: 0, waiting: 0, lagMs: 0 },
  sight: 'clear',
  witnesses: [],
  history: { status: 'ok' },
  dataPlane: {
    workers: 1,
    sockets: 'dgram',
    queries: { udp: 0, tcp: 0 },
    responses: {},
    drops: {},
    responsesOverTcp: {},
    slips: 0,
    latency: { counts: [], sumMs: 0 },
    tcpConnections: 0,
    workerRestarts: 0,
  },
};
