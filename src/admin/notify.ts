/** Tries out who is told of what happens. */
import type { NotifyTest } from '../runtime/status.ts';
import { readJson, readOrder } from './orders.ts';
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
      async handle(request) {
        const body = readJson(request);
        const order = typeof body === 'string' ? body : readOrder(body);
        if (typeof order === 'string') return problem(400, order);
        return { status: 200, body: { deliveries: await testNotify(order.actor) } };
      },
    },
  ];
}
