import t from 'tap';
import type { OwnerName } from '../../src/core/name.ts';
import { type StatusSources, statusReport } from '../../src/runtime/status-report.ts';
import { createTestEngine, PASS, record, ZONE, zone } from '../helpers/engine.ts';

const PRIMARY = '192.0.2.10';

/** Records that all share two endpoints, decided. */
async function sourcesOf(count: number): Promise<StatusSources> {
  const { engine, alarms, clock, apply, probe } = createTestEngine();
  const names = Array.from({ length: count }, (_, index) => `r${index}.${ZONE}` as OwnerName);
  await apply(zone(...names.map((name) => record({ name }))));
  probe(PRIMARY, PASS);
  await engine.publisher.settled();
  const dataPlane = { stats: async () => ({}) } as unknown as StatusSources['dataPlane'];
  return {
    ...{ version: '0', startedAtEpochMs: 0, addresses: [], configPath: null },
    reloads: () => ({ succeeded: 0, failed: 0 }),
    history: { status: () => ({ status: 'ok' }) },
    secondaries: { list: () => [] },
    notifications: { status: () => [] },
    ...{ engine, alarms, clock, dataPlane },
  };
}

t.test('statusReport() lets the event loop turn while it goes through thousands of records', async (t) => {
  const sources = await sourcesOf(2000);
  let turns = 0;
  let isDone = false;
  const turn = (): void => {
    turns++;
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  const { records, verdict } = await statusReport(sources);
  isDone = true;
  t.equal(records.length, 2000);
  t.equal(verdict, 'ok');
  t.ok(turns >= 7, `${turns} turns`);
});

t.test('statusReport() says prober_blind while the witnesses are down', async (t) => {
  const sources = await sourcesOf(1);
  const prober = { ...sources.engine.prober, sight: () => 'blind' as const };
  const { verdict } = await statusReport({ ...sources, engine: { ...sources.engine, prober } });
  t.equal(verdict, 'prober_blind');
});
