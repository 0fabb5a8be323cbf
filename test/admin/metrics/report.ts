/** A report in which every metric has something to show. */
import { ANSWER_BOUNDS_MS, createLatencyCounter } from '../../../src/core/latency.ts';
import type { MetricsReport } from '../../../src/runtime/metrics-report.ts';
import { createTally } from '../../../src/runtime/tally.ts';
import { REPORT } from '../../cli/report.ts';
import { PROBE, transition } from '../../history/helpers.ts';

/** What stands in the config's label values and could break the format. */
export const ODD_NAME = 'back"up\\\n';

const latency = createLatencyCounter(ANSWER_BOUNDS_MS);
latency.count(0.02, 64);
latency.count(300, 1);

export function fullReport(): MetricsReport {
  const [record] = REPORT.records;
  if (!record) throw new Error('the sample has no record');
  const tally = createTally();
  tally.transition(transition(1));
  const targets = [...record.targets, { name: ODD_NAME, status: 'up' as const, drained: false, endpoints: [] }];
  const endpoints = targets.flatMap((target) => target.endpoints);
  for (const { id: endpointId } of endpoints) {
    tally.probe({ ...PROBE, endpointId, certificateExpiresAtEpochMs: Date.UTC(2027, 0, 1) });
  }
  const secondary = { zone: 'app.example.com', address: '198.51.100.53:53', serial: 5, status: 'behind' as const };
  return {
    status: {
      ...REPORT,
      records: [{ ...record, targets }],
      zones: [{ zone: 'app.example.com', serial: 7 }],
      secondaries: [{ ...secondary, acknowledgedMs: 1, lagMs: 20, problem: null }],
      alarms: [{ name: 'backup_down', subject: 'x', message: 'y', since: REPORT.now }],
      sinks: [
        {
          ...{ sink: 'slack #1a2b3c4d', format: 'slack', waiting: 1, delivered: 2, failedAttempts: 3, expired: 4 },
          ...{ lastDeliveredAt: null, failing: null },
        },
      ],
      dataPlane: {
        ...REPORT.dataPlane,
        queries: { udp: 65, tcp: 1 },
        responses: { NOERROR: 60, NXDOMAIN: 1 },
        responsesOverTcp: { NOERROR: 1 },
        drops: { rate_limited: 3, qr: 1 },
        slips: 2,
        latency: latency.read(),
      },
    },
    tally: tally.report(),
    history: { queuedCommits: 1, queuedProbes: 2, droppedProbes: 3, threadRestarts: 4 },
    process: {
      cpuSeconds: 1.5,
      residentBytes: 1e8,
      startedAtEpochMs: Date.UTC(2026, 0, 1),
      loopDelayMs: { p99: 1, max: 2 },
    },
    nodeVersion: 'v24.0.0',
  };
}
