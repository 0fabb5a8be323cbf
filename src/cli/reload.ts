import { loadConfig } from '../config/load.ts';
import type { Environment } from '../config/variables.ts';
import { ListenError, type Log } from '../runtime/ports.ts';
import type { ReloadOutcome } from '../runtime/reload.ts';
import type { ReloadCounts } from '../runtime/status.ts';
import type { Daemon } from './daemon.ts';
import { count } from './format.ts';
import type { Supervisor } from './supervisor.ts';

export interface ReloadTarget {
  readonly daemon: Pick<Daemon, 'reload' | 'reloaded'>;
  readonly supervisor: Pick<Supervisor, 'reloading' | 'ready'>;
  readonly log: Log;
}

export interface Reloader {
  /** Reads the config again and makes it the one in force; while one reload runs, at most one more waits, for all who ask. */
  readonly request: () => void;
  /** The same; settles with what came of it. */
  readonly run: () => Promise<ReloadOutcome>;
  /** From now on requests are followed; those made before are followed now. */
  begin(target: ReloadTarget): void;
  readonly counts: () => ReloadCounts;
}

export function reloader(configPath: string, env: Environment): Reloader {
  let target: ReloadTarget | null = null;
  let counts: ReloadCounts = { succeeded: 0, failed: 0 };
  let waiting: PromiseWithResolvers<ReloadOutcome> | null = null;
  let isRunning = false;

  async function follow(): Promise<void> {
    if (!target || isRunning) return;
    isRunning = true;
    for (let asked = waiting; asked !== null; asked = waiting) {
      waiting = null;
      target.supervisor.reloading();
      const outcome = await reload(target, configPath, env);
      counts = outcome.ok ? { ...counts, succeeded: counts.succeeded + 1 } : { ...counts, failed: counts.failed + 1 };
      target.supervisor.ready();
      target.daemon.reloaded(outcome);
      asked.resolve(outcome);
    }
    isRunning = false;
  }

  function run(): Promise<ReloadOutcome> {
    waiting ??= Promise.withResolvers();
    const { promise } = waiting;
    void follow();
    return promise;
  }

  return {
    request: () => void run(),
    run,
    begin(started) {
      target = started;
      void follow();
    },
    counts: () => counts,
  };
}

const KEPT = 'the old config stays in force';

async function reload({ daemon, log }: ReloadTarget, path: string, env: Environment): Promise<ReloadOutcome> {
  const result = await loadConfig(path, env);
  for (const { file, line, column, severity, message } of result.ok ? result.warnings : result.problems) {
    log[severity === 'error' ? 'error' : 'warn']({}, `${file}:${line}:${column} ${message}`);
  }
  if (!result.ok) {
    const errors = result.problems.filter(({ severity }) => severity === 'error').length;
    const message = `${count(errors, 'error')} in ${path}; ${KEPT}`;
    log.error({ errors }, `reload refused: ${message}`);
    return { ok: false, message, problems: result.problems };
  }
  try {
    const { changes, notes } = await daemon.reload(result.config);
    const message = `reloaded ${path}: ${changes}`;
    log.info({}, message);
    for (const note of notes) log.warn({}, note);
    return { ok: true, message, changes, notes };
  } catch (error) {
    const why = error instanceof ListenError ? error.message : 'an internal error; the log has the details';
    if (error instanceof ListenError) log.error({}, `reload refused: ${why}; ${KEPT}`);
    else log.error({ err: error }, `reload failed: ${KEPT}`);
    return { ok: false, message: `${why}; ${KEPT}`, problems: [] };
  }
}
