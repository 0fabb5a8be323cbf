/** Data planes for tests: real workers and sockets on loopback. */
import { Worker } from 'node:worker_threads';
import type { Test } from 'tap';
import { createDataPlane, type DataPlaneDeps } from '../../src/dns/pool.ts';
import type { WorkerData } from '../../src/dns/protocol.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import type { BoundAddress, DataPlane, DataPlaneOptions } from '../../src/runtime/ports.ts';
import { PRIMARY, planeOptions, zoneWith } from './dns-zone.ts';

export const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** As the pool does it, but without what a test runner adds to each thread. */
export function spawnWorker(workerData: WorkerData): Worker {
  return new Worker(new URL('../../src/dns/worker.ts', import.meta.url), { workerData, execArgv: [] });
}

export function makePlane(
  t: Test,
  options: Partial<DataPlaneOptions> = {},
  deps: Partial<DataPlaneDeps> = {},
): DataPlane {
  const plane = createDataPlane(planeOptions(options), { clock: systemClock, log: quiet, spawnWorker, ...deps });
  t.teardown(() => plane.stop());
  return plane;
}

export interface StartedPlane {
  readonly plane: DataPlane;
  readonly bound: readonly BoundAddress[];
  /** The port of the first address. */
  readonly port: number;
}

/** With a zone that answers with the primary. */
export async function startPlane(
  t: Test,
  options?: Partial<DataPlaneOptions>,
  deps?: Partial<DataPlaneDeps>,
): Promise<StartedPlane> {
  const plane = makePlane(t, options, deps);
  const bound = await plane.start([zoneWith(PRIMARY)]);
  return { plane, bound, port: bound[0]?.port ?? 0 };
}
