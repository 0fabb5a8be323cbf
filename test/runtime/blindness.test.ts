import t from 'tap';
import { createBlindness } from '../../src/runtime/blindness.ts';

t.test('a probe that began while the prober was blind and fails when it sees again proves nothing', async (t) => {
  let nowMs = 0;
  const blindness = createBlindness({
    clock: { nowMs: () => nowMs },
    alarms: { raise() {}, resolve() {} },
    monitor: { mark() {}, rewind() {} },
    onClear() {},
  });
  const report = (startedAtMs: number, outcome: 'pass' | 'fail') => ({
    endpointId: 'e',
    trigger: 'interval' as const,
    outcome:
      outcome === 'pass' ? { outcome } : { outcome, reason: 'timeout' as const, phase: 'connect' as const, detail: '' },
    startedAtEpochMs: 0,
    startedAtMs,
    elapsedMs: 1,
    phasesMs: {},
  });
  blindness.configure('hold');
  t.notOk(blindness.provesNothing(report(0, 'fail')));
  blindness.onSight('checking', 'clear');
  nowMs = 5;
  blindness.onSight('clear', 'checking');
  t.notOk(blindness.provesNothing(report(0, 'fail')), 'it was never blind');
  blindness.onSight('checking', 'clear');
  blindness.onSight('blind', 'checking');
  nowMs = 10;
  blindness.onSight('clear', 'blind');
  t.ok(blindness.provesNothing(report(9, 'fail')));
  t.notOk(blindness.provesNothing(report(10, 'fail')));
  t.notOk(blindness.provesNothing(report(9, 'pass')));
  blindness.configure('trust');
  t.notOk(blindness.provesNothing(report(9, 'fail')));
});
