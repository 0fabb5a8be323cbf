/** Every metric: base units, and no label whose values the config does not bound. */
import { ANSWER_BOUNDS_MS, type BoundsMs, PROBE_BOUNDS_MS } from '../../core/latency.ts';

export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Of a histogram. */
  readonly boundsMs?: BoundsMs;
}

function counter(help: string, ...labels: readonly string[]): MetricDefinition {
  return { type: 'counter', help, labels };
}

function gauge(help: string, ...labels: readonly string[]): MetricDefinition {
  return { type: 'gauge', help, labels };
}

function histogram(boundsMs: BoundsMs, help: string, ...labels: readonly string[]): MetricDefinition {
  return { type: 'histogram', help, labels, boundsMs };
}

const RECORD = ['record', 'family'] as const;

export const METRICS = {
  failoverd_build_info: gauge('Always 1; what runs.', 'version', 'node_version'),
  failoverd_config_generation: gauge('Counts the configs that were in force, this one included.'),
  failoverd_config_reloads_total: counter('How often the config was read again.', 'result'),

  failoverd_dns_queries_total: counter('DNS queries received.', 'transport'),
  failoverd_dns_responses_total: counter('DNS responses sent.', 'transport', 'rcode'),
  failoverd_dns_dropped_total: counter(
    'DNS messages without a response, and TCP connections ended, by reason.',
    'reason',
  ),
  failoverd_dns_rate_limited_total: counter(
    'Responses that rate limiting left out (drop) or made short (slip).',
    'action',
  ),
  failoverd_dns_answer_duration_seconds: histogram(
    ANSWER_BOUNDS_MS,
    'From the arrival of a query in its worker to its response; queries that arrive together take the time of their batch.',
  ),
  failoverd_dns_tcp_connections: gauge('Open TCP connections of DNS clients.'),
  failoverd_dns_workers: gauge('DNS worker threads.'),
  failoverd_dns_worker_restarts_total: counter('DNS workers that died and were replaced.'),
  failoverd_zone_serial: gauge('The SOA serial of a zone as it is published.', 'zone'),
  failoverd_secondary_behind: gauge('1: the secondary does not serve the published serial yet.', 'zone', 'secondary'),
  failoverd_secondary_serial_lag: gauge(
    'How far its last seen serial is behind the published one.',
    'zone',
    'secondary',
  ),
  failoverd_secondary_lag_seconds: gauge(
    'From the last publication until the secondary was seen to serve it.',
    'zone',
    'secondary',
  ),

  failoverd_target_up: gauge(
    '1: up, 0: down. A target whose verdict is not reached yet has no value.',
    ...RECORD,
    'target',
  ),
  failoverd_target_drained: gauge(
    '1: an order or a maintenance window keeps answers away from it.',
    ...RECORD,
    'target',
  ),
  failoverd_target_active: gauge('1: this target is answered now.', ...RECORD, 'target'),
  failoverd_record_on_primary: gauge('1: the record answers with its primary.', ...RECORD),
  failoverd_record_all_down: gauge('1: no target of the record is up.', ...RECORD),
  failoverd_record_override: gauge('1: an operator has ordered what is answered.', ...RECORD),
  failoverd_record_last_transition_timestamp_seconds: gauge('When its answer changed last.', ...RECORD),
  failoverd_transitions_total: counter('Changes of what is answered.', 'cause'),

  failoverd_probes_total: counter('Probes by their outcome.', 'endpoint', 'outcome'),
  failoverd_probe_fails_total: counter('Probes that failed, by reason.', 'reason'),
  failoverd_probe_duration_seconds: histogram(PROBE_BOUNDS_MS, 'How long probes took.', 'outcome'),
  failoverd_endpoint_up: gauge(
    '1: up, 0: down. An endpoint whose verdict is not reached yet has no value.',
    'endpoint',
  ),
  failoverd_endpoint_certificate_expiry_timestamp_seconds: gauge(
    'When the certificate that it showed last expires.',
    'endpoint',
  ),
  failoverd_prober_endpoints: gauge('Endpoints that are probed.'),
  failoverd_prober_running: gauge('Probes under way.'),
  failoverd_prober_waiting: gauge('Probes that are due, but wait for a place under prober.concurrency.'),
  failoverd_prober_lag_seconds: gauge('How late the most overdue probe is.'),
  failoverd_prober_blind: gauge('1: the witnesses are down, so that nothing moves.'),

  failoverd_alarms: gauge('Alarms that stand.', 'alarm'),
  failoverd_history_degraded: gauge('1: the database cannot be written; transitions wait in memory.'),
  failoverd_history_queued_commits: gauge('Commits that wait for the database.'),
  failoverd_history_queued_probes: gauge('Probes that wait for the database.'),
  failoverd_history_dropped_probes_total: counter('Probes that were never written.'),
  failoverd_history_thread_restarts_total: counter('Restarts of the thread that writes the database.'),
  failoverd_notifications_waiting: gauge('Notifications that wait for a sink.', 'sink'),
  failoverd_notifications_total: counter(
    'Notifications that are settled: delivered, or expired undelivered.',
    'sink',
    'result',
  ),
  failoverd_notification_failed_attempts_total: counter('Attempts to deliver that failed.', 'sink'),

  failoverd_event_loop_delay_p99_seconds: gauge(
    '99th percentile of the delays of the event loop since the last scrape.',
  ),
  failoverd_event_loop_delay_max_seconds: gauge('Longest delay of the event loop since the last scrape.'),
  process_cpu_seconds_total: counter('CPU time of all threads, in user and system mode.'),
  process_resident_memory_bytes: gauge('Resident memory.'),
  process_start_time_seconds: gauge('When the process started, since the epoch.'),
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof METRICS;
