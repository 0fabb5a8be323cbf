/** Long work on a database that must not hold up the history thread: each runs in a thread of its own with its own connection. */
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { UpkeepResult } from '../runtime/ports.ts';
import { isDamage, messageOf, openForReading } from './database.ts';
import { faultOf } from './fault.ts';

export type Task = { readonly kind: 'check' } | { readonly kind: 'backup'; readonly to: string };

/** `damaged`: the file with this inode. */
export type TaskResult = UpkeepResult | { readonly ok: false; readonly reason: string; readonly damagedInode: number };

export interface TaskData {
  readonly file: string;
  readonly task: Task;
}

const ENTRY = new URL(`./task-worker${path.extname(import.meta.filename)}`, import.meta.url);

/** Runs a task in a thread of its own. */
export function runAside(data: TaskData): Promise<TaskResult> {
  return new Promise((resolve) => {
    const worker = new Worker(ENTRY, { workerData: data, name: `failoverd ${data.task.kind}` });
    worker.on('message', resolve);
    worker.on('error', (error) => resolve({ ok: false, reason: messageOf(error) }));
    worker.on('exit', () => resolve({ ok: false, reason: 'the thread ended early' }));
  });
}

/** Runs a task here; also what the CLI does without a daemon. */
export function runTask({ file, task }: TaskData): TaskResult {
  return task.kind === 'check' ? checkDatabase(file) : backupDatabase(file, task.to);
}

/** SQLite's quick_check: reads every page, but does not compare indexes with their tables. */
function checkDatabase(file: string): TaskResult {
  const damagedInode = statSync(file, { throwIfNoEntry: false })?.ino ?? 0;
  try {
    const verdict = withDatabase(file, (db) => String(db.pragma('quick_check(1)', { simple: true })));
    return verdict === 'ok'
      ? { ok: true }
      : { ok: false, reason: `${file}: it is damaged: ${oneLine(verdict)}`, damagedInode };
  } catch (error) {
    const { reason } = faultOf(file, error);
    return isDamage(error) ? { ok: false, reason, damagedInode } : { ok: false, reason };
  }
}

/** One consistent state, without holes, complete under its name or not there at all. An existing file is not overwritten. */
function backupDatabase(file: string, to: string): UpkeepResult {
  if (existsSync(to)) return { ok: false, reason: `${to}: it exists already` };
  if (!existsSync(file)) return { ok: false, reason: `${file}: there is no database yet` };
  const unfinished = `${to}.unfinished`;
  try {
    rmSync(unfinished, { force: true });
    withDatabase(file, (db) => db.prepare('VACUUM INTO ?').run(unfinished));
    renameSync(unfinished, to);
    return { ok: true };
  } catch (error) {
    rmSync(unfinished, { force: true });
    return { ok: false, reason: faultOf(`${file} to ${to}`, error).reason };
  }
}

function withDatabase<T>(file: string, use: (db: ReturnType<typeof openForReading>) => T): T {
  const db = openForReading(file);
  try {
    return use(db);
  } finally {
    db.close();
  }
}

const oneLine = (text: string): string => text.split('\n').slice(0, 2).join(' ');
