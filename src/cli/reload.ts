import { loadConfig } from '../config/load.ts';
import type { Environment } from '../config/variables.ts';
import { ListenError, type Log } from '../runtime/ports.ts';
import type { Daemon } from './daemon.ts';
import { count } from './format.ts';

export interface Reloader {
  /** Reads the config again and makes it the one in force; while one reload runs, at most one more waits. */
  readonly request: () => void;
  /** From now on requests are followed; those made before are followed now. */
  begin(daemon: Pick<Daemon, 'reload'>): void;
}

export function reloader(configPath: string, env: Environment, log: Log): Reloader {
  let daemon: Pick<Daemon, 'reload'> | null = null;
  let isRequested = false;
  let isRunning = false;

  async function follow(): Promise<void> {
    if (!daemon || isRunning) return;
    isRunning = true;
    while (isRequested) {
      isRequested = false;
      await reload(daemon, configPath, env, log);
    }
    isRunning = false;
  }

  return {
    request() {
      isRequested = true;
      void follow();
    },
    begin(started) {
      daemon = started;
      void follow();
    },
  };
}

const KEPT = 'the old config stays in force';

/** Whatever is wrong with the new config, the old one stays in force. */
async function reload(daemon: Pick<Daemon, 'reload'>, path: string, env: Environment, log: Log): Promise<void> {
  const result = await loadConfig(path, env);
  for (const { file, line, column, severity, message } of result.ok ? result.warnings : result.problems) {
    log[severity === 'error' ? 'error' : 'warn']({}, `${file}:${line}:${column} ${message}`);
  }
  if (!result.ok) {
    const errors = result.problems.filter(({ severity }) => severity === 'error').length;
    log.error({ errors }, `reload refused: ${count(errors, 'error')} in ${path}; ${KEPT}`);
    return;
  }
  try {
    const notes = await daemon.reload(result.config);
    log.info({}, `reloaded ${path}`);
    for (const note of notes) log.warn({}, note);
  } catch (error) {
    if (error instanceof ListenError) log.error({}, `reload refused: ${error.message}; ${KEPT}`);
    else log.error({ err: error }, `reload failed: ${KEPT}`);
  }
}
