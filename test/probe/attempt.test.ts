import t from 'tap';
import type { Outcome, ProbePhase, ProbeReport } from '../../src/core/outcome.ts';
import { Attempt } from '../../src/probe/attempt.ts';
import { FakeClock } from './fake-clock.ts';
import { tcpEndpoint } from './helpers.ts';

const PASS: Outcome = { outcome: 'pass' };
const RESET: Outcome = { outcome: 'fail', reason: 'reset', phase: 'headers', detail: 'ECONNRESET' };
const STATUS: Outcome = { outcome: 'fail', reason: 'status', phase: 'headers', detail: '503' };
const LATE = { outcome: 'inconclusive', reason: 'late' };

/** An attempt of 1 s that has come to a phase 100 ms after its start. */
function setup(phase: ProbePhase = 'connect') {
  const clock = new FakeClock();
  const reports: ProbeReport[] = [];
  const attempt = new Attempt({ clock, sockets: new Set() }, tcpEndpoint(1), 'interval', (report) =>
    reports.push(report),
  );
  clock.advance(100);
  if (phase !== 'connect') attempt.enter(phase);
  return { clock, attempt, reports, outcome: () => reports[0]?.outcome };
}

t.test('Attempt ends at its deadline with the phase that it was in', (t) => {
  for (const phase of ['connect', 'tls', 'headers', 'body'] as const) {
    const { clock, reports } = setup(phase);
    clock.advance(899);
    t.same(reports, []);
    clock.advance(1);
    t.match(reports, [{ outcome: { reason: 'timeout', phase, detail: 'no answer within 1 s' }, elapsedMs: 1000 }]);
  }
  t.end();
});

t.test('Attempt times the phases that it finished', (t) => {
  const { clock, attempt, reports } = setup('tls');
  clock.advance(20);
  attempt.enter('headers');
  clock.advance(3);
  attempt.enter('body');
  clock.advance(4);
  attempt.settle(PASS);
  t.match(reports[0], { phasesMs: { connect: 100, tls: 20, headers: 3, body: 4 }, elapsedMs: 127, startedAtMs: 0 });
  t.end();
});

t.test('Attempt reports once, whatever comes after, and never after an abort', (t) => {
  const settled = setup();
  settled.attempt.settle(PASS);
  settled.attempt.settle(RESET);
  settled.clock.advance(10_000);
  t.match(settled.reports, [{ outcome: PASS }]);

  const aborted = setup();
  aborted.attempt.abort();
  aborted.attempt.settle(PASS);
  aborted.clock.advance(10_000);
  t.same(aborted.reports, []);
  t.equal(aborted.clock.timers, 0);
  t.end();
});

t.test('Attempt whose deadline comes late still reads for 250 ms before it judges', (t) => {
  const { clock, attempt, reports } = setup('headers');
  clock.stall(2000);
  clock.advance(0);
  t.same(reports, [], 'the answer may be waiting unread');
  clock.advance(20);
  attempt.settle(PASS);
  t.match(reports, [{ outcome: PASS }]);
  t.end();
});

t.test('Attempt fails late all the same when the endpoint had its time and is silent', (t) => {
  const { clock, outcome } = setup('headers');
  clock.stall(2000);
  clock.advance(249);
  t.equal(outcome(), undefined);
  clock.advance(1);
  t.match(outcome(), { outcome: 'fail', reason: 'timeout', phase: 'headers' });
  t.end();
});

t.test('Attempt is inconclusive when the endpoint had waited for a late prober', (t) => {
  const impatient = setup('connect');
  impatient.clock.stall(30_000);
  impatient.clock.advance(0);
  impatient.attempt.enter('headers');
  impatient.attempt.settle(RESET);
  t.match(impatient.outcome(), LATE, 'it closed a connection on which we sent nothing for 30 s');

  const slow = setup('tls');
  slow.clock.stall(2000);
  slow.clock.advance(0);
  slow.attempt.enter('headers');
  slow.clock.advance(250);
  t.match(slow.outcome(), LATE, 'it had 250 ms instead of its timeout');
  t.end();
});

t.test('Attempt that was punctual by chance grants the same to an endpoint whose part was waiting unread', (t) => {
  const { clock, attempt, reports, outcome } = setup('connect');
  clock.stall(940);
  clock.setTimer(0, () => attempt.enter('headers'));
  clock.advance(200);
  t.same(reports, [], 'a stall that ended just after the deadline');
  clock.advance(100);
  t.match(outcome(), LATE);
  t.end();
});

t.test('Attempt keeps a clear answer also when it was late', (t) => {
  const { clock, attempt, outcome } = setup('connect');
  clock.stall(2000);
  clock.advance(0);
  attempt.enter('headers');
  attempt.settle(STATUS);
  t.same(outcome(), STATUS);
  t.end();
});

t.test('Attempt that is at most 50 ms late judges after one more turn of the loop', (t) => {
  const { clock, outcome } = setup('headers');
  clock.stall(950);
  clock.advance(0);
  t.match(outcome(), { reason: 'timeout' });
  t.end();
});

t.test('Attempt.settleWithin() keeps its verdict while it reads on for evidence', (t) => {
  const silent = setup('body');
  silent.attempt.settleWithin(STATUS, 100);
  silent.clock.advance(99);
  t.same(silent.reports, []);
  silent.clock.advance(1);
  t.same(silent.outcome(), STATUS);

  const ended = setup('body');
  ended.attempt.settleWithin(STATUS, 100);
  ended.attempt.received.add(Buffer.from('out of order'));
  ended.attempt.settle(PASS);
  t.match(ended.reports, [{ outcome: STATUS, bodySample: 'out of order' }]);

  const short = setup('body');
  short.clock.advance(890);
  short.attempt.settleWithin(STATUS, 100);
  short.clock.advance(10);
  t.same(short.outcome(), STATUS, 'never beyond the deadline');
  t.end();
});
