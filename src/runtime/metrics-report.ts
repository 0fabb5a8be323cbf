/** What metrics are made of, beside the status: plain data. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { HistoryStats } from './ports.ts';
import type { StatusReport } from './status.ts';
import type { TallyReport } from './tally.ts';

export interface MetricsReport {
  readonly status: StatusReport;
  readonly tally: TallyReport;
  readonly history: HistoryStats;
  readonly process: ProcessReport;
  readonly nodeVersion: string;
}

export interface ProcessReport {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly startedAtEpochMs: number;
  /** Since the last report. */
  readonly loopDelayMs: { readonly p99: number; readonly max: number };
}

/** How often the event loop is looked at; it is late by what goes beyond. */
const RESOLUTION_MS = 20;

/** Watches this process. */
export interface ProcessWatch {
  report(): ProcessReport;
  stop(): void;
}

export function watchProcess(startedAtEpochMs: number): ProcessWatch {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  return {
    report() {
      const { user, system } = process.cpuUsage();
      const loopDelayMs = { p99: late(delay.percentile(99)), max: late(delay.max) };
      delay.reset();
      return {
        cpuSeconds: (user + system) / 1e6,
        residentBytes: process.memoryUsage.rss(),
        startedAtEpochMs,
        loopDelayMs,
      };
    },
    stop: () => void delay.disable(),
  };
}
