import t from 'tap';
import {
  counterText,
  outcomeText,
  stepsOf,
  summaryOf,
  tellingProbes,
} from '../../../src/admin/dashboard/public/model/explanation.js';
import type { ExplainedProbe, Explanation } from '../../../src/runtime/explanation.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 31, 12, 0, second)).toISOString();

function probe(second: number, endpoint: string, outcome: string, over: Partial<ExplainedProbe> = {}): ExplainedProbe {
  return {
    ...{
      at: at(second),
      endpoint,
      target: endpoint,
      address: '192.0.2.10',
      trigger: 'interval',
      outcome,
      reason: null,
    },
    ...{ phase: null, detail: null, elapsedMs: 1, phasesMs: {}, httpStatus: null, bodySample: null, bodySha256: null },
    counter: null,
    ...over,
  };
}

const FAILOVER: Explanation = {
  ...{ id: 7, at: at(12), record: 'a', cause: 'failover', fromTarget: 'primary', toTarget: 'backup', actor: 'prober' },
  ...{
    fromAddresses: [],
    toAddresses: [],
    reason: '',
    isDrill: false,
    serial: 5,
    firstFailAt: at(10),
    detectedMs: 2_000,
  },
  ...{ zone: null, family: '', ttlSeconds: 10, generation: 1, row: 9, rule: 'active down', targets: {}, endpoints: [] },
  ...{ publishedAt: at(13), movedBy: at(24), previous: null, next: null },
  secondaries: [{ secondary: '198.51.100.53:53', acknowledgedAt: at(13), servedAt: at(14) }],
  outage: {
    ...{ lastGoodAt: at(5), firstBadAt: at(10), decidedAt: at(12), publishedAt: at(13), movedBy: at(24) },
    atMostMs: 19_000,
  },
  probes: [
    probe(1, 'primary', 'pass'),
    probe(4, 'backup', 'pass'),
    probe(5, 'primary', 'pass'),
    probe(9, 'backup', 'pass'),
    probe(10, 'primary', 'fail'),
    probe(11, 'primary', 'fail'),
  ],
};

t.test('stepsOf() tells the way from the last good probe to the last cache, in the order of time', async (t) => {
  t.same(
    stepsOf(FAILOVER).map(({ what, note }) => [what, note]),
    [
      ['last good probe', ''],
      ['first bad probe', ''],
      ['decided', 'row 9: active down'],
      ['answered by DNS', 'serial 5'],
      ['served by 198.51.100.53:53', ''],
      ['no cache has the old answer', 'TTL 10 s'],
    ],
  );
  const old = { ...FAILOVER, outage: null, row: null, publishedAt: null, movedBy: null, secondaries: [] };
  t.same(
    stepsOf(old).map(({ what, note }) => [what, note]),
    [['decided', 'active down']],
    'what was not recorded is left out',
  );
});

t.test('summaryOf() says how fast it was seen, and the most that clients were without service', async (t) => {
  t.equal(
    summaryOf(FAILOVER),
    'Detected in 2 s. No client that honours the TTL was without service for more than 19 s.',
  );
  const outage = FAILOVER.outage && { ...FAILOVER.outage, atMostMs: null };
  const secondaries = [{ secondary: 'ns2', acknowledgedAt: null, servedAt: null }];
  t.equal(summaryOf({ ...FAILOVER, outage, secondaries }), 'Detected in 2 s. ns2 was not seen to serve it.');
  t.equal(summaryOf({ ...FAILOVER, outage: null }), null, 'nothing failed');
});

t.test(
  'tellingProbes() keeps the failing streak with the pass before it, and the last pass of the others',
  async (t) => {
    t.same(
      tellingProbes(FAILOVER).map(({ at: moment, endpoint }) => [endpoint, moment]),
      [
        ['primary', at(5)],
        ['backup', at(9)],
        ['primary', at(10)],
        ['primary', at(11)],
      ],
    );
  },
);

t.test('outcomeText() and counterText() are one line each', async (t) => {
  t.equal(outcomeText(probe(1, 'p', 'pass', { httpStatus: 204 })), 'pass 204');
  const refused = { reason: 'refused', phase: 'connect', detail: 'ECONNREFUSED' };
  t.equal(outcomeText(probe(1, 'p', 'fail', refused)), 'refused (connect) ECONNREFUSED');
  t.equal(outcomeText(probe(1, 'p', 'inconclusive', { reason: 'EMFILE', detail: 'x' })), 'inconclusive EMFILE x');
  t.equal(counterText({ status: 'up', count: 2, of: 3 }), 'up, fail 2 of 3');
  t.equal(counterText({ status: 'down', count: 1, of: 2 }), 'down, pass 1 of 2');
  t.same([counterText({ status: 'up', count: 0, of: 3 }), counterText(null)], ['up', '']);
});
