/** Puts together what the database knows of the last drill of a record. */
import type Database from 'better-sqlite3';
import type { DrillChange, DrillProbes, DrillReport } from '../runtime/drill-report.ts';
import type { ExplainedEndpoint, Explanation } from '../runtime/explanation.ts';

interface Standing {
  readonly endsAt: string | null;
}

/**
 * @param record its name, without the final dot.
 * @param explain one transition.
 * @returns null when the database knows of none
 */
export function lastDrill(
  db: Database.Database,
  record: string,
  explain: (id: number) => Explanation | null,
): DrillReport | null {
  const changes = idsOfLast(db, record).flatMap((id) => explain(id) ?? []);
  const [start] = changes;
  if (!start) return null;
  const standing = db
    .prepare<[string], Standing>(
      'SELECT override_expires_at AS endsAt FROM record_state WHERE record = ? AND override_is_drill = 1',
    )
    .get(record);
  const end = standing ? null : endOf(changes, start.next?.at ?? null);
  return {
    record,
    status: standing ? 'running' : 'over',
    target: start.toTarget ?? '',
    actor: start.actor,
    reason: start.reason,
    startedAt: start.at,
    endsAt: standing?.endsAt ?? null,
    endedAt: end?.at ?? null,
    end: end?.reason ?? null,
    changes: changes.map(changeOf),
    probes: start.endpoints.map((endpoint) => probesOf(db, endpoint, start.at, end?.at ?? null)),
  };
}

/** The transitions of the last drill, oldest first: from the newest one back to that with which it began. */
function idsOfLast(db: Database.Database, record: string): readonly number[] {
  const rows = db
    .prepare<[string], { id: number; cause: string }>(
      `SELECT id, cause FROM failover_history
        WHERE record = ? AND iif(json_valid(evidence), evidence ->> '$.isDrill', 0) ORDER BY id DESC`,
    )
    .iterate(record);
  const ids: number[] = [];
  let hasBegun = false;
  for (const { id, cause } of rows) {
    if (hasBegun && cause !== 'override') break; // the end of the drill before
    hasBegun ||= cause === 'override';
    ids.unshift(id);
  }
  return hasBegun ? ids : [];
}

/** An order in its midst ends it as well, without a transition that is tagged. */
function endOf(changes: readonly Explanation[], nextAt: string | null): { at: string; reason: string } | null {
  const last = changes.findLast(({ cause }) => cause === 'release' || cause === 'all_down');
  if (last) return last;
  return nextAt === null ? null : { at: nextAt, reason: 'another order took its place' };
}

function changeOf(explanation: Explanation): DrillChange {
  const { id, at, cause, reason, fromTarget, toTarget, toAddresses, serial } = explanation;
  const { ttlSeconds, publishedAt, secondaries, movedBy } = explanation;
  return {
    ...{ id, at, cause, reason, fromTarget, toTarget, toAddresses, serial },
    ...{ ttlSeconds, publishedAt, secondaries, movedBy },
    publishedMs: publishedAt === null ? null : Date.parse(publishedAt) - Date.parse(at),
  };
}

type Counts = Omit<DrillProbes, 'target' | 'address'>;

function probesOf(
  db: Database.Database,
  { endpoint, target, address }: ExplainedEndpoint,
  from: string,
  to: string | null,
): DrillProbes {
  const counts = db
    .prepare<unknown[], Counts>(
      `SELECT count(*) FILTER (WHERE outcome = 'pass') AS passes, count(*) FILTER (WHERE outcome = 'fail') AS fails,
        count(*) FILTER (WHERE outcome = 'inconclusive') AS inconclusive,
        round(avg(elapsed_ms) FILTER (WHERE outcome = 'pass'), 1) AS meanMs,
        max(elapsed_ms) FILTER (WHERE outcome = 'pass') AS maxMs
        FROM probes WHERE endpoint = ? AND at_ms BETWEEN ? AND ?`,
    )
    .get(endpoint, Date.parse(from), to === null ? Number.MAX_SAFE_INTEGER : Date.parse(to));
  return { target, address, ...(counts ?? { passes: 0, fails: 0, inconclusive: 0, meanMs: null, maxMs: null }) };
}
