/** Tries out who is told of what happens. */
import type { NotifyTest } from '../runtime/status.ts';
import { readOrdered } from './order-body.ts';
import { problem } from './problem.ts';
import type { Route } from './route.ts';

export interface NotifyHandlers {
  /** Sends a test to every sink; settles when each has answered, or too late. */
  testNotify(actor: string): Promise<readonly NotifyTest[]>;
}

export function notifyRoutes({ testNotify }: NotifyHandlers): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/api/v1/notify/test',
      access: 'write',
      doc: {
        summary: 'Sends a test to everybody who is notified',
        body: 'notifyTestBody',
        answer: 'notifyTestAnswer',
        problems: [400],
      },
      async handle(request) {
        const ordered = readOrdered(request);
        if (typeof ordered === 'string') return problem(400, ordered);
        return { status: 200, body: { deliveries: await testNotify(ordered.order.actor) } };
      },
    },
  ];
}
