import t from 'tap';
import type { Outcome, ProbeReport } from '../../src/core/outcome.ts';
import { createTally } from '../../src/runtime/tally.ts';
import { PROBE, transition } from '../history/helpers.ts';

function report(endpointId: string, outcome: Outcome, over: Partial<ProbeReport> = {}): ProbeReport {
  return { ...PROBE, endpointId, outcome, elapsedMs: 3, ...over };
}

const PASS: Outcome = { outcome: 'pass' };
const TIMEOUT: Outcome = { outcome: 'fail', reason: 'timeout', phase: 'connect', detail: '' };

t.test('a tally counts probes by endpoint and outcome, fails by reason, durations by outcome', async (t) => {
  const tally = createTally();
  for (const outcome of [PASS, PASS, TIMEOUT]) tally.probe(report('a', outcome));
  tally.probe(report('b', TIMEOUT));
  const { endpoints, reasons, durations } = tally.report();
  t.match(endpoints.get('a'), { pass: 2, fail: 1, inconclusive: 0 });
  t.same(reasons, { timeout: 2 });
  t.equal(durations.pass.sumMs, 6);
  t.equal(durations.inconclusive.sumMs, 0);
});

t.test('a tally keeps the certificate that was seen last, and counts transitions by cause', async (t) => {
  const tally = createTally();
  tally.probe(report('a', PASS, { certificateExpiresAtEpochMs: 5 }));
  tally.probe(report('a', TIMEOUT));
  tally.transition(transition(1));
  tally.transition(transition(2, { cause: 'failback' }));
  t.equal(tally.report().endpoints.get('a')?.certificateExpiresAtEpochMs, 5);
  t.same(tally.report().transitions, { failover: 1, failback: 1 });
});

t.test('keepOnly() forgets what the config no longer has', async (t) => {
  const tally = createTally();
  tally.probe(report('a', PASS));
  tally.probe(report('b', PASS));
  tally.keepOnly((id) => id === 'b');
  t.same([...tally.report().endpoints.keys()], ['b']);
});
