import t from 'tap';
import { formatExplanation } from '../../src/cli/explain-text.ts';
import type { ExplainedProbe, Explanation } from '../../src/runtime/explanation.ts';

const plain = { write() {}, isTerminal: false, hasColour: false };
const PRIMARY = { endpoint: '192.0.2.10 tcp 80', target: 'primary', address: '192.0.2.10' };
const POLICY = { intervalMs: 5000, timeoutMs: 2000, confirmMs: 1000, fall: 3, rise: 3 };

function probe(
  at: string,
  outcome: 'pass' | 'fail',
  count: number,
  over: Partial<ExplainedProbe> = {},
): ExplainedProbe {
  const isFail = outcome === 'fail';
  return {
    ...{ ...PRIMARY, at, outcome, trigger: 'interval', elapsedMs: 1.5, phasesMs: {}, httpStatus: null },
    ...{ reason: isFail ? 'refused' : null, phase: isFail ? 'connect' : null, detail: isFail ? 'ECONNREFUSED' : null },
    ...{ bodySample: null, bodySha256: null },
    counter: { status: count === 3 ? 'down' : 'up', count: count % 3, of: 3 },
    ...over,
  };
}

const FAILOVER: Explanation = {
  ...{ id: 42, at: '2026-01-31T12:00:31.203Z', record: 'app.example.com', cause: 'failover', isDrill: false },
  ...{ fromTarget: 'primary', toTarget: 'backup', fromAddresses: ['192.0.2.10'], toAddresses: ['198.51.100.20'] },
  ...{ reason: 'primary 192.0.2.10: refused ×3', actor: 'prober', serial: 7, zone: 'example.com', family: '' },
  ...{ firstFailAt: '2026-01-31T12:00:29.200Z', detectedMs: 2003, ttlSeconds: 10, generation: 1, row: 9 },
  rule: 'active down, another up: the first up in order, at once',
  targets: { primary: 'down', backup: 'up' },
  endpoints: [
    {
      ...{ ...PRIMARY, ...POLICY },
      before: { status: 'up', count: 2, of: 3 },
      after: { status: 'down', count: 0, of: 3 },
    },
  ],
  probes: [
    probe('2026-01-31T12:00:19.200Z', 'pass', 0),
    probe('2026-01-31T12:00:24.200Z', 'pass', 0),
    probe('2026-01-31T12:00:29.200Z', 'fail', 1),
    probe('2026-01-31T12:00:30.200Z', 'fail', 2, { trigger: 'confirm' }),
    probe('2026-01-31T12:00:31.200Z', 'fail', 3, { trigger: 'confirm' }),
  ],
  publishedAt: '2026-01-31T12:00:31.210Z',
  secondaries: [],
  movedBy: '2026-01-31T12:00:41.210Z',
  outage: {
    ...{ lastGoodAt: '2026-01-31T12:00:24.200Z', firstBadAt: '2026-01-31T12:00:29.200Z' },
    ...{ decidedAt: '2026-01-31T12:00:31.203Z', publishedAt: '2026-01-31T12:00:31.210Z' },
    ...{ movedBy: '2026-01-31T12:00:41.210Z', atMostMs: 17_010 },
  },
  previous: { id: 41, at: '2026-01-31T11:00:31.203Z', cause: 'failback', toTarget: 'primary' },
  next: null,
};

const textOf = (over: Partial<Explanation> = {}) => formatExplanation({ ...FAILOVER, ...over }, plain);

t.test('formatExplanation() is a timeline, and the outage stands before it', async (t) => {
  t.equal(
    textOf().replace(/(?<=\S) {2,}/g, '  '),
    `transition 42: app.example.com failover, primary → backup
2026-01-31 UTC: primary 192.0.2.10: refused ×3

Detected in 2.0 s. Clients that honour the TTL had moved by 12:00:41.3; at most 17.1 s after the last good probe.
The answer before stood for 1h, since transition 41 (failback to primary).
This one still stands.

  12:00:24.200  primary 192.0.2.10  pass in 1.5 ms  up  last good
  12:00:29.200  primary 192.0.2.10  refused (connect) ECONNREFUSED in 1.5 ms  up, fail 1 of 3  first bad
  12:00:30.200  primary 192.0.2.10  refused (connect) ECONNREFUSED in 1.5 ms, confirm  up, fail 2 of 3
  12:00:31.200  primary 192.0.2.10  refused (connect) ECONNREFUSED in 1.5 ms, confirm  down
  12:00:31.203  decided  row 9: active down, another up: the first up in order, at once
  12:00:31.203  answer  198.51.100.20 (before: 192.0.2.10)
  12:00:31.210  published  serial 7, 7 ms after the decision
  12:00:41.210  clients  that honour the TTL (10 s) had moved

Checked every 5s, timeout 2s, confirm 1s, fall 3, rise 3.
Targets: primary down, backup up. Config 1 since the start.
`,
  );
});

t.test('formatExplanation() names the secondary that was not seen to follow', async (t) => {
  const secondary = { secondary: '198.51.100.53:53', acknowledgedAt: null, servedAt: null };
  const outage = FAILOVER.outage && { ...FAILOVER.outage, movedBy: null, atMostMs: null };
  t.match(
    textOf({ secondaries: [secondary], movedBy: null, outage }),
    'When clients had moved is not known: 198.51.100.53:53 was not seen to serve it (TTL 10 s).',
  );
});

t.test('formatExplanation() tags a drill, names who ordered it, and writes the date of another day', async (t) => {
  const text = textOf({
    ...{ cause: 'override', isDrill: true, actor: 'alice', reason: 'quarterly drill', outage: null },
    probes: [probe('2026-01-30T23:59:59.000Z', 'pass', 0)],
  });
  t.match(
    text,
    'transition 42: app.example.com override (drill), primary → backup\n2026-01-31 UTC: quarterly drill (alice)',
  );
  t.match(text, '  2026-01-30 23:59:59.000  primary 192.0.2.10');
  t.notMatch(text, 'Detected');
});

t.test('formatExplanation() says what a failing endpoint said, each text once and in one line', async (t) => {
  const said = { bodySample: 'down\nfor maintenance', bodySha256: 'ab12' };
  const probes = FAILOVER.probes.map((each) => (each.outcome === 'fail' ? { ...each, ...said } : each));
  const lines = textOf({ probes })
    .split('\n')
    .filter((line) => line.includes('said'));
  t.same(lines, ['primary 192.0.2.10 said: "down\\nfor maintenance" (SHA-256 ab12)']);
});

t.test('formatExplanation() makes do with what an earlier release has written', async (t) => {
  const text = textOf({
    ...{ zone: null, ttlSeconds: null, generation: null, row: null, rule: 'active down, another up', endpoints: [] },
    ...{ publishedAt: null, movedBy: null, targets: {}, previous: null },
    probes: FAILOVER.probes.map((each) => ({ ...each, target: null, counter: null })),
    outage: FAILOVER.outage && { ...FAILOVER.outage, publishedAt: null, movedBy: null, atMostMs: null },
  });
  t.match(text, 'When clients had moved is not known: its publication is not recorded.');
  t.match(text, /decided +active down, another up\n/);
  t.match(text, 'Targets: not recorded.\n');
});
