/** Puts together what the database knows of one transition. */
import type Database from 'better-sqlite3';
import { followedBy } from '../core/outage.ts';
import type { ProbeReport } from '../core/outcome.ts';
import { compareSerials } from '../core/serial.ts';
import type { CountedProbe, Evidence } from '../core/transition.ts';
import type { ExplainedProbe, ExplainedSecondary, Explanation, Neighbour } from '../runtime/explanation.ts';
import type { TransitionView } from '../runtime/history-report.ts';
import { iso, nameToText, tenths } from './rows.ts';

/** What is looked through for the way of a serial. A secondary that takes longer to follow was not seen to do so. */
const MAX_SERIALS = 10_000;

/** An earlier release has written less of it. */
type StoredEvidence = Partial<Evidence>;

export function explain(db: Database.Database, transition: TransitionView): Explanation {
  const { evidence: stored, ...row } = transition;
  const evidence: StoredEvidence = typeof stored === 'object' && stored !== null ? stored : {};
  const zone = evidence.zone === undefined ? null : nameToText(evidence.zone);
  const way = zone === null ? NO_WAY : wayOf(db, zone, row.serial, row.at);
  const followed = followedBy({
    lastGoodMs: evidence.lastPass?.startedAtEpochMs ?? null,
    publishedMs: msOrNull(way.publishedAt),
    servedMs: way.secondaries.map(({ servedAt }) => msOrNull(servedAt)),
    ttlSeconds: evidence.ttlSeconds ?? 0,
  });
  const movedBy = followed.movedByMs === null ? null : iso(followed.movedByMs);
  return {
    ...row,
    zone,
    family: evidence.family ?? '',
    ttlSeconds: evidence.ttlSeconds ?? null,
    generation: evidence.generation ?? null,
    row: evidence.row ?? null,
    rule: evidence.rule ?? '',
    targets: evidence.targets ?? {},
    endpoints: (evidence.endpoints ?? []).map(({ id, ...rest }) => ({ endpoint: id, ...rest })),
    probes: (evidence.probes ?? []).map((probe) => explainProbe(probe, evidence.endpoints ?? [])),
    ...way,
    movedBy,
    outage:
      row.firstFailAt === null
        ? null
        : {
            lastGoodAt: evidence.lastPass ? iso(evidence.lastPass.startedAtEpochMs) : null,
            firstBadAt: row.firstFailAt,
            decidedAt: row.at,
            publishedAt: way.publishedAt,
            movedBy,
            atMostMs: followed.atMostMs,
          },
    previous: neighbour(db, row, 'id < ?', 'DESC', evidence),
    next: neighbour(db, row, 'id > ?', 'ASC', evidence),
  };
}

function explainProbe(probe: ProbeReport & Partial<CountedProbe>, endpoints: Evidence['endpoints']): ExplainedProbe {
  const { endpointId, trigger, outcome, elapsedMs, phasesMs, status, bodySample, bodySha256, counter } = probe;
  const known = endpoints.find(({ id }) => id === endpointId);
  return {
    at: iso(probe.startedAtEpochMs),
    endpoint: endpointId,
    target: known?.target ?? null,
    address: known?.address ?? endpointId.split(' ')[0] ?? '',
    trigger,
    outcome: outcome.outcome,
    reason: outcome.outcome === 'pass' ? null : outcome.reason,
    phase: outcome.outcome === 'fail' ? outcome.phase : null,
    detail: outcome.outcome === 'pass' ? null : outcome.detail,
    elapsedMs: tenths(elapsedMs),
    phasesMs: Object.fromEntries(Object.entries(phasesMs).map(([name, ms]) => [name, tenths(ms)])),
    httpStatus: status ?? null,
    bodySample: bodySample ?? null,
    bodySha256: bodySha256 ?? null,
    counter: counter ?? null,
  };
}

type Way = Pick<Explanation, 'publishedAt' | 'secondaries'>;

interface SerialRow {
  readonly at: string;
  readonly serial: number;
  readonly event: 'published' | 'acknowledged' | 'served';
  readonly secondary: string | null;
}

const NO_WAY: Way = { publishedAt: null, secondaries: [] };
const SERIALS = 'SELECT at, serial, event, secondary FROM serial_log WHERE zone = ? AND';

/** Where a serial got to. A later one that takes its place carries the answer as well. */
function wayOf(db: Database.Database, zone: string, serial: number, at: string): Way {
  const before = db.prepare<unknown[], SerialRow>(`${SERIALS} at < ? ORDER BY at DESC, id DESC LIMIT ?`);
  const after = db.prepare<unknown[], SerialRow>(`${SERIALS} at >= ? ORDER BY at, id LIMIT ?`);
  const rows = after.all(zone, at, MAX_SERIALS).filter((row) => carries(row.serial, serial));
  const known = [...before.all(zone, at, 1_000), ...rows].flatMap(({ secondary }) => secondary ?? []);
  const first = (event: SerialRow['event'], secondary: string | null): string | null =>
    rows.find((row) => row.event === event && row.secondary === secondary)?.at ?? null;
  const secondaries = [...new Set(known)].sort().map(
    (secondary): ExplainedSecondary => ({
      secondary,
      acknowledgedAt: first('acknowledged', secondary),
      servedAt: first('served', secondary),
    }),
  );
  return { publishedAt: first('published', null), secondaries };
}

function carries(serial: number, wanted: number): boolean {
  const order = compareSerials(serial, wanted);
  return order === 'equal' || order === 'greater';
}

/** Where A and AAAA are decided apart, one of the same family. */
function neighbour(
  db: Database.Database,
  { id, record }: { readonly id: number; readonly record: string },
  condition: string,
  order: 'ASC' | 'DESC',
  { family = '' }: StoredEvidence,
): Neighbour | null {
  const row = db
    .prepare<unknown[], Neighbour>(
      `SELECT id, at, cause, to_target AS toTarget FROM failover_history
        WHERE record = ? AND ${condition} AND coalesce(iif(json_valid(evidence), evidence ->> '$.family', ''), '') = ?
        ORDER BY id ${order} LIMIT 1`,
    )
    .get(record, id, family);
  return row ?? null;
}

function msOrNull(at: string | null): number | null {
  return at === null ? null : Date.parse(at);
}
