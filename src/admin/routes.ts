import type { Clock, HistoryReader } from '../runtime/ports.ts';
import { type EventHandlers, eventRoutes } from './events.ts';
import { type HistoryHandlers, historyRoutes } from './history.ts';
import { type InsightHandlers, insightRoutes } from './insight.ts';
import { type MetricsHandlers, metricsRoutes } from './metrics/routes.ts';
import { type NotifyHandlers, notifyRoutes } from './notify.ts';
import { openApiRoute } from './openapi-route.ts';
import { type OrderHandlers, orderRoutes } from './orders.ts';
import type { Route } from './route.ts';
import { type StateHandlers, stateRoutes } from './state.ts';
import { type SupervisionHandlers, supervisionRoutes } from './supervision.ts';
import { type UpkeepHandlers, upkeepRoutes } from './upkeep.ts';

/** What the API asks of the runtime. A rejection is a bug: it is logged and answered with 500. */
export interface AdminHandlers
  extends SupervisionHandlers,
    StateHandlers,
    HistoryHandlers,
    InsightHandlers,
    EventHandlers,
    OrderHandlers,
    UpkeepHandlers,
    NotifyHandlers,
    MetricsHandlers {
  readonly reader: HistoryReader;
  readonly clock: Pick<Clock, 'epochMs' | 'setTimer'>;
  /** failoverd's. */
  readonly version: string;
}

/** Every route of the admin API. */
export function adminRoutes(handlers: AdminHandlers): readonly Route[] {
  const routes: readonly Route[] = [
    openApiRoute(() => routes, handlers.version),
    ...supervisionRoutes(handlers),
    ...stateRoutes(handlers),
    ...historyRoutes(handlers),
    ...eventRoutes(handlers),
    ...insightRoutes(handlers),
    ...orderRoutes(handlers),
    ...upkeepRoutes(handlers),
    ...notifyRoutes(handlers),
    ...metricsRoutes(handlers),
  ];
  return routes;
}
