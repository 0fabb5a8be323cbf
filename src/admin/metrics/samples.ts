/** From what the parts report to the samples of every metric. */
import { addLatency, type BoundsMs, type Latency } from '../../core/latency.ts';
import type { MetricsReport } from '../../runtime/metrics-report.ts';
import type { RecordStatus, SecondaryStatus } from '../../runtime/status.ts';
import { METRICS, type MetricName } from './catalogue.ts';

export interface Sample {
  readonly metric: MetricName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** The series of a histogram that it belongs to. */
  readonly suffix?: '_bucket' | '_sum' | '_count';
}

const NONE = {};

/** Every sample; one after the other, so that thousands can be taken in turns. */
export function* samplesOf(report: MetricsReport): Generator<Sample> {
  yield* ofService(report);
  yield* ofDns(report);
  yield* ofZones(report);
  yield* ofProber(report);
  yield* ofStorage(report);
  yield* ofProcess(report);
  for (const record of report.status.records) yield* ofRecord(record);
  yield* ofEndpoints(report);
}

function sample(metric: MetricName, value: number, labels: Readonly<Record<string, string>> = NONE): Sample {
  return { metric, labels, value };
}

function* ofService({ status, tally, nodeVersion }: MetricsReport): Generator<Sample> {
  const { version, generation, reloads, alarms } = status;
  yield sample('failoverd_build_info', 1, { version, node_version: nodeVersion });
  yield sample('failoverd_config_generation', generation);
  yield sample('failoverd_config_reloads_total', reloads.succeeded, { result: 'success' });
  yield sample('failoverd_config_reloads_total', reloads.failed, { result: 'failure' });
  for (const [alarm, standing] of Map.groupBy(alarms, ({ name }) => name)) {
    yield sample('failoverd_alarms', standing.length, { alarm });
  }
  for (const [cause, count] of Object.entries(tally.transitions)) {
    yield sample('failoverd_transitions_total', count, { cause });
  }
}

function* ofDns({ status: { dataPlane } }: MetricsReport): Generator<Sample> {
  const { queries, responses, responsesOverTcp, drops, slips, latency } = dataPlane;
  for (const [transport, count] of Object.entries(queries)) {
    yield sample('failoverd_dns_queries_total', count, { transport });
  }
  for (const [rcode, all] of Object.entries(responses)) {
    const overTcp = responsesOverTcp[rcode] ?? 0;
    yield sample('failoverd_dns_responses_total', all - overTcp, { transport: 'udp', rcode });
    yield sample('failoverd_dns_responses_total', overTcp, { transport: 'tcp', rcode });
  }
  for (const [reason, count] of Object.entries(drops)) yield sample('failoverd_dns_dropped_total', count, { reason });
  yield sample('failoverd_dns_rate_limited_total', drops.rate_limited ?? 0, { action: 'drop' });
  yield sample('failoverd_dns_rate_limited_total', slips, { action: 'slip' });
  yield* histogram('failoverd_dns_answer_duration_seconds', latency);
  yield sample('failoverd_dns_tcp_connections', dataPlane.tcpConnections);
  yield sample('failoverd_dns_workers', dataPlane.workers);
  yield sample('failoverd_dns_worker_restarts_total', dataPlane.workerRestarts);
}

function* ofZones({ status: { zones, secondaries } }: MetricsReport): Generator<Sample> {
  for (const { zone, serial } of zones) yield sample('failoverd_zone_serial', serial, { zone });
  const serials = new Map(zones.map(({ zone, serial }) => [zone, serial]));
  for (const secondary of secondaries) yield* ofSecondary(secondary, serials.get(secondary.zone) ?? null);
}

function* ofSecondary(secondary: SecondaryStatus, published: number | null): Generator<Sample> {
  const { zone, address, status, serial, lagMs } = secondary;
  const labels = { zone, secondary: address };
  yield sample('failoverd_secondary_behind', Number(status !== 'current'), labels);
  // Serials go round (RFC 1982 §3.2); one that is ahead lags by nothing.
  const lag = serial === null || published === null ? null : (published - serial) | 0;
  if (lag !== null) yield sample('failoverd_secondary_serial_lag', Math.max(0, lag), labels);
  if (lagMs !== null) yield sample('failoverd_secondary_lag_seconds', lagMs / 1000, labels);
}

function* ofProber({ status: { prober, alarms }, tally }: MetricsReport): Generator<Sample> {
  yield sample('failoverd_prober_endpoints', prober.endpoints);
  yield sample('failoverd_prober_running', prober.running);
  yield sample('failoverd_prober_waiting', prober.waiting);
  yield sample('failoverd_prober_lag_seconds', prober.lagMs / 1000);
  yield sample('failoverd_prober_blind', Number(alarms.some(({ name }) => name === 'prober_blind')));
  for (const [reason, count] of Object.entries(tally.reasons)) {
    yield sample('failoverd_probe_fails_total', count, { reason });
  }
  for (const [outcome, latency] of Object.entries(tally.durations)) {
    yield* histogram('failoverd_probe_duration_seconds', latency, { outcome });
  }
}

function* ofStorage({ status, history }: MetricsReport): Generator<Sample> {
  yield sample('failoverd_history_degraded', Number(status.history.status === 'degraded'));
  yield sample('failoverd_history_queued_commits', history.queuedCommits);
  yield sample('failoverd_history_queued_probes', history.queuedProbes);
  yield sample('failoverd_history_dropped_probes_total', history.droppedProbes);
  yield sample('failoverd_history_thread_restarts_total', history.threadRestarts);
  for (const { sink, waiting, delivered, expired, failedAttempts } of status.sinks) {
    yield sample('failoverd_notifications_waiting', waiting, { sink });
    yield sample('failoverd_notifications_total', delivered, { sink, result: 'delivered' });
    yield sample('failoverd_notifications_total', expired, { sink, result: 'expired' });
    yield sample('failoverd_notification_failed_attempts_total', failedAttempts, { sink });
  }
}

function* ofProcess({ process }: MetricsReport): Generator<Sample> {
  yield sample('failoverd_event_loop_delay_p99_seconds', process.loopDelayMs.p99 / 1000);
  yield sample('failoverd_event_loop_delay_max_seconds', process.loopDelayMs.max / 1000);
  yield sample('process_cpu_seconds_total', process.cpuSeconds);
  yield sample('process_resident_memory_bytes', process.residentBytes);
  yield sample('process_start_time_seconds', process.startedAtEpochMs / 1000);
}

function* ofRecord(status: RecordStatus): Generator<Sample> {
  const { record, family, activeTarget, targets, allDown, override, since } = status;
  const labels = { record, family };
  yield sample('failoverd_record_on_primary', Number(activeTarget === targets[0]?.name), labels);
  yield sample('failoverd_record_all_down', Number(allDown), labels);
  yield sample('failoverd_record_override', Number(override !== null), labels);
  yield sample('failoverd_record_last_transition_timestamp_seconds', Date.parse(since) / 1000, labels);
  for (const { name, status: verdict, drained } of targets) {
    const ofTarget = { ...labels, target: name };
    if (verdict !== 'unknown') yield sample('failoverd_target_up', Number(verdict === 'up'), ofTarget);
    yield sample('failoverd_target_drained', Number(drained), ofTarget);
    yield sample('failoverd_target_active', Number(name === activeTarget), ofTarget);
  }
}

/** Each endpoint once, however many records share it. */
function* ofEndpoints({ status: { records }, tally }: MetricsReport): Generator<Sample> {
  const seen = new Set<string>();
  for (const { id: endpoint, status } of records.flatMap(({ targets }) => targets.flatMap((each) => each.endpoints))) {
    if (seen.has(endpoint)) continue;
    seen.add(endpoint);
    if (status !== 'unknown') yield sample('failoverd_endpoint_up', Number(status === 'up'), { endpoint });
    const counts = tally.endpoints.get(endpoint);
    if (!counts) continue;
    const { certificateExpiresAtEpochMs: expiresAtEpochMs } = counts;
    for (const outcome of ['pass', 'fail', 'inconclusive'] as const) {
      yield sample('failoverd_probes_total', counts[outcome], { endpoint, outcome });
    }
    if (expiresAtEpochMs !== null) {
      yield sample('failoverd_endpoint_certificate_expiry_timestamp_seconds', expiresAtEpochMs / 1000, { endpoint });
    }
  }
}

/** Buckets are cumulative, and have their upper end in seconds as label. */
function* histogram(
  metric: MetricName,
  latency: Latency,
  labels: Readonly<Record<string, string>> = NONE,
): Generator<Sample> {
  const { boundsMs = [] } = METRICS[metric] as { readonly boundsMs?: BoundsMs };
  const empty: Latency = { counts: [...boundsMs, 0].map(() => 0), sumMs: 0 };
  const { counts, sumMs } = addLatency(latency, empty);
  let below = 0;
  for (const [range, boundMs] of [...boundsMs, Number.POSITIVE_INFINITY].entries()) {
    below += counts[range] ?? 0;
    const le = boundMs === Number.POSITIVE_INFINITY ? '+Inf' : String(boundMs / 1000);
    yield { metric, labels: { ...labels, le }, value: below, suffix: '_bucket' };
  }
  yield { metric, labels, value: sumMs / 1000, suffix: '_sum' };
  yield { metric, labels, value: below, suffix: '_count' };
}
