/** What the database is asked, and the shapes in which the CLI and the API show it. Times are ISO 8601 UTC, names without the final dot. */
import type { OwnerName } from '../core/name.ts';
import type { DrillReport } from './drill-report.ts';
import type { Explanation } from './explanation.ts';

export interface TransitionView {
  readonly id: number;
  readonly at: string;
  readonly record: string;
  readonly cause: string;
  readonly fromTarget: string | null;
  readonly toTarget: string | null;
  readonly fromAddresses: unknown;
  readonly toAddresses: unknown;
  readonly reason: string;
  readonly evidence: unknown;
  readonly actor: string;
  /** It began or ended a drill, or came in the midst of one. */
  readonly isDrill: boolean;
  readonly serial: number;
  readonly firstFailAt: string | null;
  readonly detectedMs: number | null;
}

export interface TransitionQuery {
  readonly record?: OwnerName;
  readonly sinceEpochMs?: number;
  /** Only those with a smaller id: the next page. */
  readonly beforeId?: number;
  readonly limit: number;
}

export interface ProbeView {
  readonly id: number;
  readonly at: string;
  readonly endpoint: string;
  readonly trigger: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly phase: string | null;
  readonly detail: string | null;
  readonly elapsedMs: number;
  readonly phasesMs: unknown;
  readonly httpStatus: number | null;
  readonly bodySample: string | null;
  readonly bodySha256: string | null;
  readonly certificateExpiresAt: string | null;
}

export interface ProbeQuery {
  /** Those of these endpoints; absent: of all. */
  readonly endpointIds?: readonly string[];
  readonly sinceEpochMs?: number;
  /** Only those with a smaller id: the next page. */
  readonly beforeId?: number;
  readonly limit: number;
}

/** An order over the admin API, whether it was carried out or not. */
export interface AuditView {
  readonly id: number;
  readonly at: string;
  readonly actor: string;
  readonly reason: string;
  readonly action: string;
  readonly record: string | null;
  readonly detail: unknown;
  readonly outcome: string;
}

/** What availability is computed from: a transition, in short. */
export interface TimelineRow {
  readonly record: string;
  readonly atMs: number;
  readonly cause: string;
  readonly toTarget: string | null;
  /** It has an IPv6 address in its answer: where the families are decided apart, it is one of IPv6. */
  readonly isIPv6: boolean;
}

export interface TimelineQuery {
  readonly record?: OwnerName;
  readonly fromMs: number;
}

export interface UpFraction {
  readonly endpoint: string;
  /** The share of the time in which its probes passed; null without probes. */
  readonly upFraction: number | null;
}

export interface UpFractionQuery {
  readonly endpointIds: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** The questions to a database, each answered with the newest first and at most `limit` of them. */
export interface HistoryQueries {
  transitions(query: TransitionQuery): readonly TransitionView[];
  /** @returns null when there is none with this id */
  transition(id: number): TransitionView | null;
  probes(query: ProbeQuery): readonly ProbeView[];
  /** @returns null when there is no transition with this id */
  explanation(id: number): Explanation | null;
  /** The last drill of a record. @returns null when there was none */
  drill(record: OwnerName): DrillReport | null;
  audit(query: Pick<TransitionQuery, 'beforeId' | 'limit'>): readonly AuditView[];
  /** The transitions since then and, of each record, the last ones before, in the order of their ids. */
  timeline(query: TimelineQuery): readonly TimelineRow[];
  upFractions(query: UpFractionQuery): readonly UpFraction[];
}

export type ReadResult<T> =
  | { readonly ok: true; readonly value: T }
  /** One line for people. */
  | { readonly ok: false; readonly reason: string };
