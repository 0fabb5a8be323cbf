/** What load balancers and supervisors ask: without a token, and without a word about the service behind it. */
import type { HealthReport } from '../runtime/liveness.ts';
import type { Response, Route } from './route.ts';

export interface SupervisionHandlers {
  /** The loop is alive and the DNS workers answer; otherwise a supervisor should restart the process. */
  live(): Promise<HealthReport>;
  /** Every record has an answer, so that clients can be sent here. */
  ready(): Promise<HealthReport>;
}

export function supervisionRoutes({ live, ready }: SupervisionHandlers): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/livez',
      access: 'open',
      doc: { summary: 'Whether the process does its work; 503 when not', answer: 'health' },
      handle: async () => healthResponse(await live()),
    },
    {
      method: 'GET',
      path: '/readyz',
      access: 'open',
      doc: { summary: 'Whether every record has an answer; 503 when not', answer: 'health' },
      handle: async () => healthResponse(await ready()),
    },
  ];
}

function healthResponse(report: HealthReport): Response {
  return { status: report.ok ? 200 : 503, body: report };
}
