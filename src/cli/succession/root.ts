/** What `serve` loads while a thread reads its config: the composition root, with the succession around it. */
import type { Config } from '../../config/config.ts';
import { type DaemonDeps, startDaemon } from '../daemon.ts';
import { type Incumbent, startIncumbent } from './incumbent.ts';

export function start(
  config: Config,
  deps: DaemonDeps,
  options: { readonly replace: boolean; readonly onSucceeding: () => Promise<void> },
): Promise<Incumbent> {
  return startIncumbent(config, deps, { start: startDaemon, ...options });
}
