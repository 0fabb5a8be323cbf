import type { HealthReport } from '../runtime/liveness.ts';
import type { StatusReport } from '../runtime/status.ts';
import type { Response, Route } from './route.ts';

/** What the API asks of the runtime. A rejection is a bug: it is logged and answered with 500. */
export interface AdminHandlers {
  status(): Promise<StatusReport>;
  /** The loop is alive and the DNS workers answer; otherwise a supervisor should restart the process. */
  live(): Promise<HealthReport>;
  /** Every record has an answer, so that clients can be sent here. */
  ready(): Promise<HealthReport>;
}

/** Every route of the admin API. */
export function adminRoutes(handlers: AdminHandlers): readonly Route[] {
  return [
    { method: 'GET', path: '/livez', access: 'open', handle: async () => healthResponse(await handlers.live()) },
    { method: 'GET', path: '/readyz', access: 'open', handle: async () => healthResponse(await handlers.ready()) },
    {
      method: 'GET',
      path: '/api/v1/status',
      access: 'read',
      handle: async () => ({ status: 200, body: await handlers.status() }),
    },
  ];
}

function healthResponse(report: HealthReport): Response {
  return { status: report.ok ? 200 : 503, body: report };
}
