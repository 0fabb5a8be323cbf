import type { ProbeReport } from '../core/outcome.ts';
import type { SerialFact, StoredHealth } from '../runtime/ports.ts';
import type { HealthUpdate } from './writer.ts';

/** Probes that wait for a database that is away. 50,000 are 25 s of 10,000 endpoints, or 7 h of ten, and about 25 MB. */
export const MAX_WAITING_PROBES = 50_000;
const MAX_WAITING_SERIALS = 1_000;
/** Probes written in one transaction. */
const PROBES_A_BATCH = 5_000;
/** How often the age of a verdict that stays is written. */
const AGE_EVERY_MS = 30_000;

export interface ProbeBatch {
  readonly reports: readonly ProbeReport[];
  readonly healths: readonly HealthUpdate[];
  readonly serials: readonly SerialFact[];
}

/** Probes, verdicts and how far serials have come, on their way to the database. When that is away, the oldest probes and serials are dropped; verdicts are not. */
export interface ProbeBuffer {
  probe(report: ProbeReport): void;
  serial(fact: SerialFact): void;
  health(endpointId: string, health: StoredHealth): void;
  /** What is to be written now. With `all`, every verdict with its latest age. `written` or `putBack` follows. */
  take(options: { readonly all: boolean }): ProbeBatch;
  written(): void;
  /** The batch could not be written. */
  putBack(batch: ProbeBatch): void;
  /** The database has lost its verdicts: all of them are to be written again. */
  forgetWritten(): void;
  readonly waitingCount: number;
  readonly droppedCount: number;
}

interface Verdict extends StoredHealth {
  readonly probedAtEpochMs: number;
  /** The age that was last written; null when the verdict itself is still to be written. */
  readonly writtenEpochMs: number | null;
}

export function createProbeBuffer(): ProbeBuffer {
  let waiting: ProbeReport[] = [];
  let serials: readonly SerialFact[] = [];
  let taken = 0;
  let dropped = 0;
  const verdicts = new Map<string, Verdict>();

  const limit = (reports: ProbeReport[]): ProbeReport[] => {
    const excess = reports.length - MAX_WAITING_PROBES;
    if (excess <= 0) return reports;
    dropped += excess;
    return reports.slice(excess);
  };

  const takeHealths = (all: boolean): HealthUpdate[] => {
    const due: HealthUpdate[] = [];
    for (const [endpointId, verdict] of verdicts) {
      if (!isDue(verdict, all)) continue;
      const { status, sinceEpochMs, probedAtEpochMs } = verdict;
      due.push({ endpointId, health: { status, sinceEpochMs, probedAtEpochMs } });
      verdicts.set(endpointId, { ...verdict, writtenEpochMs: probedAtEpochMs });
    }
    return due;
  };

  return {
    probe(report) {
      // A quarter more than the limit, so that a full buffer is not copied for each probe.
      if (waiting.push(report) > MAX_WAITING_PROBES * 1.25) waiting = limit(waiting);
      const verdict = verdicts.get(report.endpointId);
      if (verdict === undefined || report.outcome.outcome === 'inconclusive') return;
      verdicts.set(report.endpointId, { ...verdict, probedAtEpochMs: report.startedAtEpochMs });
    },
    serial(fact) {
      serials = [...serials, fact].slice(-MAX_WAITING_SERIALS);
    },
    health(endpointId, health) {
      const probedAtEpochMs = verdicts.get(endpointId)?.probedAtEpochMs ?? health.sinceEpochMs;
      verdicts.set(endpointId, { ...health, probedAtEpochMs, writtenEpochMs: null });
    },
    take({ all }) {
      const reports = waiting.slice(0, PROBES_A_BATCH);
      waiting = waiting.slice(PROBES_A_BATCH);
      taken = reports.length;
      const batch = { reports, healths: takeHealths(all), serials };
      serials = [];
      return batch;
    },
    written() {
      taken = 0;
    },
    putBack({ reports, healths, serials: facts }) {
      taken = 0;
      serials = [...facts, ...serials].slice(-MAX_WAITING_SERIALS);
      waiting = limit([...reports, ...waiting]);
      for (const { endpointId } of healths) {
        const verdict = verdicts.get(endpointId);
        if (verdict !== undefined) verdicts.set(endpointId, { ...verdict, writtenEpochMs: null });
      }
    },
    forgetWritten() {
      for (const [endpointId, verdict] of verdicts) verdicts.set(endpointId, { ...verdict, writtenEpochMs: null });
    },
    get waitingCount() {
      return taken + waiting.length;
    },
    get droppedCount() {
      return dropped;
    },
  };
}

function isDue({ writtenEpochMs, probedAtEpochMs }: Verdict, all: boolean): boolean {
  if (writtenEpochMs === null) return true;
  const aged = Math.abs(probedAtEpochMs - writtenEpochMs);
  return all ? aged > 0 : aged >= AGE_EVERY_MS;
}
