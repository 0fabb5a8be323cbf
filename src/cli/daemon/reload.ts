import { setImmediate } from 'node:timers/promises';
import type { Config } from '../../config/config.ts';
import { diffConfig, formatDiff } from '../../config/diff.ts';
import { dataPlaneOptions, needsRestart } from './options.ts';
import type { Parts, Running } from './parts.ts';

/** What a reload did, in words. */
export interface Reloaded {
  readonly changes: string;
  /** What of the new config needs a restart. */
  readonly notes: readonly string[];
}

/** The sockets first: they can be refused, and then nothing has changed. */
export async function reload(next: Config, running: Running, parts: Parts): Promise<Reloaded> {
  const { engine, dataPlane, secondaries, notifications } = parts;
  const before = running.config;
  const options = dataPlaneOptions(next);
  if (JSON.stringify(options) !== JSON.stringify(dataPlaneOptions(before))) {
    running.addresses = await dataPlane.reconfigure(options);
  }
  running.config = next;
  secondaries.configure(next);
  notifications.configure(next);
  await engine.apply(next, (zones) => dataPlane.replace(zones));
  await setImmediate(); // comparing thousands of records in a turn of its own
  return { changes: formatDiff(diffConfig(before, next)), notes: needsRestart(before, next) };
}
