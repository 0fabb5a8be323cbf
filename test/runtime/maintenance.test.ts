import t from 'tap';
import { matchCron } from '../../src/cli/housekeeping.ts';
import type { MaintenanceSpec } from '../../src/config/config.ts';
import type { OwnerName } from '../../src/core/name.ts';
import { createMaintenance } from '../../src/runtime/maintenance.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';

const RECORD = 'app.example.com.' as OwnerName;
/** Sundays at three in the morning in Berlin: 02:00 UTC in winter. */
const WINDOW: MaintenanceSpec = {
  record: RECORD,
  target: 'primary',
  cron: '0 3 * * 0',
  timezone: 'Europe/Berlin',
  durationMs: 3_600_000,
};

function start(at: string, windows = [WINDOW]) {
  const clock = createFakeClock(Date.parse(at));
  const changes: string[] = [];
  const maintenance = createMaintenance({
    clock,
    matchCron,
    onChange: () => changes.push(new Date(clock.epochMs()).toISOString()),
  });
  maintenance.setWindows(windows);
  return { clock, maintenance, changes };
}

t.test(
  'a maintenance window opens by its cron expression in its time zone, and closes after its duration',
  async (t) => {
    const { clock, maintenance, changes } = start('2026-11-29T01:59:30Z');
    t.same(maintenance.drainedTargets(RECORD), []);
    clock.advance(30_000);
    t.same(maintenance.drainedTargets(RECORD), ['primary']);
    clock.advance(3_590_000);
    t.same(maintenance.drainedTargets(RECORD), ['primary']);
    clock.advance(10_000);
    t.same(maintenance.drainedTargets(RECORD), []);
    t.same(changes, ['2026-11-29T02:00:00.000Z', '2026-11-29T03:00:00.000Z']);
  },
);

t.test('a window that opened before the start is open for the rest of its time', async (t) => {
  const { clock, maintenance } = start('2026-11-29T02:40:00Z');
  t.same(maintenance.drainedTargets(RECORD), ['primary']);
  clock.advance(20 * 60_000);
  t.same(maintenance.drainedTargets(RECORD), []);
});

t.test('a window opens at 01:00 UTC in summer time', async (t) => {
  t.same(start('2026-07-05T01:10:00Z').maintenance.drainedTargets(RECORD), ['primary']);
  t.same(start('2026-07-05T02:10:00Z').maintenance.drainedTargets(RECORD), []);
});

t.test('a step of the wall clock does not prolong an open window', async (t) => {
  const { clock, maintenance } = start('2026-11-29T02:00:00Z');
  clock.stepWall(-30 * 86_400_000);
  clock.advance(3_610_000);
  t.same(maintenance.drainedTargets(RECORD), []);
});

t.test('stop() and a reload without windows leave no timer behind', async (t) => {
  const { clock, maintenance } = start('2026-11-29T02:00:00Z');
  maintenance.setWindows([]);
  t.equal(clock.pendingTimers(), 0);
  maintenance.setWindows([WINDOW]);
  maintenance.stop();
  t.equal(clock.pendingTimers(), 0);
});
