/** What a config means for the parts that do not know configs. */
import { availableParallelism } from 'node:os';
import type { Config } from '../../config/config.ts';
import type { DataPlaneOptions } from '../../runtime/ports.ts';

export function dataPlaneOptions({ listen, workers, dns, zones, keys }: Config): DataPlaneOptions {
  const secondaries = zones.flatMap(({ apex: zone, secondaries: all }) =>
    all.map(({ address, key }) => ({ zone, address, key })),
  );
  const transfer = { keys, secondaries };
  return { listen, workers: workers === 'auto' ? availableParallelism() : workers, dns: { ...dns, transfer } };
}

/** What of a new config takes effect only at the next start, one line each. */
export function needsRestart(before: Config, next: Config): readonly string[] {
  const parts: readonly (readonly [string, (config: Config) => unknown])[] = [
    ['database', (config) => config.databasePath],
    ['admin', (config) => config.admin],
    ['log', (config) => config.log],
  ];
  return parts
    .filter(([, of]) => JSON.stringify(of(before)) !== JSON.stringify(of(next)))
    .map(([name]) => `"${name}" has changed: restart failoverd for it`);
}
