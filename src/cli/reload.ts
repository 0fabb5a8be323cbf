import { loadConfig } from '../config/load.ts';
import type { Environment } from '../config/variables.ts';
import { ListenError, type Log } from '../runtime/ports.ts';
import type { ReloadCounts } from '../runtime/status.ts';
import type { Daemon } from './daemon.ts';
import { count } from './format.ts';
import type { Supervisor } from './supervisor.ts';

export interface ReloadTarget {
  readonly daemon: Pick<Daemon, 'reload'>;
  readonly supervisor: Pick<Supervisor, 'reloading' | 'ready'>;
  readonly log: Log;
}

export interface Reloader {
  /** Reads the config again and makes it the one in force; while one reload runs, at most one more waits. */
  readonly request: () => void;
  /** From now on requests are followed; those made before are followed now. */
  begin(target: ReloadTarget): void;
  readonly counts: () => ReloadCounts;
}

export function reloader(configPath: string, env: Environment): Reloader {
  let target: ReloadTarget | null = null;
  let counts: ReloadCounts = { succeeded: 0, failed: 0 };
  let isRequested = false;
  let isRunning = false;

  async function follow(): Promise<void> {
    if (!target || isRunning) return;
    isRunning = true;
    while (isRequested) {
      isRequested = false;
      target.supervisor.reloading();
      const isDone = await reload(target, configPath, env);
      counts = isDone ? { ...counts, succeeded: counts.succeeded + 1 } : { ...counts, failed: counts.failed + 1 };
      target.supervisor.ready();
    }
    isRunning = false;
  }

  return {
    request() {
      isRequested = true;
      void follow();
    },
    begin(started) {
      target = started;
      void follow();
    },
    counts: () => counts,
  };
}

const KEPT = 'the old config stays in force';

/** @returns false when the new config has something wrong: then the old one stays in force. */
async function reload({ daemon, log }: ReloadTarget, path: string, env: Environment): Promise<boolean> {
  const result = await loadConfig(path, env);
  for (const { file, line, column, severity, message } of result.ok ? result.warnings : result.problems) {
    log[severity === 'error' ? 'error' : 'warn']({}, `${file}:${line}:${column} ${message}`);
  }
  if (!result.ok) {
    const errors = result.problems.filter(({ severity }) => severity === 'error').length;
    log.error({ errors }, `reload refused: ${count(errors, 'error')} in ${path}; ${KEPT}`);
    return false;
  }
  try {
    const { changes, notes } = await daemon.reload(result.config);
    log.info({}, `reloaded ${path}: ${changes}`);
    for (const note of notes) log.warn({}, note);
    return true;
  } catch (error) {
    if (error instanceof ListenError) log.error({}, `reload refused: ${error.message}; ${KEPT}`);
    else log.error({ err: error }, `reload failed: ${KEPT}`);
    return false;
  }
}
