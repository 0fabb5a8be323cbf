/** The shapes of what the API takes and answers. The compiler sees to it that they are those of the runtime. */
import * as z from 'zod';
import type { AvailabilityReport } from '../runtime/availability.ts';
import type { AuditView, ProbeView, TransitionView } from '../runtime/history-report.ts';
import type { HealthReport } from '../runtime/liveness.ts';
import type { Preview } from '../runtime/orders.ts';
import type { Alarm, NotifyTest, RecordStatus, StatusReport } from '../runtime/status.ts';

export const time = z.iso.datetime({ precision: 3 }).describe('ISO 8601 in UTC, with milliseconds');
export const count = z.int().nonnegative();
const share = z.number().min(0).max(1);
export const family = z.enum(['', '4', '6']).describe("'' when A and AAAA are decided together");
const generation = z.int().describe('rises with every config, transition and order; what If-Match takes');
const next = z.string().nullable().describe('the cursor of the page that follows; null after the last one');
const addresses = z.array(z.string());
/** What a database may hold differently, when somebody has written into it. */
export const json = z.unknown();

/** RFC 9457. */
export const problemSchema = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  problems: z
    .array(
      z.strictObject({ file: z.string(), line: z.int(), column: z.int(), severity: z.string(), message: z.string() }),
    )
    .optional()
    .describe('every problem of a config'),
});

const lastProbe = z.strictObject({ at: time, outcome: z.string(), elapsedMs: z.number() }).nullable();
export const upDown = z.enum(['unknown', 'up', 'down']);

const endpoint = z.strictObject({
  id: z.string(),
  address: z.string(),
  check: z.string(),
  timeoutMs: z.number(),
  status: upDown,
  progress: z.strictObject({ count, of: count }),
  since: time.nullable(),
  lastProbe,
});

const override = z
  .strictObject({
    target: z.string(),
    reason: z.string(),
    actor: z.string(),
    expiresAt: time.nullable(),
    isDrill: z.boolean(),
  })
  .nullable();

export const recordSchema = z.strictObject({
  record: z.string(),
  generation,
  zone: z.string(),
  ttlSeconds: count,
  family,
  activeTarget: z.string(),
  addresses,
  allDown: z.boolean(),
  since: time,
  reason: z.string(),
  cause: z.string(),
  override,
  targets: z.array(
    z.strictObject({ name: z.string(), status: upDown, drained: z.boolean(), endpoints: z.array(endpoint) }),
  ),
}) satisfies z.ZodType<RecordStatus>;

export const recordsSchema = z.strictObject({
  generation: z.int().describe('counts the configs that were in force'),
  records: z.array(recordSchema),
});

export const oneRecordSchema = z.strictObject({ record: z.string(), generation, families: z.array(recordSchema) });

const alarmSchema = z.strictObject({
  name: z.string(),
  subject: z.string(),
  message: z.string(),
  since: time,
}) satisfies z.ZodType<Alarm>;

export const alarmsSchema = z.strictObject({
  alarms: z.array(alarmSchema).describe('those that stand, the oldest first'),
  resolved: z
    .array(alarmSchema.extend({ resolvedAt: time }))
    .describe('the last 100 that were resolved since the start, the newest first'),
});

const setAside = z.strictObject({ path: z.string(), reason: z.string(), atEpochMs: z.number() }).exactOptional();
const counters = z.record(z.string(), count);

export const statusSchema = z.strictObject({
  version: z.string(),
  startedAt: time,
  now: time,
  verdict: z.enum(['ok', 'on_backup', 'all_down', 'prober_blind', 'storage_degraded']),
  listen: addresses,
  configPath: z.string().nullable(),
  generation: z.int(),
  reloads: z.strictObject({ succeeded: count, failed: count }),
  records: z.array(recordSchema),
  zones: z.array(z.strictObject({ zone: z.string(), serial: count })),
  secondaries: z.array(
    z.strictObject({
      zone: z.string(),
      address: z.string(),
      serial: count.nullable(),
      status: z.enum(['waiting', 'current', 'behind']),
      acknowledgedMs: z.number().nullable(),
      lagMs: z.number().nullable(),
      problem: z.string().nullable(),
    }),
  ),
  alarms: z.array(alarmSchema),
  sinks: z.array(
    z.strictObject({
      sink: z.string(),
      format: z.string(),
      waiting: count,
      delivered: count,
      failedAttempts: count,
      expired: count.describe('given up'),
      lastDeliveredAt: time.nullable().describe('a test counts; null: nothing since the start'),
      failing: z.strictObject({ since: time, reason: z.string() }).nullable(),
    }),
  ),
  prober: z.strictObject({ endpoints: count, running: count, waiting: count, lagMs: z.number() }),
  sight: z.enum(['clear', 'checking', 'blind']),
  witnesses: z.array(z.strictObject({ witness: z.string(), status: upDown, lastProbe })),
  history: z.union([
    z.strictObject({ status: z.literal('ok'), setAside }),
    z.strictObject({
      status: z.literal('degraded'),
      reason: z.string(),
      sinceEpochMs: z.number(),
      queued: count,
      setAside,
    }),
  ]),
  dataPlane: z.strictObject({
    workers: count,
    sockets: z.enum(['batched', 'dgram']),
    queries: z.strictObject({ udp: count, tcp: count }),
    responses: counters,
    drops: counters,
    responsesOverTcp: counters,
    slips: count,
    latency: z.strictObject({ counts: z.array(count), sumMs: z.number() }).describe('in the workers, by ranges'),
    tcpConnections: count,
    workerRestarts: count,
  }),
}) satisfies z.ZodType<StatusReport>;

export const healthSchema = z.strictObject({
  ok: z.boolean(),
  failing: z.array(z.string()),
}) satisfies z.ZodType<HealthReport>;

const who = {
  reason: z.string().max(500).describe('why, in one line'),
  actor: z.string().max(500).describe('who orders it, in one line'),
};
const dryRun = z.boolean().optional().describe('say what would be answered, and change nothing');

export const orderBodySchema = z.object({ ...who, dryRun });

export const switchBodySchema = z.object({
  ...who,
  target: z.string(),
  forMs: z
    .int()
    .min(1000)
    .nullable()
    .optional()
    .describe('ends by itself after this time; null: stands until it is released'),
  force: z.boolean().optional().describe('also to a target that is not up'),
  dryRun,
});

export const drillBodySchema = z.object({
  ...who,
  forMs: z.int().min(1000).describe('ends by itself after this time'),
  dryRun,
});

export const reloadBodySchema = z.object(who);

export const reloadAnswerSchema = z.strictObject({
  ok: z.literal(true),
  changes: z.string(),
  notes: z.array(z.string()).describe('what needs a restart, one line each'),
});

export const notifyTestBodySchema = z.object(who);

export const notifyTestAnswerSchema = z.strictObject({
  deliveries: z.array(
    z.strictObject({
      sink: z.string(),
      format: z.string(),
      delivered: z.boolean(),
      reason: z.string().nullable().describe('why not; null when it was'),
      elapsedMs: z.number(),
    }) satisfies z.ZodType<NotifyTest>,
  ),
});

export const checkBodySchema = z.object({ ...who, record: z.string() });

export const checkAnswerSchema = z.strictObject({ record: z.string(), endpoints: z.array(z.string()) });

const answered = z.strictObject({ target: z.string(), addresses });

export const orderAnswerSchema = z.union([
  z.strictObject({
    record: z.string(),
    order: z.string(),
    reason: z.string(),
    actor: z.string(),
    committed: z
      .boolean()
      .describe('it is in the database; false: that took longer than 100 ms, and a crash before may lose it'),
    generation,
    families: z.array(recordSchema),
  }),
  z
    .strictObject({ from: answered, wouldAnswer: answered, warnings: z.array(z.string()) })
    .describe('with `dryRun`') satisfies z.ZodType<Preview>,
]);

export const zoneSchema = z.strictObject({ zone: z.string(), serial: count, masterFile: z.string() });

export const transitionSchema = z.strictObject({
  id: z.int(),
  at: time,
  record: z.string(),
  cause: z.string(),
  fromTarget: z.string().nullable(),
  toTarget: z.string().nullable(),
  fromAddresses: json,
  toAddresses: json,
  reason: z.string(),
  actor: z.string(),
  serial: count,
  firstFailAt: time.nullable(),
  detectedMs: z.number().nullable(),
  isDrill: z.boolean(),
}) satisfies z.ZodType<Omit<TransitionView, 'evidence'>>;

export const transitionsSchema = z.strictObject({ transitions: z.array(transitionSchema), next });

export type ProbeEntry = Omit<ProbeView, 'phasesMs' | 'bodySample' | 'bodySha256' | 'certificateExpiresAt'> & {
  /** Of the record that was asked for. */
  readonly target: string | null;
};

const probeSchema = z.strictObject({
  id: z.int(),
  at: time,
  endpoint: z.string(),
  target: z.string().nullable().describe('of the record that was asked for'),
  trigger: z.string(),
  outcome: z.string(),
  reason: z.string().nullable(),
  phase: z.string().nullable(),
  detail: z.string().nullable(),
  elapsedMs: z.number(),
  httpStatus: z.int().nullable(),
}) satisfies z.ZodType<ProbeEntry>;

export const probesSchema = z.strictObject({ probes: z.array(probeSchema), next });

export const auditSchema = z.strictObject({
  entries: z.array(
    z.strictObject({
      id: z.int(),
      at: time,
      actor: z.string(),
      reason: z.string(),
      action: z.string(),
      record: z.string().nullable(),
      detail: json,
      outcome: z.string(),
    }) satisfies z.ZodType<AuditView>,
  ),
  next,
});

export const availabilitySchema = z.strictObject({
  window: z.string(),
  from: time,
  to: time,
  records: z.array(
    z.strictObject({
      record: z.string(),
      answeredFraction: share.nullable(),
      onPrimaryFraction: share.nullable(),
      transitions: count,
      targets: z.array(z.strictObject({ target: z.string(), upFraction: share.nullable() })),
    }),
  ),
}) satisfies z.ZodType<AvailabilityReport>;
