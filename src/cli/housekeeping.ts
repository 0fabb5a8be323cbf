/** What happens by the clock on the wall, beside the probing: retention and the check of the database. */
import { createTask, schedule } from 'node-cron';
import type { HistorySpec } from '../config/config.ts';
import type { MatchCron } from '../runtime/maintenance.ts';
import type { HistoryUpkeep, Log, UpkeepResult } from '../runtime/ports.ts';

/** Old probes leave every hour, so that no pass is long. */
const PRUNE_AT = '23 * * * *';
/** SQLite's quick_check once a day, at a quiet hour. */
const CHECK_AT = '41 4 * * *';

/** node-cron's reading of an expression; the task is never started. */
export const matchCron: MatchCron = (cron, timezone) => {
  const task = createTask(cron, () => {}, { timezone });
  return (minute) => task.match(minute);
};

export interface Housekeeping {
  stop(): Promise<void>;
}

/** Starts the tasks. None of them overlaps with itself. */
export function startHousekeeping(history: HistoryUpkeep, spec: () => HistorySpec, log: Log): Housekeeping {
  const task = (name: string, at: string, run: () => Promise<UpkeepResult>) =>
    schedule(
      at,
      async () => {
        const result = await run();
        if (!result.ok) log.warn({ task: name, reason: result.reason }, `${name} did not finish: ${result.reason}`);
      },
      { timezone: 'UTC', noOverlap: true, name },
    );
  const tasks = [
    task('retention', PRUNE_AT, () => history.prune(spec())),
    task('database check', CHECK_AT, () => history.check()),
  ];
  return {
    async stop() {
      await Promise.all(tasks.map((each) => each.destroy()));
    },
  };
}
