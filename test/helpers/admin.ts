import type { Test } from 'tap';
import { type AdminHandlers, adminRoutes } from '../../src/admin/routes.ts';
import { type AdminOptions, type AdminServer, createAdminServer } from '../../src/admin/server.ts';
import { createEvents } from '../../src/runtime/events.ts';
import type { AuditEntry, HistoryReader } from '../../src/runtime/ports.ts';
import { clock, type Line, memoryLog } from '../history/helpers.ts';
import { fakeOrders } from './orders.ts';

/** What stands behind the routes of an admin API; a test gives what it asks for. */
export function fakeHandlers(over: Partial<AdminHandlers> = {}): AdminHandlers {
  const notAsked = async (): Promise<never> => {
    throw new Error('not asked here');
  };
  return {
    status: notAsked,
    live: async () => ({ ok: true, failing: [] }),
    ready: async () => ({ ok: true, failing: [] }),
    version: '0.1.0',
    log: memoryLog(),
    orders: fakeOrders(),
    generation: () => 3,
    records: notAsked,
    record: () => null,
    recordSpecs: () => [],
    alarms: { list: () => [], resolved: () => [] },
    availability: notAsked,
    audit: async () => 'committed',
    reload: notAsked,
    probeNow: () => null,
    zone: () => null,
    reader: fakeReader(),
    events: createEvents(clock),
    clock,
    testNotify: notAsked,
    metrics: null,
    ...over,
  };
}

/** An audit that only remembers. */
export function auditInto(audited: AuditEntry[]): AdminHandlers['audit'] {
  return async (entry) => {
    audited.push(entry);
    return 'committed';
  };
}

/** An empty database. */
export function fakeReader(over: Partial<HistoryReader> = {}): HistoryReader {
  return {
    transitions: async () => ({ ok: true, value: [] }),
    transition: async () => ({ ok: true, value: null }),
    probes: async () => ({ ok: true, value: [] }),
    explanation: async () => ({ ok: true, value: null }),
    drill: async () => ({ ok: true, value: null }),
    audit: async () => ({ ok: true, value: [] }),
    timeline: async () => ({ ok: true, value: [] }),
    upFractions: async () => ({ ok: true, value: [] }),
    ...over,
  };
}

export type ServedAdmin = AdminServer & { readonly url: string; readonly log: { readonly lines: readonly Line[] } };

/** An admin API on a free port of 127.0.0.1, until the test ends. */
export async function serveAdmin(
  t: Test,
  handlers: AdminHandlers = fakeHandlers(),
  over: Partial<AdminOptions> = {},
): Promise<ServedAdmin> {
  const log = memoryLog();
  const listen = { host: '127.0.0.1', port: 0 };
  const routes = adminRoutes({ ...handlers, log });
  const started = await createAdminServer({
    listen,
    token: null,
    publicRead: false,
    isSignedIn: () => false,
    version: '0.1.0',
    log,
    routes,
    ...over,
  });
  if (!started.ok) throw new Error(started.reason);
  t.teardown(() => started.server.close());
  return { ...started.server, log, url: `http://127.0.0.1:${started.server.address.port}` };
}
