/** How well a record was answered in a window of the past, from its transitions. */
import { shown } from '../core/name.ts';
import type { RecordSpec } from '../core/record.ts';
import type { ReadResult, TimelineRow, UpFraction } from './history-report.ts';
import type { HistoryReader } from './ports.ts';

export interface RecordAvailability {
  readonly record: string;
  /** The share of the time in which a target that was up was answered; null when nothing is known of the window. */
  readonly answeredFraction: number | null;
  /** The share of the time in which that was the primary. */
  readonly onPrimaryFraction: number | null;
  /** How often something else was answered. */
  readonly transitions: number;
  readonly targets: readonly {
    readonly target: string;
    /** The share of the time in which its endpoints passed, on average; null where that was not asked, or nothing is known. */
    readonly upFraction: number | null;
  }[];
}

/** `GET /api/v1/availability` */
export interface AvailabilityReport {
  /** As it was asked: `24h`. */
  readonly window: string;
  readonly from: string;
  readonly to: string;
  readonly records: readonly RecordAvailability[];
}

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Of these records. Which share of the time each target was up is looked for only when there is one record: it takes all
 * its probes of the window.
 */
export async function availabilityReport(
  reader: Pick<HistoryReader, 'timeline' | 'upFractions'>,
  records: readonly RecordSpec[],
  window: Window,
): Promise<ReadResult<Omit<AvailabilityReport, 'window'>>> {
  const [only] = records.length === 1 ? records : [];
  const endpointIds = only?.targets.flatMap(({ endpoints }) => endpoints.map(({ id }) => id)) ?? [];
  const [timeline, upFractions] = await Promise.all([
    reader.timeline({ ...(only && { record: only.name }), fromMs: window.fromMs }),
    reader.upFractions({ endpointIds, ...window }),
  ]);
  if (!timeline.ok) return timeline;
  if (!upFractions.ok) return upFractions;
  const byRecord = Map.groupBy(timeline.value, ({ record }) => record);
  const value = {
    from: new Date(window.fromMs).toISOString(),
    to: new Date(window.toMs).toISOString(),
    records: records.map((record) =>
      availabilityOf(record, byRecord.get(shown(record.name)) ?? [], upFractions.value, window),
    ),
  };
  return { ok: true, value };
}

/**
 * @param rows the transitions of the window, and of each record the last ones before it, in the order of their ids.
 * Where A and AAAA are decided apart, the shares are those of both, on average.
 */
export function availabilityOf(
  record: RecordSpec,
  rows: readonly TimelineRow[],
  upFractions: readonly UpFraction[],
  window: Window,
): RecordAvailability {
  const isApart = record.families === 'independent';
  const tracks = isApart ? [rows.filter((row) => row.isIPv6), rows.filter((row) => !row.isIPv6)] : [rows];
  const primary = record.targets[0]?.name;
  const known = tracks.map((track) => spansOf(track, window)).filter((spans) => spans.length > 0);
  const share = (isCounted: (row: TimelineRow) => boolean): number | null =>
    mean(known.map((spans) => shareOf(spans, ({ row }) => row.cause !== 'all_down' && isCounted(row))));
  return {
    record: shown(record.name),
    answeredFraction: share(() => true),
    onPrimaryFraction: share(({ toTarget }) => toTarget === primary),
    transitions: rows.filter(({ atMs }) => atMs >= window.fromMs).length,
    targets: record.targets.map(({ name, endpoints }) => {
      const ids = new Set(endpoints.map(({ id }) => id));
      const fractions = upFractions.flatMap(({ endpoint, upFraction }) => (ids.has(endpoint) ? [upFraction] : []));
      return { target: name, upFraction: mean(fractions) };
    }),
  };
}

interface Span {
  readonly row: TimelineRow;
  readonly ms: number;
}

/** How long each transition was the last one, within the window. */
function spansOf(rows: readonly TimelineRow[], { fromMs, toMs }: Window): readonly Span[] {
  return rows
    .map((row, index) => ({ row, ms: Math.min(rows[index + 1]?.atMs ?? toMs, toMs) - Math.max(row.atMs, fromMs) }))
    .filter(({ ms }) => ms > 0);
}

function shareOf(spans: readonly Span[], isCounted: (span: Span) => boolean): number {
  const total = (some: readonly Span[]): number => some.reduce((sum, { ms }) => sum + ms, 0);
  return total(spans.filter(isCounted)) / total(spans);
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
