import t from 'tap';
import { type Change, decide, type Moment, type RecordState } from '../../src/core/decision.ts';
import { applyDecision, restoreState } from '../../src/core/record-state.ts';
import { decisionInput, recordState } from '../helpers/decision.ts';

const MINUTE = 60_000;
const at = (minutes: number): Moment => ({ nowMs: minutes * MINUTE, epochMs: 1_800_000_000_000 + minutes * MINUTE });

function change(cause: Change['cause'], target: string, special: Partial<Change> = {}): Change {
  return { kind: 'change', cause, target, addresses: ['192.0.2.1'], allDown: false, row: null, rule: '', ...special };
}

/** What a record remembers after these changes, each at its minute. */
function after(...changes: [minutes: number, change: Change][]): RecordState {
  let state: RecordState | null = null;
  for (const [minutes, what] of changes) state = applyDecision(state, what, at(minutes));
  if (!state) throw new Error('nothing happened');
  return state;
}

const START: [number, Change] = [0, change('start', 'primary')];
const FAILOVER = change('failover', 'backup');
const FAILBACK = change('failback', 'primary');

t.test('applyDecision() takes over what is answered, and keeps orders', async (t) => {
  t.strictSame(after(START), {
    activeTarget: 'primary',
    addresses: ['192.0.2.1'],
    allDown: false,
    sinceEpochMs: at(0).epochMs,
    override: null,
    drained: [],
    failbackPenalty: 0,
    lastFailback: null,
  });
  const override = { target: 'backup', reason: '', actor: '', setAtEpochMs: 0, expiresAtEpochMs: null, isDrill: false };
  const ordered = recordState('primary', { override, drained: ['backup2'] });
  t.match(applyDecision(ordered, change('override', 'backup', { addresses: [], allDown: true }), at(5)), {
    activeTarget: 'backup',
    addresses: [],
    allDown: true,
    sinceEpochMs: at(5).epochMs,
    override,
    drained: ['backup2'],
  });
});

t.test('applyDecision() raises the penalty when a failback does not last 10 minutes', async (t) => {
  t.match(after(START, [1, FAILOVER], [2, FAILBACK]), { failbackPenalty: 0, lastFailback: at(2) });
  const relapsed = after(START, [1, FAILOVER], [2, FAILBACK], [5, FAILOVER]);
  t.match(relapsed, { failbackPenalty: 1, lastFailback: null });
  t.match(after(START, [1, FAILOVER], [2, FAILBACK], [5, FAILOVER], [8, FAILBACK], [9, FAILOVER]), {
    failbackPenalty: 2,
  });
  t.match(after(START, [1, FAILOVER], [2, FAILBACK], [3, change('all_down', 'primary', { allDown: true })]), {
    failbackPenalty: 1,
    lastFailback: null,
  });
});

t.test('applyDecision() lets the penalty decay while the target serves, not while it is out', async (t) => {
  const relapsed = applyDecision(recordState('primary', { failbackPenalty: 3, lastFailback: at(0) }), FAILOVER, at(21));
  t.match(relapsed, { failbackPenalty: 1 }, '20 minutes of service');
  t.match(applyDecision(relapsed, FAILBACK, at(600)), { failbackPenalty: 1 }, 'hours of outage');
});

t.test('applyDecision() counts only a failure of the target that was failed back to', async (t) => {
  const failedBack = recordState('primary', { failbackPenalty: 1, lastFailback: at(0) });
  const then = (what: Change) => applyDecision(failedBack, what, at(1));
  t.match(then(change('failover', 'primary')), { failbackPenalty: 1, lastFailback: at(0) }, 'one address of it left');
  t.match(then(change('override', 'backup')), { failbackPenalty: 1, lastFailback: null }, 'an order');
  t.match(then(change('config', 'backup')), { failbackPenalty: 1, lastFailback: null }, 'a drain');
  const moved = applyDecision(then(FAILOVER), change('failover', 'backup2'), at(2));
  t.match(moved, { failbackPenalty: 2 }, 'the failure of the backup after that is not one more');
});

const TARGETS = [{ name: 'primary' }, { name: 'backup' }];

t.test('restoreState() drops what the config has no more, and what has expired', async (t) => {
  const override = {
    target: 'backup',
    reason: 'r',
    actor: 'a',
    setAtEpochMs: 0,
    expiresAtEpochMs: null,
    isDrill: false,
  };
  const restore = (special: Partial<RecordState>) => restoreState(recordState('backup', special), TARGETS, at(10));
  t.strictSame(restore({ override }).override, override);
  t.equal(restore({ override: { ...override, target: 'frankfurt' } }).override, null);
  t.equal(restore({ override: { ...override, expiresAtEpochMs: at(10).epochMs } }).override, null);
  t.match(restore({ override: { ...override, expiresAtEpochMs: at(11).epochMs } }), { override: { target: 'backup' } });
  t.strictSame(restore({ drained: ['frankfurt', 'primary'] }).drained, ['primary']);
  t.match(restore({ allDown: true, failbackPenalty: 4 }), {
    activeTarget: 'backup',
    allDown: true,
    failbackPenalty: 4,
  });
});

t.test('restoreState() goes on counting on the new monotonic clock', async (t) => {
  const stored = recordState('primary', { lastFailback: { nowMs: 987_654_321, epochMs: at(4).epochMs } });
  const monotonic = (now: Moment) => restoreState(stored, TARGETS, now).lastFailback?.nowMs;
  t.equal(monotonic(at(10)), 4 * MINUTE, 'six minutes ago');
  t.equal(monotonic({ nowMs: 500, epochMs: at(3).epochMs }), 500, 'a wall clock that was set back: just now');
});

t.test('a restored state survives JSON, and decide() heals it of a changed config', async (t) => {
  const stored = JSON.parse(JSON.stringify(recordState('frankfurt', { addresses: ['192.0.2.99'] })));
  const state = restoreState(stored, TARGETS, at(0));
  t.match(decide(decisionInput(['primary unknown', 'backup unknown']), state), {
    kind: 'change',
    cause: 'config',
    target: 'primary',
    addresses: ['192.0.2.10'],
  });
});
