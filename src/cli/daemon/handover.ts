/** How a control plane ends when its DNS workers shall go on, and how another one begins on them. */
import type { Config } from '../../config/config.ts';
import type { ZoneContent } from '../../core/zone.ts';
import type { BoundAddress, DataPlane, History } from '../../runtime/ports.ts';
import { dataPlaneOptions } from './options.ts';
import { type Parts, stopDeciding } from './parts.ts';

export interface Endings {
  retire(): Promise<void>;
  stop(): Promise<void>;
}

/** @param stopOthers ends what asks for decisions from outside. */
export function endings(parts: Parts, stopOthers: () => Promise<unknown>): Endings {
  const { dataPlane, history } = parts;
  let decided: Promise<void> | null = null;
  const stopControlPlane = (): Promise<void> => {
    decided ??= stopOthers().then(() => stopDeciding(parts));
    return decided;
  };
  return {
    async retire() {
      await stopControlPlane();
      await history.close();
    },
    async stop() {
      await stopControlPlane();
      await Promise.all([dataPlane.stop(), history.close()]);
    },
  };
}

/** Workers that answer already get this config and these zones, as at a reload. */
export async function goOn(
  dataPlane: DataPlane,
  config: Config,
  zones: readonly ZoneContent[],
): Promise<readonly BoundAddress[]> {
  const addresses = await dataPlane.reconfigure(dataPlaneOptions(config));
  dataPlane.replace(zones);
  return addresses;
}

/** Why this is no moment to end; null when everything is written. */
export function unwritten(history: History): string | null {
  const status = history.status();
  if (status.status === 'ok') return null;
  return `the database cannot be written (${status.reason}), and what waits in memory would be lost`;
}
