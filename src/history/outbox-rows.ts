/** The table `notifications`: what is to be told to whom, and what was. */
import type Database from 'better-sqlite3';
import type { OutboxChange, OutboxItem, RestoredOutbox } from '../runtime/outbox.ts';
import { iso } from './rows.ts';

/** What was delivered or given up so long ago is forgotten, but for the last that a sink was told of an alarm. */
const KEPT_MS = 30 * 24 * 3_600_000;

export type WriteOutbox = (changes: readonly OutboxChange[]) => void;

/** Writes what is to be told; to be called within a transaction. */
export function outboxWriter(db: Database.Database): WriteOutbox {
  // The same commit may come twice, into a database that had lost it.
  const add = db.prepare(
    `INSERT INTO notifications (at, message, sink, event, subject, body) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (message, sink) DO NOTHING`,
  );
  const settle = db.prepare(
    'UPDATE notifications SET status = ?, settled_at = ?, attempts = ? WHERE message = ? AND sink = ?',
  );
  return (changes) => {
    for (const change of changes) {
      if (change.kind === 'add') {
        const { atEpochMs, id, sink, event, subject, body } = change.item;
        add.run(iso(atEpochMs), id, sink, event, subject, body);
      } else {
        settle.run(change.how, iso(change.atEpochMs), change.attempts, change.id, change.sink);
      }
    }
  };
}

interface OutboxRow {
  readonly at: string;
  readonly message: string;
  readonly sink: string;
  readonly event: OutboxItem['event'];
  readonly subject: string;
  readonly body: string;
}

const LAST_OF_EACH_ALARM = "SELECT max(id) FROM notifications WHERE event = 'alarm' GROUP BY sink, subject";

/** What a restart brings back. A row that makes no sense is left out. */
export function readOutbox(db: Database.Database): {
  readonly outbox: RestoredOutbox;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  // One that can only be read may be of an older schema.
  const isThere = db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'notifications'").pluck().get() === 1;
  if (!isThere) return { outbox: { pending: [], alarms: [] }, problems };
  const read = (where: string): readonly OutboxItem[] =>
    db
      .prepare<[], OutboxRow>(`SELECT * FROM notifications WHERE ${where} ORDER BY id`)
      .all()
      .flatMap((row) => {
        const atEpochMs = Date.parse(row.at);
        if (!Number.isNaN(atEpochMs)) return [itemFrom(row, atEpochMs)];
        problems.push(`notifications: at is not a time: ${JSON.stringify(row.at)}`);
        return [];
      });
  return { outbox: { pending: read("status = 'pending'"), alarms: read(`id IN (${LAST_OF_EACH_ALARM})`) }, problems };
}

function itemFrom({ message, sink, event, subject, body }: OutboxRow, atEpochMs: number): OutboxItem {
  return { id: message, sink, atEpochMs, event, subject, body };
}

/** Deletes what is settled and old, so many rows at most. */
export function pruneOutbox(db: Database.Database, nowEpochMs: number, limit: number): void {
  db.prepare(
    `DELETE FROM notifications WHERE status <> 'pending' AND settled_at < ? AND id NOT IN (${LAST_OF_EACH_ALARM})
     LIMIT ?`,
  ).run(iso(nowEpochMs - KEPT_MS), limit);
}
