import type { Route } from '../route.ts';

export interface MetricsHandlers {
  /** What `/metrics` answers; null: the config does not want it. */
  readonly metrics: (() => Promise<Uint8Array>) | null;
}

/** Prometheus' text format 0.0.4. */
const TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function metricsRoutes({ metrics }: MetricsHandlers): readonly Route[] {
  if (metrics === null) return [];
  const handle = async () => ({ status: 200, type: TYPE, content: await metrics() });
  const doc = { summary: 'What Prometheus reads', type: TYPE };
  return [{ method: 'GET', path: '/metrics', access: 'read', doc, handle }];
}
