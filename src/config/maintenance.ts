/** The windows of a record in which one of its targets is drained by plan. */
import * as z from 'zod';
import type { MaintenanceSpec } from './config.ts';
import { quote } from './quote.ts';
import type { RecordPlace } from './record.ts';
import { mustBe } from './refusal.ts';
import type { Scope } from './scope.ts';
import { suggest } from './suggest.ts';
import { duration, section, text, value } from './values.ts';

const FIELD = /^[0-9A-Za-z*,/-]+$/;

export const maintenanceSchema = z
  .array(
    section({
      /** The target that is drained. */
      target: text,
      /** When the window opens: minute, hour, day of month, month, day of week. */
      cron: value((raw) => {
        const fields = typeof raw === 'string' ? raw.trim().split(/\s+/) : [];
        const fits = fields.length === 5 && fields.every((field) => FIELD.test(field));
        return fits ? fields.join(' ') : mustBe('a cron expression of 5 fields');
      }),
      /** Whose clock `cron` is read by. */
      timezone: value((raw) => (isTimezone(raw) ? raw : mustBe('a time zone such as Europe/Berlin'))).default('UTC'),
      /** How long it stays open. */
      for: duration('1m', '7d'),
    }),
  )
  .default([]);

function isTimezone(raw: unknown): raw is string {
  if (typeof raw !== 'string') return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: raw }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** @param targets the names of the record's targets. */
export function readMaintenance(
  scope: Scope,
  place: RecordPlace,
  targets: readonly string[],
): readonly MaintenanceSpec[] {
  const { report } = scope;
  const path = [...place.path, 'maintenance'];
  const windows = report.read(maintenanceSchema, path) ?? [];
  return windows.map(({ target, cron, timezone, for: durationMs }, i) => {
    if (!targets.includes(target)) {
      const meant = suggest(target, targets);
      const hint = meant === null ? '' : `; did you mean ${quote(meant)}?`;
      report.error([...path, i, 'target'], `the record has no target ${quote(target)}${hint}`);
    }
    return { record: place.name, target, cron, timezone, durationMs };
  });
}
