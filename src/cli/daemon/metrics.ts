import { createMetricsWriter } from '../../admin/metrics/writer.ts';
import { watchProcess } from '../../runtime/metrics-report.ts';
import type { HistoryUpkeep } from '../../runtime/ports.ts';
import type { StatusReport } from '../../runtime/status.ts';
import type { Tally } from '../../runtime/tally.ts';

export interface MetricsDeps {
  readonly status: () => Promise<StatusReport>;
  readonly tally: Tally;
  readonly history: Pick<HistoryUpkeep, 'stats'>;
  readonly startedAtEpochMs: number;
}

export interface Metrics {
  /** In Prometheus' text format. */
  scrape(): Promise<Uint8Array>;
  stop(): Promise<void>;
}

export function createMetrics({ tally, history, startedAtEpochMs, ...deps }: MetricsDeps): Metrics {
  const writer = createMetricsWriter();
  const watch = watchProcess(startedAtEpochMs);
  return {
    async scrape() {
      const status = await deps.status();
      const endpoints = status.records.flatMap(({ targets }) => targets.flatMap((target) => target.endpoints));
      const ids = new Set(endpoints.map(({ id }) => id));
      tally.keepOnly((id) => ids.has(id));
      return writer.write({
        status,
        tally: tally.report(),
        history: history.stats(),
        process: watch.report(),
        nodeVersion: process.version,
      });
    },
    async stop() {
      watch.stop();
      await writer.close();
    },
  };
}
