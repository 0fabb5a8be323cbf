import { type Metric, Registry } from 'prom-client';
import { METRICS, type MetricName } from './catalogue.ts';
import type { Sample } from './samples.ts';

/** Prometheus' text format, of every metric: those without a sample show that they exist. */
export function render(samples: readonly Sample[]): Promise<string> {
  const registry = new Registry();
  const byMetric = Map.groupBy(samples, ({ metric }) => metric);
  for (const [name, { type, help }] of Object.entries(METRICS)) {
    const values = (byMetric.get(name as MetricName) ?? []).map(({ labels, value, suffix }) => {
      return suffix === undefined ? { labels, value } : { labels, value, metricName: name + suffix };
    });
    // The numbers are counted elsewhere; prom-client has them in the shape of its own metrics.
    const metric = { name, help, type, get: async () => ({ name, help, type, values, aggregator: 'sum' }) };
    registry.registerMetric(metric as unknown as Metric);
  }
  return registry.metrics();
}
