import type { Orders } from '../runtime/orders.ts';
import type { HistoryReader, Log } from '../runtime/ports.ts';
import { type EventHandlers, eventRoutes } from './events.ts';
import { insightRoutes } from './insight.ts';
import { type MetricsHandlers, metricsRoutes } from './metrics/routes.ts';
import { type NotifyHandlers, notifyRoutes } from './notify.ts';
import { orderRoutes } from './orders.ts';
import type { Route } from './route.ts';
import { type StateHandlers, stateRoutes } from './state.ts';
import { type SupervisionHandlers, supervisionRoutes } from './supervision.ts';

/** What the API asks of the runtime. A rejection is a bug: it is logged and answered with 500. */
export interface AdminHandlers
  extends SupervisionHandlers,
    StateHandlers,
    EventHandlers,
    NotifyHandlers,
    MetricsHandlers {
  readonly orders: Orders;
  readonly reader: HistoryReader;
}

/** Every route of the admin API. */
export function adminRoutes(handlers: AdminHandlers, log: Log): readonly Route[] {
  return [
    ...supervisionRoutes(handlers),
    ...stateRoutes(handlers),
    ...eventRoutes(handlers),
    ...insightRoutes(handlers),
    ...orderRoutes(handlers.orders, log),
    ...notifyRoutes(handlers),
    ...metricsRoutes(handlers),
  ];
}
