/** The shapes of what explains: of one transition, and of a drill. */
import * as z from 'zod';
import type { DrillReport } from '../runtime/drill-report.ts';
import type { Explanation } from '../runtime/explanation.ts';
import { count, family, time, transitionSchema, upDown } from './schemas.ts';

const counter = z.strictObject({ status: upDown, count, of: count });
const movedBy = time.nullable().describe('from then on no client that honours the TTL had the answer of before');

const secondaries = z.array(
  z.strictObject({
    secondary: z.string(),
    acknowledgedAt: time.nullable(),
    servedAt: time.nullable().describe('when it was seen to answer with this serial or a later one'),
  }),
);

const endpoint = z.strictObject({
  endpoint: z.string(),
  target: z.string(),
  address: z.string(),
  intervalMs: z.number(),
  timeoutMs: z.number(),
  confirmMs: z.number(),
  fall: count,
  rise: count,
  before: counter,
  after: counter,
});

const probe = z.strictObject({
  at: time,
  endpoint: z.string(),
  target: z.string().nullable(),
  address: z.string(),
  trigger: z.string(),
  outcome: z.string(),
  reason: z.string().nullable(),
  phase: z.string().nullable(),
  detail: z.string().nullable(),
  elapsedMs: z.number(),
  phasesMs: z.record(z.string(), z.number()),
  httpStatus: z.int().nullable(),
  bodySample: z.string().nullable().describe('the first 512 bytes of a failing answer'),
  bodySha256: z.string().nullable().describe('of what was read of it'),
  counter: counter.nullable().describe('the counting with it'),
});

const outage = z.strictObject({
  lastGoodAt: time.nullable(),
  firstBadAt: time,
  decidedAt: time,
  publishedAt: time.nullable(),
  movedBy,
  atMostMs: z.number().nullable().describe('from the last good probe to `movedBy`'),
});

const neighbour = z.strictObject({ id: z.int(), at: time, cause: z.string(), toTarget: z.string().nullable() });

export const explanationSchema = z.strictObject({
  ...transitionSchema.shape,
  zone: z.string().nullable(),
  family: z.string().describe(family.description ?? ''),
  ttlSeconds: count.nullable(),
  generation: z.int().nullable().describe('which config was in force, counted from the start of the process'),
  row: z.int().nullable().describe('the row of the decision table that fired; null at the start'),
  rule: z.string(),
  targets: z.record(z.string(), z.string()).describe("each target's state at the decision"),
  endpoints: z.array(endpoint),
  probes: z.array(probe).describe('the last probes of every endpoint of the record, oldest first'),
  publishedAt: time.nullable(),
  secondaries,
  movedBy,
  outage: outage.nullable().describe('what failed, as it was measured; null when no failure led to it'),
  previous: neighbour.nullable(),
  next: neighbour.nullable(),
}) satisfies z.ZodType<Explanation>;

export const drillSchema = z.strictObject({
  record: z.string(),
  status: z.enum(['running', 'over']),
  target: z.string(),
  actor: z.string(),
  reason: z.string(),
  startedAt: time,
  endsAt: time.nullable().describe('when it will end by itself; null when it is over'),
  endedAt: time.nullable(),
  end: z.string().nullable().describe('why it is over; null while it goes on'),
  changes: z.array(
    explanationSchema
      .pick({
        ...{ id: true, at: true, cause: true, reason: true, fromTarget: true, toTarget: true, toAddresses: true },
        ...{ serial: true, ttlSeconds: true, publishedAt: true, secondaries: true, movedBy: true },
      })
      .extend({
        publishedMs: z.number().nullable().describe('from the decision until the DNS workers had the answer'),
      }),
  ),
  probes: z.array(
    z.strictObject({
      target: z.string(),
      address: z.string(),
      passes: count,
      fails: count,
      inconclusive: count,
      meanMs: z.number().nullable().describe('of those that passed'),
      maxMs: z.number().nullable(),
    }),
  ),
}) satisfies z.ZodType<DrillReport>;
