/**
 * The shapes by the names under which routes refer to them. Only the thread that makes the OpenAPI document loads them: the
 * server does without zod, which takes 30 MiB.
 */
import * as z from 'zod';
import * as insight from './insight-schemas.ts';
import * as schemas from './schemas.ts';

export const SHAPES = {
  openapi: z.looseObject({ openapi: z.string() }),
  status: schemas.statusSchema,
  records: schemas.recordsSchema,
  oneRecord: schemas.oneRecordSchema,
  alarms: schemas.alarmsSchema,
  health: schemas.healthSchema,
  zone: schemas.zoneSchema,
  transitions: schemas.transitionsSchema,
  explanation: insight.explanationSchema,
  drill: insight.drillSchema,
  probes: schemas.probesSchema,
  availability: schemas.availabilitySchema,
  audit: schemas.auditSchema,
  orderBody: schemas.orderBodySchema,
  switchBody: schemas.switchBodySchema,
  drillBody: schemas.drillBodySchema,
  orderAnswer: schemas.orderAnswerSchema,
  reloadBody: schemas.reloadBodySchema,
  reloadAnswer: schemas.reloadAnswerSchema,
  checkBody: schemas.checkBodySchema,
  checkAnswer: schemas.checkAnswerSchema,
  notifyTestBody: schemas.notifyTestBodySchema,
  notifyTestAnswer: schemas.notifyTestAnswerSchema,
} as const satisfies Readonly<Record<string, z.ZodType>>;

export type ShapeName = keyof typeof SHAPES;
