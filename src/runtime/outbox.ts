/** What is to be told, as it crosses the seams: from the config and the runtime to the history and to those who deliver. */

/** One notification for one sink, as it is kept until it is delivered. */
export interface OutboxItem {
  /** `msg_…`, the same for every sink and at every attempt. */
  readonly id: string;
  /** The id of a {@link SinkSpec}. */
  readonly sink: string;
  readonly atEpochMs: number;
  readonly event: NotifyEvent;
  /** What it is about: a record's name, or `alarm` with its name and subject. What is about one thing arrives in order. */
  readonly subject: string;
  /** The notification as JSON. */
  readonly body: string;
}

export type OutboxChange =
  | { readonly kind: 'add'; readonly item: OutboxItem }
  | {
      readonly kind: 'settle';
      readonly id: string;
      readonly sink: string;
      /** `expired`: older than the sink's `max_age`, and given up. */
      readonly how: 'delivered' | 'expired';
      readonly attempts: number;
      readonly atEpochMs: number;
    };

/** What a sink can be told of: the causes of transitions, with those that end one beside it, and alarms. */
export type NotifyEvent = 'start' | 'failover' | 'failback' | 'all_down' | 'override' | 'config' | 'alarm';

/** One receiver of notifications. Its URL, secret and headers are secrets. */
export interface SinkSpec {
  /** The name that the config gives it, else its format and a hash of its URL: `slack #1a2b3c4d`. */
  readonly id: string;
  readonly format: 'webhook' | 'slack' | 'ntfy' | 'pagerduty' | 'email';
  readonly url: string;
  /** Signs the deliveries (Standard Webhooks), or is PagerDuty's routing key; null: unsigned. */
  readonly secret: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Of a sink with the format `email` alone. */
  readonly mail: { readonly from: string; readonly to: readonly string[] } | null;
  readonly on: readonly NotifyEvent[];
  /** A notification that is not delivered within this time is given up. */
  readonly maxAgeMs: number;
  /** Of one attempt. */
  readonly timeoutMs: number;
}

export interface RestoredOutbox {
  /** What was not delivered, oldest first. */
  readonly pending: readonly OutboxItem[];
  /** The last that each sink was to be told of each alarm. */
  readonly alarms: readonly OutboxItem[];
}
