/** A dashboard with an API behind it whose state a test makes up: what is shown can be anything, at once. */
import type { Test } from 'tap';
import { fileRoutes, loadDashboard } from '../../src/admin/dashboard/files.ts';
import type { Outlet, Request, Response, Route } from '../../src/admin/route.ts';
import { type AdminServer, createAdminServer } from '../../src/admin/server.ts';
import type { RecordStatus, StatusReport, TargetStatus } from '../../src/runtime/status.ts';
import { memoryLog } from '../history/helpers.ts';

export interface DashboardWorld {
  readonly url: string;
  /** What `GET` answers by path, to be changed at any time; an absent one is 404. */
  readonly answers: Record<string, unknown>;
  /** The orders that came in. */
  readonly orders: { readonly path: string; readonly body: Record<string, unknown> }[];
  emit(kind: string, data: unknown): void;
  /** Ends the server and every stream. */
  stop(): Promise<void>;
  /** Starts it again on the same port. */
  restart(): Promise<void>;
}

export async function startWorld(t: Pick<Test, 'teardown'>, report: StatusReport): Promise<DashboardWorld> {
  const outlets = new Set<Outlet>();
  const answers: Record<string, unknown> = {
    '/api/v1/status': report,
    '/api/v1/session': { required: 'none', signedIn: false },
    '/api/v1/transitions': { transitions: [], next: null },
    '/api/v1/audit': { entries: [], next: null },
    '/api/v1/alarms': { alarms: [], resolved: [] },
    '/api/v1/probes': { probes: [], next: null },
    '/api/v1/availability': { records: [] },
  };
  const orders: DashboardWorld['orders'] = [];
  const reads = Object.keys(answers).map((path) => read(path, answers));
  const write = (path: string): Route => ({
    method: 'POST',
    path,
    access: 'write',
    doc: null,
    handle: async (r) => order(path, r),
  });
  const order = (path: string, { params, body }: Request): Response => {
    const text = JSON.parse(body.toString('utf8'));
    if (text.dryRun !== true) orders.push({ path: fill(path, params), body: text });
    const preview = answers.preview ?? { detail: 'there is no preview' };
    return text.dryRun === true
      ? { status: 'detail' in (preview as object) ? 409 : 200, body: preview }
      : { status: 200, body: {} };
  };
  const events: Route = {
    method: 'GET',
    path: '/api/v1/events',
    access: 'read',
    doc: null,
    handle: async () => ({
      status: 200,
      type: 'text/event-stream',
      stream(outlet) {
        outlets.add(outlet);
        outlet.write(':\n\n');
        return () => outlets.delete(outlet);
      },
    }),
  };
  const orderPaths = ['switch', 'release', 'failback', 'drill', 'targets/{target}/drain', 'targets/{target}/undrain'];
  const routes = [
    ...fileRoutes(await loadDashboard()),
    ...reads,
    read('/api/v1/transitions/{id}', answers),
    events,
    ...orderPaths.map((path) => write(`/api/v1/records/{record}/${path}`)),
  ];
  const start = async (port: number): Promise<AdminServer> => {
    const listen = { host: '127.0.0.1', port };
    const options = { token: null, publicRead: false, isSignedIn: () => false, version: '0', log: memoryLog() };
    const started = await createAdminServer({ ...options, listen, routes });
    if (!started.ok) throw new Error(started.reason);
    return started.server;
  };
  let server = await start(0);
  const { port } = server.address;
  const stop = async (): Promise<void> => {
    for (const outlet of outlets) outlet.end();
    await server.close();
  };
  t.teardown(stop);
  return {
    url: `http://127.0.0.1:${port}`,
    answers,
    orders,
    emit(kind, data) {
      for (const outlet of outlets) outlet.write(`event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`);
    },
    stop,
    async restart() {
      server = await start(port);
    },
  };
}

function read(path: string, answers: Readonly<Record<string, unknown>>): Route {
  return {
    method: 'GET',
    path,
    access: 'read',
    doc: null,
    handle: async ({ params }) => {
      const body = answers[fill(path, params)];
      return body === undefined ? { status: 404, body: { detail: 'there is no such thing' } } : { status: 200, body };
    },
  };
}

function fill(path: string, params: Readonly<Record<string, string>>): string {
  return path.replace(/\{(\w+)\}/g, (_, name) => params[name] ?? '');
}

/** A report of these records, as of now. */
export function reportOf(records: readonly RecordStatus[], over: Partial<StatusReport> = {}): StatusReport {
  return {
    version: '0.1.0',
    startedAt: ago(7_400_000),
    now: ago(0),
    verdict: 'ok',
    listen: ['127.0.0.1:5353'],
    configPath: '/etc/failoverd/failoverd.yaml',
    generation: 3,
    reloads: { succeeded: 2, failed: 0 },
    records,
    zones: [{ zone: 'example.com', serial: 1_790_000_123 }],
    secondaries: [],
    alarms: [],
    sinks: [],
    sight: 'clear',
    witnesses: [],
    prober: { endpoints: 2 * records.length, running: 1, waiting: 0, lagMs: 0 },
    history: { status: 'ok' },
    dataPlane: {
      workers: 2,
      sockets: 'batched',
      queries: { udp: 128_411, tcp: 812 },
      responses: { NOERROR: 129_001, NXDOMAIN: 222 },
      drops: {},
      responsesOverTcp: {},
      slips: 0,
      latency: { counts: [], sumMs: 0 },
      tcpConnections: 3,
      workerRestarts: 0,
    },
    ...over,
  };
}

/** A record whose primary is up since two hours, and what differs from that. */
export function recordOf(name: string, over: Partial<RecordStatus> = {}): RecordStatus {
  return {
    record: name,
    zone: 'example.com',
    ttlSeconds: 10,
    family: '',
    activeTarget: 'primary',
    addresses: ['192.0.2.10'],
    allDown: false,
    since: ago(7_390_000),
    reason: 'the first probes passed',
    cause: 'start',
    override: null,
    targets: [targetOf('primary', '192.0.2.10'), targetOf('backup', '198.51.100.20')],
    ...over,
  } as RecordStatus;
}

/** The same on its backup: its primary has refused since a few seconds. */
export function failedOver(name: string, over: Partial<RecordStatus> = {}): RecordStatus {
  return recordOf(name, {
    activeTarget: 'backup',
    addresses: ['198.51.100.20'],
    since: ago(2_000),
    cause: 'failover',
    reason: 'primary 192.0.2.10: refused ×3',
    targets: [targetOf('primary', '192.0.2.10', 'down'), targetOf('backup', '198.51.100.20')],
    ...over,
  });
}

export function targetOf(name: string, address: string, status: TargetStatus['status'] = 'up'): TargetStatus {
  const outcome = status === 'down' ? 'refused (connect) connection refused' : 'pass';
  const endpoint = {
    id: `${address} #${name}`,
    address,
    check: 'GET https://app.example.com/healthz',
    timeoutMs: 2_000,
    status,
    progress: { count: 0, of: status === 'down' ? 2 : 3 },
    since: ago(status === 'down' ? 2_100 : 7_390_000),
    lastProbe: { at: ago(900), outcome, elapsedMs: 14 },
  };
  return { name, status, drained: false, endpoints: [endpoint] };
}

/** A time so many milliseconds ago. */
export function ago(ms: number): string {
  return new Date(Date.now() - ms).toISOString();
}
