import { formatZone } from '../core/master-file.ts';
import { type OwnerName, parseOwnerName } from '../core/name.ts';
import type { ZoneContent } from '../core/zone.ts';
import type { HealthReport } from '../runtime/liveness.ts';
import type { Orders } from '../runtime/orders.ts';
import type { Log } from '../runtime/ports.ts';
import type { StatusReport } from '../runtime/status.ts';
import { orderRoutes } from './orders.ts';
import { problem } from './problem.ts';
import type { Response, Route } from './route.ts';

/** What the API asks of the runtime. A rejection is a bug: it is logged and answered with 500. */
export interface AdminHandlers {
  status(): Promise<StatusReport>;
  /** The loop is alive and the DNS workers answer; otherwise a supervisor should restart the process. */
  live(): Promise<HealthReport>;
  /** Every record has an answer, so that clients can be sent here. */
  ready(): Promise<HealthReport>;
  readonly orders: Orders;
  /** A zone as it is served now; null for one that is not served. */
  zone(apex: OwnerName): ZoneContent | null;
}

/** Every route of the admin API. */
export function adminRoutes(handlers: AdminHandlers, log: Log): readonly Route[] {
  return [
    { method: 'GET', path: '/livez', access: 'open', handle: async () => healthResponse(await handlers.live()) },
    { method: 'GET', path: '/readyz', access: 'open', handle: async () => healthResponse(await handlers.ready()) },
    {
      method: 'GET',
      path: '/api/v1/status',
      access: 'read',
      handle: async () => ({ status: 200, body: await handlers.status() }),
    },
    {
      method: 'GET',
      path: '/api/v1/zones/{zone}',
      access: 'read',
      handle: async ({ params: { zone = '' } }) => zoneResponse(zone, handlers),
    },
    ...orderRoutes(handlers.orders, log),
  ];
}

/** The zone as a master file (RFC 1035 §5.1), whole. */
function zoneResponse(text: string, handlers: AdminHandlers): Response {
  const apex = parseOwnerName(text);
  const content = apex.ok ? handlers.zone(apex.value) : null;
  if (content === null) return problem(404, `no zone "${text}" is served`);
  return { status: 200, body: { zone: content.apex, serial: content.soa.serial, masterFile: formatZone(content) } };
}

function healthResponse(report: HealthReport): Response {
  return { status: report.ok ? 200 : 503, body: report };
}
