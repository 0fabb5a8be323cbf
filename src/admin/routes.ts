import type { HealthReport } from '../runtime/liveness.ts';
import type { Orders } from '../runtime/orders.ts';
import type { Log } from '../runtime/ports.ts';
import type { StatusReport } from '../runtime/status.ts';
import { orderRoutes } from './orders.ts';
import type { Response, Route } from './route.ts';

/** What the API asks of the runtime. A rejection is a bug: it is logged and answered with 500. */
export interface AdminHandlers {
  status(): Promise<StatusReport>;
  /** The loop is alive and the DNS workers answer; otherwise a supervisor should restart the process. */
  live(): Promise<HealthReport>;
  /** Every record has an answer, so that clients can be sent here. */
  ready(): Promise<HealthReport>;
  readonly orders: Orders;
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
    ...orderRoutes(handlers.orders, log),
  ];
}

function healthResponse(report: HealthReport): Response {
  return { status: report.ok ? 200 : 503, body: report };
}
