import t from 'tap';
import { availabilityOf } from '../../src/runtime/availability.ts';
import type { TimelineRow } from '../../src/runtime/history-report.ts';
import { record, target } from '../helpers/engine.ts';

const WINDOW = { fromMs: 1000, toMs: 2000 };

const row = (atMs: number, toTarget: string, cause = 'failover', isIPv6 = false): TimelineRow => ({
  ...{ record: 'app.example.com', atMs, cause, toTarget, isIPv6 },
});

t.test('availabilityOf() weighs what was answered by the time for which it was', async (t) => {
  const of = (...rows: TimelineRow[]) => {
    const { answeredFraction, onPrimaryFraction, transitions } = availabilityOf(record(), rows, [], WINDOW);
    return [answeredFraction, onPrimaryFraction, transitions];
  };
  t.same(of(), [null, null, 0], 'nothing is known');
  t.same(of(row(5, 'primary', 'start')), [1, 1, 0], 'nothing happened');
  t.same(of(row(5, 'primary', 'start'), row(1250, 'backup')), [1, 0.25, 1]);
  t.same(of(row(5, 'primary', 'start'), row(700, 'backup'), row(1500, 'primary', 'failback')), [1, 0.5, 1]);
  t.same(of(row(5, 'backup'), row(1400, 'primary', 'all_down'), row(1900, 'primary', 'recovered')), [0.5, 0.1, 2]);
  t.same(of(row(1600, 'primary', 'start'), row(1800, 'backup')), [1, 0.5, 2], 'only the time that is known counts');
});

t.test('availabilityOf() averages the families where they are decided apart', async (t) => {
  const both = record({ families: 'independent', targets: [target('primary', '192.0.2.10', '2001:db8::10')] });
  const rows = [row(1, 'primary', 'start'), row(2, 'primary', 'start', true), row(1500, 'primary', 'all_down', true)];
  t.match(availabilityOf(both, rows, [], WINDOW), { answeredFraction: 0.75, transitions: 1 });
});

t.test('availabilityOf() averages the endpoints of a target', async (t) => {
  const two = record({ targets: [target('primary', '192.0.2.10', '192.0.2.11'), target('backup', '198.51.100.20')] });
  const fractions = [
    { endpoint: '192.0.2.10 tcp 80', upFraction: 1 },
    { endpoint: '192.0.2.11 tcp 80', upFraction: 0.5 },
    { endpoint: '198.51.100.20 tcp 80', upFraction: null },
  ];
  t.same(availabilityOf(two, [], fractions, WINDOW).targets, [
    { target: 'primary', upFraction: 0.75 },
    { target: 'backup', upFraction: null },
  ]);
});
