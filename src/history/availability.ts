/** What availability in a window of the past is computed from. */
import type Database from 'better-sqlite3';
import type { TimelineQuery, TimelineRow, UpFraction, UpFractionQuery } from '../runtime/history-report.ts';
import { iso, nameToText } from './rows.ts';

/** The oldest come first: a window with more is cut at its end. */
const MAX_ROWS = 100_000;
/** What a probe found is taken to last until the next one, but no longer. */
const PROBE_LASTS_MS = 300_000;

interface Row extends Omit<TimelineRow, 'atMs' | 'isIPv6'> {
  readonly at: string;
  readonly isIPv6: number;
}

export function readTimeline(db: Database.Database, { record, fromMs }: TimelineQuery): readonly TimelineRow[] {
  const one = record === undefined ? '' : 'AND record = @record';
  const rows = db.prepare<object, Row>(`
    SELECT record, at, cause, to_target AS toTarget, instr(to_addresses, ':') > 0 AS isIPv6 FROM failover_history
     WHERE (at >= @from OR id IN (SELECT max(id) FROM failover_history WHERE at < @from ${one}
                                   GROUP BY record, instr(to_addresses, ':') > 0)) ${one}
     ORDER BY id LIMIT ${MAX_ROWS}`);
  return rows
    .all({ from: iso(fromMs), ...(record !== undefined && { record: nameToText(record) }) })
    .map(({ at, isIPv6, ...row }) => ({ ...row, atMs: Date.parse(at), isIPv6: isIPv6 === 1 }));
}

export function readUpFractions(db: Database.Database, query: UpFractionQuery): readonly UpFraction[] {
  const { endpointIds, fromMs, toMs } = query;
  const share = db
    .prepare<object, number>(
      `SELECT sum(CASE outcome WHEN 'pass' THEN ms ELSE 0 END) * 1.0 / nullif(sum(ms), 0) FROM (
         SELECT outcome, min(lead(at_ms, 1, @to) OVER (ORDER BY at_ms, id) - at_ms, ${PROBE_LASTS_MS}) AS ms FROM probe_log
          WHERE endpoint_id = (SELECT id FROM endpoints WHERE endpoint = @endpoint)
            AND at_ms BETWEEN @from AND @to AND outcome <> 'inconclusive')`,
    )
    .pluck();
  return endpointIds.map((endpoint) => ({
    endpoint,
    upFraction: share.get({ endpoint, from: fromMs, to: toMs }) ?? null,
  }));
}
