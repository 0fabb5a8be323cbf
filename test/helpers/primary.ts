/** failoverd without its prober and its API, in this process: its records flip by order, as fast as a test wants. */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { matchCron } from '../../src/cli/housekeeping.ts';
import { parseConfig } from '../../src/config/parse.ts';
import type { OwnerName } from '../../src/core/name.ts';
import { createDataPlane } from '../../src/dns/pool.ts';
import { createSecondaryClient } from '../../src/dns/secondary-client.ts';
import { createHistory } from '../../src/history/history.ts';
import { createAlarms } from '../../src/runtime/alarms.ts';
import { systemClock as clock } from '../../src/runtime/clock.ts';
import { createEngine } from '../../src/runtime/engine.ts';
import type { OnReport } from '../../src/runtime/ports.ts';
import { createSecondaries } from '../../src/runtime/secondaries.ts';
import { createIdleProber, DEAF, PASS } from './engine.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

export async function startPrimary(directory: string, text: string) {
  const parsed = parseConfig(text, path.join(directory, 'failoverd.yaml'), {});
  if (!parsed.ok) throw new Error(parsed.problems.map(({ line, message }) => `${line} ${message}`).join('\n'));
  const { config } = parsed;
  const { listen, keys, zones } = config;
  const alarms = createAlarms(clock, silent);
  const history = createHistory({ path: config.databasePath, clock, log: silent });
  const restored = await history.restore();
  const transfer = {
    keys,
    secondaries: zones.flatMap(({ apex, secondaries: all }) => all.map((one) => ({ zone: apex, ...one }))),
  };
  const dataPlane = createDataPlane({ listen, workers: 1, dns: { ...config.dns, transfer } }, { clock, log: silent });
  const client = createSecondaryClient({ clock, listen: () => listen });
  const secondaries = createSecondaries({ clock, alarms, client, onStatus() {}, onSerial() {} });
  let report: OnReport = () => 'interval';
  const engine = createEngine(
    {
      clock,
      alarms,
      history,
      dataPlane,
      matchCron,
      createProber({ onReport }) {
        report = onReport;
        return createIdleProber({ endpoints: 0, running: 0, waiting: 0, lagMs: 0 });
      },
      ...DEAF,
      onZone: secondaries.published,
    },
    restored,
  );
  secondaries.configure(config);
  await engine.apply(config, (contents) => dataPlane.start(contents));
  // Every server passes its first probe.
  for (const { targets } of zones.flatMap(({ records }) => records)) {
    for (const { id: endpointId } of targets.flatMap(({ endpoints }) => endpoints)) {
      const at = { startedAtEpochMs: clock.epochMs(), startedAtMs: clock.nowMs(), elapsedMs: 1, phasesMs: {} };
      report({ endpointId, trigger: 'interval', outcome: PASS, ...at });
    }
  }
  const flip = (record: OwnerName, target: string): void => {
    const order = { target, reason: 'test', actor: 'test', forMs: null, force: true };
    const result = engine.orders.switchTo(record, order);
    if (!result.ok) throw new Error(result.problem);
  };
  return {
    engine,
    history,
    alarms,
    secondaries,
    dataPlane,
    flip,
    /** Settles when every secondary serves what is published. */
    async following(): Promise<void> {
      const startMs = clock.nowMs();
      while (secondaries.list().some(({ status }) => status !== 'current')) {
        if (clock.nowMs() - startMs > 30_000) throw new Error(JSON.stringify(secondaries.list()));
        await sleep(10);
      }
    },
    async stop() {
      secondaries.stop();
      await engine.stop();
      await dataPlane.stop();
      await history.close();
    },
  };
}
