/** How values become rows, and rows values again: times ISO 8601, lists JSON, names without the final dot. */
import type { Override, RecordState } from '../core/decision.ts';
import type { OwnerName } from '../core/name.ts';
import type { ProbeReport } from '../core/outcome.ts';
import type { Transition } from '../core/transition.ts';
import type { AuditEntry, SerialFact, StoredRecordState } from '../runtime/ports.ts';

export const iso = (epochMs: number): string => new Date(epochMs).toISOString();
const isoOrNull = (epochMs: number | null): string | null => (epochMs === null ? null : iso(epochMs));

export function nameToText(name: OwnerName): string {
  return name.slice(0, -1);
}

/** Only for names that {@link nameToText} wrote. */
export function textToName(text: string): OwnerName {
  return `${text}.` as OwnerName;
}

export function transitionToRow(transition: Transition): Record<string, string | number | null> {
  return {
    at: iso(transition.atEpochMs),
    record: nameToText(transition.record),
    cause: transition.cause,
    from_target: transition.fromTarget,
    to_target: transition.toTarget,
    from_addresses: transition.fromAddresses === null ? null : JSON.stringify(transition.fromAddresses),
    to_addresses: JSON.stringify(transition.toAddresses),
    reason: transition.reason,
    evidence: JSON.stringify({ isDrill: transition.isDrill, ...transition.evidence }),
    actor: transition.actor,
    serial: transition.serial,
    first_fail_at: isoOrNull(transition.firstFailAtEpochMs),
    detected_ms: transition.detectedMs === null ? null : Math.round(transition.detectedMs),
  };
}

export interface StateRow {
  readonly record: string;
  readonly family: '' | '4' | '6';
  readonly active_target: string;
  readonly addresses: string;
  readonly all_down: number;
  readonly since: string;
  readonly override_target: string | null;
  readonly override_reason: string | null;
  readonly override_actor: string | null;
  readonly override_set_at: string | null;
  readonly override_expires_at: string | null;
  readonly override_is_drill: number;
  readonly drained: string;
  readonly failback_penalty: number;
  readonly last_failback_at: string | null;
}

export function stateToRow({ record, family, state }: StoredRecordState): StateRow {
  return {
    record: nameToText(record),
    family,
    active_target: state.activeTarget,
    addresses: JSON.stringify(state.addresses),
    all_down: state.allDown ? 1 : 0,
    since: iso(state.sinceEpochMs),
    override_target: state.override?.target ?? null,
    override_reason: state.override?.reason ?? null,
    override_actor: state.override?.actor ?? null,
    override_set_at: state.override ? iso(state.override.setAtEpochMs) : null,
    override_expires_at: isoOrNull(state.override?.expiresAtEpochMs ?? null),
    override_is_drill: state.override?.isDrill ? 1 : 0,
    drained: JSON.stringify(state.drained),
    failback_penalty: state.failbackPenalty,
    last_failback_at: isoOrNull(state.lastFailback?.epochMs ?? null),
  };
}

export function auditToRow({ atEpochMs, detail, ...rest }: AuditEntry): Record<string, string | null> {
  return { at: iso(atEpochMs), ...rest, detail: JSON.stringify(detail) };
}

/** @throws Error when a column holds what failoverd never writes. */
export function rowToState(row: StateRow): StoredRecordState {
  const state: RecordState = {
    activeTarget: row.active_target,
    addresses: parseList(row.addresses, 'addresses'),
    allDown: row.all_down === 1,
    sinceEpochMs: parseTime(row.since, 'since'),
    override: rowToOverride(row),
    drained: parseList(row.drained, 'drained'),
    failbackPenalty: row.failback_penalty,
    lastFailback: rowToLastFailback(row),
  };
  return { record: textToName(row.record), family: row.family, state };
}

function rowToOverride(row: StateRow): Override | null {
  if (row.override_target === null) return null;
  return {
    target: row.override_target,
    reason: row.override_reason ?? '',
    actor: row.override_actor ?? '',
    setAtEpochMs: parseTime(row.override_set_at ?? '', 'override_set_at'),
    expiresAtEpochMs:
      row.override_expires_at === null ? null : parseTime(row.override_expires_at, 'override_expires_at'),
    isDrill: row.override_is_drill === 1,
  };
}

/** The monotonic clock of the run that wrote it means nothing now: `restoreState` of the core sets it anew. */
function rowToLastFailback({ last_failback_at: at }: StateRow): RecordState['lastFailback'] {
  return at === null ? null : { nowMs: 0, epochMs: parseTime(at, 'last_failback_at') };
}

export function probeToRow(report: ProbeReport, endpointId: number): Record<string, string | number | null> {
  const { outcome } = report;
  return {
    at_ms: Math.round(report.startedAtEpochMs),
    endpoint_id: endpointId,
    trigger: report.trigger === 'interval' ? null : report.trigger,
    outcome: outcome.outcome,
    reason: outcome.outcome === 'pass' ? null : outcome.reason,
    phase: outcome.outcome === 'fail' ? outcome.phase : null,
    detail: outcome.outcome === 'pass' ? null : outcome.detail,
    elapsed_ms: tenths(report.elapsedMs),
    phases_ms: phasesToJson(report.phasesMs),
    http_status: report.status ?? null,
    body_sample: report.bodySample ?? null,
    body_sha256: report.bodySha256 ?? null,
    certificate_expires_at: isoOrNull(report.certificateExpiresAtEpochMs ?? null),
  };
}

export function serialToRow({
  atEpochMs,
  zone,
  serial,
  event,
  secondary,
}: SerialFact): Record<string, string | number | null> {
  return { at: iso(atEpochMs), zone: nameToText(zone), serial, event, secondary };
}

export const tenths = (ms: number): number => Math.round(ms * 10) / 10;

function phasesToJson(phasesMs: ProbeReport['phasesMs']): string | null {
  const entries = Object.entries(phasesMs);
  if (entries.length === 0) return null;
  return JSON.stringify(Object.fromEntries(entries.map(([phase, ms]) => [phase, tenths(ms)])));
}

export function parseTime(text: string, column: string): number {
  const epochMs = Date.parse(text);
  if (Number.isNaN(epochMs)) throw new Error(`${column} is not a time: ${JSON.stringify(text)}`);
  return epochMs;
}

function parseList(text: string, column: string): readonly string[] {
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw new Error(`${column} is not a list of texts: ${text}`);
  }
  return value;
}
