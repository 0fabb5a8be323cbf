/** What a supervisor asks: whether to restart the process, and whether to send clients to it. */
import type { Engine } from './engine.ts';
import type { DataPlane } from './ports.ts';
import { labelOf } from './readiness.ts';

/** Whether the process does its work, and if not, which parts do not. */
export interface HealthReport {
  readonly ok: boolean;
  /** One line each. */
  readonly failing: readonly string[];
}

/** That this runs at all shows that the control plane's event loop is alive. */
export async function liveness(dataPlane: Pick<DataPlane, 'alive'>): Promise<HealthReport> {
  const isAlive = await dataPlane.alive();
  return reportOf(isAlive ? [] : ['a DNS worker does not answer']);
}

/** Ready once every record has an answer. */
export async function readiness(
  engine: Pick<Engine, 'tracks'>,
  dataPlane: Pick<DataPlane, 'alive'>,
): Promise<HealthReport> {
  const { failing } = await liveness(dataPlane);
  const undecided = engine.tracks().filter(({ state }) => state === null);
  return reportOf([...failing, ...undecided.map((track) => `${labelOf(track)} waits for its first probe round`)]);
}

function reportOf(failing: readonly string[]): HealthReport {
  return { ok: failing.length === 0, failing };
}
