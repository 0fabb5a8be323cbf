/** Tries out who is told of what happens. */
import type { Clock } from '../runtime/ports.ts';
import type { NotifyTest } from '../runtime/status.ts';
import { type Audit, readOrdered } from './order-body.ts';
import { problem } from './problem.ts';
import type { Route } from './route.ts';

export interface NotifyHandlers {
  readonly clock: Pick<Clock, 'epochMs'>;
  readonly audit: Audit;
  /** Sends a test to every sink; settles when each has answered, or too late. */
  testNotify(actor: string): Promise<readonly NotifyTest[]>;
}

export function notifyRoutes({ clock, audit, testNotify }: NotifyHandlers): readonly Route[] {
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
        const { order } = ordered;
        const deliveries = await testNotify(order.actor);
        const delivered = deliveries.filter((each) => each.delivered).length;
        const entry = {
          ...order,
          action: 'notify test',
          record: null,
          detail: { sinks: deliveries.length, delivered },
        };
        await audit({ atEpochMs: clock.epochMs(), ...entry, outcome: 'done' });
        return { status: 200, body: { deliveries } };
      },
    },
  ];
}
