import t from 'tap';
import {
  initialState,
  PROBES_KEPT,
  withConnection,
  withEvent,
  withProbes,
  withReport,
  withTransitions,
} from '../../../src/admin/dashboard/public/model/state.js';
import { verdictOf } from '../../../src/admin/dashboard/public/model/verdict.js';
import { failedOver, recordOf, reportOf } from '../../helpers/dashboard-world.ts';

const NOW = 1_800_000_000_000;
const live = (...args: Parameters<typeof reportOf>) =>
  withConnection(withReport(initialState(NOW), reportOf(...args), NOW), 'live', NOW);

t.test('withReport() takes over the whole, and the time of the server', async (t) => {
  const report = reportOf([recordOf('a.example.com')], { now: new Date(NOW + 5_000).toISOString() });
  const state = withReport(initialState(NOW), report, NOW);
  t.equal(state.offsetMs, 5_000);
  t.same([...state.records.keys()], ['a.example.com']);
  t.equal(state.probes.get('192.0.2.10 #primary')?.length, 1, 'the last probe begins the heartbeat');
  const gone = withReport(state, reportOf([]), NOW);
  t.same([gone.records.size, gone.probes.size], [0, 0], 'what is no more is forgotten');
});

t.test('withEvent() record replaces one record, and leaves the state before as it was', async (t) => {
  const before = live([recordOf('a.example.com'), recordOf('b.example.com')]);
  const after = withEvent(before, 'record', failedOver('a.example.com'), NOW);
  t.equal(after.records.get('a.example.com')?.activeTarget, 'backup');
  t.equal(before.records.get('a.example.com')?.activeTarget, 'primary');
  t.equal(after.records.get('b.example.com'), before.records.get('b.example.com'));
});

t.test('withEvent() keeps A and AAAA apart where they are decided apart', async (t) => {
  const state = live([recordOf('a.example.com', { family: '4' }), recordOf('a.example.com', { family: '6' })]);
  const after = withEvent(state, 'record', failedOver('a.example.com', { family: '6' }), NOW);
  t.same(
    [...after.records].map(([key, { activeTarget }]) => [key, activeTarget]),
    [
      ['a.example.com/4', 'primary'],
      ['a.example.com/6', 'backup'],
    ],
  );
});

t.test(`withEvent() probes keeps the last ${PROBES_KEPT} of each endpoint`, async (t) => {
  let state = live([recordOf('a.example.com')]);
  const id = '192.0.2.10 #primary';
  const first = state.probes.get(id)?.[0]?.atMs ?? 0;
  for (let i = 1; i <= 100; i++) state = withEvent(state, 'probes', [[id, first + i, 'pass', i]], NOW);
  const probes = state.probes.get(id) ?? [];
  t.equal(probes.length, PROBES_KEPT);
  t.equal(probes.at(-1)?.elapsedMs, 100);
});

t.test('withProbes() puts what the history has before what is known, each once', async (t) => {
  const state = live([recordOf('a.example.com')]);
  const id = '192.0.2.10 #primary';
  const last = state.probes.get(id)?.[0];
  if (!last) throw new Error('no probe');
  const older = { atMs: last.atMs - 5_000, outcome: 'fail', elapsedMs: 1 };
  t.same(withProbes(state, new Map([[id, [older, last]]])).probes.get(id), [older, last]);
  t.notOk(withProbes(state, new Map([['gone', [older]]])).probes.has('gone'));
});

t.test('withTransitions() gives an announced transition its id when the history has it', async (t) => {
  const announced = {
    at: '2026-01-31T12:00:00.000Z',
    record: 'a.example.com',
    cause: 'failover',
    fromTarget: 'primary',
    toTarget: 'backup',
    fromAddresses: [],
    toAddresses: ['198.51.100.20'],
    reason: 'refused ×3',
    actor: 'prober',
    serial: 1,
    detectedMs: 2_000,
  };
  const state = withEvent(live([]), 'transition', announced, NOW);
  t.match(withTransitions(state, [{ ...announced, id: 7 }]).transitions, [{ id: 7 }]);
  const twice = withTransitions(state, [{ ...announced, at: '2026-01-31T12:01:00.000Z', id: 8 }]);
  t.same(
    twice.transitions.map(({ id }) => id),
    [8, undefined],
    'newest first',
  );
});

t.test('withEvent() alarm raises and resolves, and notes both', async (t) => {
  const alarm = { name: 'backup_down', subject: 'a', message: 'backup is down', since: '2026-01-31T12:00:00.000Z' };
  const raised = withEvent(live([]), 'alarm', { ...alarm, resolvedAt: null }, NOW);
  t.same(raised.alarms, [alarm]);
  const resolved = withEvent(raised, 'alarm', { ...alarm, resolvedAt: '2026-01-31T12:05:00.000Z' }, NOW);
  t.same(resolved.alarms, []);
  t.same(
    resolved.notes.map(({ kind }) => kind),
    ['resolved', 'alarm'],
  );
});

t.test('withEvent() does nothing for a kind that it does not know', async (t) => {
  const state = live([]);
  t.equal(withEvent(state, 'of_the_future', {}, NOW), state);
});

t.test('withConnection() keeps when a phase began', async (t) => {
  const lost = withConnection(live([]), 'lost', NOW + 1);
  t.equal(withConnection(lost, 'lost', NOW + 9_000), lost);
});

t.test('verdictOf() says the worst that is true', async (t) => {
  const alarm = (name: string) => ({ name, subject: 'x', message: 'm', since: '2026-01-31T12:00:00.000Z' });
  const down = recordOf('d.example.com', { allDown: true, reason: 'no target is up' });
  const cases: [ReturnType<typeof live>, string, string, RegExp][] = [
    [live([recordOf('a.example.com')]), 'ok', 'OK', /^a\.example\.com is answered with its primary$/],
    [live([recordOf('a'), recordOf('b')]), 'ok', 'OK', /^All 2 records are answered with their primary$/],
    [live([recordOf('a'), failedOver('b')]), 'warn', 'On backup', /^b: primary 192\.0\.2\.10: refused ×3$/],
    [live([failedOver('b')]), 'warn', 'On backup', /^b: primary 192\.0\.2\.10: refused ×3$/],
    [live([failedOver('b'), failedOver('c'), recordOf('a')]), 'warn', 'On backup', /^2 of 3 records/],
    [live([failedOver('b')], { alarms: [alarm('history_degraded')] }), 'bad', 'Storage degraded', /^DNS goes on/],
    [live([recordOf('a')], { alarms: [alarm('prober_blind')] }), 'bad', 'Prober blind', /nothing moves/],
    [live([failedOver('a'), down], { alarms: [alarm('prober_blind')] }), 'bad', 'All down', /^d\.example\.com/],
    [withConnection(live([recordOf('a')]), 'lost', NOW), 'lost', 'Connection lost', /was true then/],
    [withConnection(live([recordOf('a')]), 'refused', NOW), 'lost', 'Signed out', /Sign in/],
    [initialState(NOW), 'lost', 'Connecting', /Asking/],
  ];
  for (const [state, tone, word, sentence] of cases) t.match(verdictOf(state), { tone, word, sentence }, word);
});

t.test('verdictOf() is never green without a connection', async (t) => {
  for (const phase of ['lost', 'refused'] as const) {
    t.not(verdictOf(withConnection(live([recordOf('a')]), phase, NOW)).tone, 'ok');
  }
});
