import t from 'tap';
import { type AlarmChange, createAlarms } from '../../src/runtime/alarms.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';

const KEY = { name: 'prober_blind', subject: 'prober' };
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

t.test('onChange() tells of each alarm once when it is raised and once when it is resolved', async (t) => {
  const clock = createFakeClock();
  const alarms = createAlarms(clock, SILENT);
  const changes: AlarmChange[] = [];
  alarms.onChange((change) => changes.push(change));
  const since = new Date(clock.epochMs()).toISOString();
  alarms.resolve(KEY);
  alarms.raise(KEY, 'first');
  alarms.raise(KEY, 'renewed');
  clock.advance(1_000);
  alarms.keepOnly(KEY.name, new Set());
  alarms.resolve(KEY);
  const resolvedAt = new Date(clock.epochMs()).toISOString();
  t.same(changes, [
    { ...KEY, message: 'first', since, resolvedAt: null },
    { ...KEY, message: 'renewed', since, resolvedAt },
  ]);
  t.same(alarms.resolved(), [{ ...KEY, message: 'renewed', since, resolvedAt }]);
  for (let i = 0; i < 101; i++) {
    alarms.raise({ ...KEY, subject: `${i}` }, 'one of many');
    alarms.resolve({ ...KEY, subject: `${i}` });
  }
  t.equal(alarms.resolved().length, 100, 'not without bound');
  t.equal(alarms.resolved()[0]?.subject, '100');
});
