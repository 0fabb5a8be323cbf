import t from 'tap';
import { type Decision, type DecisionInput, decide, decideStart, type RecordState } from '../../src/core/decision.ts';
import { ADDRESS_OF, decisionInput, recordState, view } from '../helpers/decision.ts';

interface Row {
  readonly when: string;
  readonly targets: readonly string[];
  readonly input?: Partial<DecisionInput>;
  readonly active?: string;
  readonly current?: Partial<RecordState>;
  /** `unchanged`, `unchanged for 55 s`, or `cause target [addresses]`, with `(all down)` at the end where that is so. */
  readonly becomes: string;
}

function check(t: { equal(found: string, wanted: string, name: string): unknown }, rows: readonly Row[]): void {
  for (const { when, targets, input, active = 'primary', current, becomes } of rows) {
    t.equal(inWords(decide(decisionInput(targets, input), recordState(active, current))), becomes, when);
  }
}

function inWords(decision: Decision): string {
  if (decision.kind === 'keep') {
    return decision.recheckInMs === null ? 'unchanged' : `unchanged for ${decision.recheckInMs / 1000} s`;
  }
  const { cause, target, addresses, allDown } = decision;
  const isPlain = addresses.length === 1 && addresses[0] === ADDRESS_OF[target];
  return [cause, target, ...(isPlain ? [] : [`[${addresses.join(' ')}]`]), ...(allDown ? ['(all down)'] : [])].join(
    ' ',
  );
}

const BOTH_DOWN = ['primary down', 'backup down'];
const NOTHING_ANSWERED = { addresses: [], allDown: true };

t.test('decide(): every row of the table', async (t) => {
  check(t, [
    {
      when: 'override set, any prober, any targets: the override’s target',
      targets: ['primary up', 'backup down'],
      input: { override: 'backup' },
      becomes: 'override backup',
    },
    {
      when: 'override set, prober blind: the override’s target',
      targets: ['primary up', 'backup up'],
      input: { override: 'backup', blind: true },
      becomes: 'override backup',
    },
    {
      when: 'none, blind, active down and another up: unchanged',
      targets: ['primary down', 'backup up'],
      input: { blind: true },
      becomes: 'unchanged',
    },
    {
      when: 'none, blind, none up: unchanged',
      targets: BOTH_DOWN,
      input: { blind: true },
      becomes: 'unchanged',
    },
    {
      when: 'none, ok, active up, no better target: unchanged',
      targets: ['primary up', 'backup up'],
      becomes: 'unchanged',
    },
    {
      when: 'none, ok, active up, no better target is ready: unchanged',
      targets: ['primary down', 'backup up'],
      active: 'backup',
      becomes: 'unchanged',
    },
    {
      when: 'none, ok, active down, another up: the first up in order, at once',
      targets: ['primary down', 'backup up', 'backup2 up'],
      becomes: 'failover backup',
    },
    {
      when: 'the first up in order is not the first in order',
      targets: ['primary down', 'backup down', 'backup2 up'],
      becomes: 'failover backup2',
    },
    {
      when: 'a backup that goes down is left for the primary without the wait of a failback',
      targets: ['primary up stable=1s', 'backup down'],
      active: 'backup',
      becomes: 'failover primary',
    },
    {
      when: 'none, ok, active up, a better one up for failback.after without a fail: the better one',
      targets: ['primary up stable=60s', 'backup up'],
      active: 'backup',
      becomes: 'failback primary',
    },
    {
      when: 'a better one up for less than that: unchanged until then',
      targets: ['primary up stable=5s', 'backup up'],
      active: 'backup',
      becomes: 'unchanged for 55 s',
    },
    {
      when: 'none, ok, the same, but failback: manual: unchanged',
      targets: ['primary up stable=600s', 'backup up'],
      input: { failback: { mode: 'manual', afterMs: 60_000 } },
      active: 'backup',
      becomes: 'unchanged',
    },
    {
      when: 'until `failoverd failback`',
      targets: ['primary up stable=1s', 'backup up'],
      input: { failback: { mode: 'manual', afterMs: 60_000 }, failbackOrdered: true },
      active: 'backup',
      becomes: 'failback primary',
    },
    { when: 'none, ok, none up, keep', targets: BOTH_DOWN, active: 'backup', becomes: 'all_down backup (all down)' },
    {
      when: 'none, ok, none up, primary',
      targets: BOTH_DOWN,
      input: { allDown: 'primary' },
      active: 'backup',
      becomes: 'all_down primary (all down)',
    },
    {
      when: 'none, ok, none up, backup',
      targets: BOTH_DOWN,
      input: { allDown: 'backup' },
      becomes: 'all_down backup (all down)',
    },
    {
      when: 'none, ok, none up, all',
      targets: BOTH_DOWN,
      input: { allDown: 'all' },
      becomes: 'all_down primary [192.0.2.10 198.51.100.20] (all down)',
    },
    {
      when: 'none, ok, none up, nodata',
      targets: BOTH_DOWN,
      input: { allDown: 'nodata' },
      becomes: 'all_down primary [] (all down)',
    },
  ]);
});

t.test('decide() says all_down once, and recovered when one is up again', async (t) => {
  check(t, [
    { when: 'still none up', targets: BOTH_DOWN, current: { allDown: true }, becomes: 'unchanged' },
    {
      when: 'still none up, nodata',
      targets: BOTH_DOWN,
      input: { allDown: 'nodata' },
      current: NOTHING_ANSWERED,
      becomes: 'unchanged',
    },
    {
      when: 'still none up, but the policy is another one now',
      targets: BOTH_DOWN,
      input: { allDown: 'all' },
      current: NOTHING_ANSWERED,
      becomes: 'all_down primary [192.0.2.10 198.51.100.20] (all down)',
    },
    {
      when: 'the one that was kept is up again: the same answer, but the history says so',
      targets: ['primary down', 'backup up'],
      active: 'backup',
      current: { allDown: true },
      becomes: 'recovered backup',
    },
    {
      when: 'the first up in order, without the wait of a failback',
      targets: ['primary up', 'backup up'],
      active: 'backup',
      current: { allDown: true },
      becomes: 'recovered primary',
    },
    {
      when: 'after nodata',
      targets: ['primary down', 'backup up'],
      current: NOTHING_ANSWERED,
      becomes: 'recovered backup',
    },
    {
      when: 'blind: the verdicts do not count',
      targets: ['primary up', 'backup up'],
      input: { blind: true },
      active: 'backup',
      current: { allDown: true },
      becomes: 'unchanged',
    },
  ]);
});

t.test('decide() with several backups fails back step by step, to the first that is ready', async (t) => {
  check(t, [
    {
      when: 'the primary is not ready, the first backup is',
      targets: ['primary up stable=10s', 'backup up stable=90s', 'backup2 up'],
      active: 'backup2',
      becomes: 'failback backup',
    },
    {
      when: 'neither is ready: look again when the first may be',
      targets: ['primary up stable=10s', 'backup up stable=40s', 'backup2 up'],
      active: 'backup2',
      becomes: 'unchanged for 20 s',
    },
    {
      when: 'ordered: the best that is up',
      targets: ['primary down', 'backup up stable=1s', 'backup2 up'],
      input: { failbackOrdered: true },
      active: 'backup2',
      becomes: 'failback backup',
    },
    {
      when: 'ordered, but none better is up',
      targets: ['primary down', 'backup up'],
      input: { failbackOrdered: true },
      active: 'backup',
      becomes: 'unchanged',
    },
    {
      when: 'ordered, while the active target is down: a failover all the same',
      targets: ['primary up', 'backup down'],
      input: { failbackOrdered: true },
      active: 'backup',
      becomes: 'failover primary',
    },
    {
      when: 'all_down: backup is the first backup, also from the second',
      targets: ['primary down', 'backup down', 'backup2 down'],
      input: { allDown: 'backup' },
      active: 'backup2',
      becomes: 'all_down backup (all down)',
    },
  ]);
});

t.test('decide() waits twice as long for each failback that did not last, up to 1 h', async (t) => {
  const targets = ['primary up stable=100s', 'backup up'];
  check(t, [
    { when: 'one', targets, active: 'backup', current: { failbackPenalty: 1 }, becomes: 'unchanged for 20 s' },
    { when: 'three', targets, active: 'backup', current: { failbackPenalty: 3 }, becomes: 'unchanged for 380 s' },
    { when: 'ten', targets, active: 'backup', current: { failbackPenalty: 10 }, becomes: 'unchanged for 3500 s' },
  ]);
});

t.test('decide() never goes to a drained target while another is up', async (t) => {
  check(t, [
    {
      when: 'the active target is drained: the first up in order, at once',
      targets: ['primary up drained', 'backup up'],
      becomes: 'config backup',
    },
    {
      when: 'also while the prober is blind: it is the operator’s order',
      targets: ['primary up drained', 'backup up'],
      input: { blind: true },
      becomes: 'config backup',
    },
    {
      when: 'drained and down',
      targets: ['primary down drained', 'backup up'],
      becomes: 'config backup',
    },
    {
      when: 'nothing else is up: it goes on serving',
      targets: ['primary up drained', 'backup down'],
      becomes: 'unchanged',
    },
    {
      when: 'nothing else is up, and it is not active: better than a dead one',
      targets: ['primary down', 'backup up drained'],
      becomes: 'failover backup',
    },
    {
      when: 'a failover passes it by',
      targets: ['primary down', 'backup up drained', 'backup2 up'],
      becomes: 'failover backup2',
    },
    {
      when: 'a failback does not go there',
      targets: ['primary up stable=600s drained', 'backup up'],
      active: 'backup',
      becomes: 'unchanged',
    },
    {
      when: 'nor from one drained target to another',
      targets: ['primary up stable=600s drained', 'backup up drained'],
      active: 'backup',
      becomes: 'unchanged',
    },
    {
      when: 'nor does an ordered one',
      targets: ['primary up stable=600s drained', 'backup up'],
      input: { failbackOrdered: true },
      active: 'backup',
      becomes: 'unchanged',
    },
    {
      when: 'none up: all_down all leaves it out',
      targets: ['primary down drained', 'backup down'],
      input: { allDown: 'all' },
      becomes: 'all_down primary [198.51.100.20] (all down)',
    },
    {
      when: 'none up: all_down primary takes the first that is not drained',
      targets: ['primary down drained', 'backup down'],
      input: { allDown: 'primary' },
      becomes: 'all_down backup (all down)',
    },
    {
      when: 'none up: all_down backup takes the primary when that is all',
      targets: ['primary down', 'backup down drained'],
      input: { allDown: 'backup' },
      active: 'backup',
      becomes: 'all_down primary (all down)',
    },
    {
      when: 'none up: all_down backup takes the first backup when the primary is drained',
      targets: ['primary down drained', 'backup down', 'backup2 down'],
      input: { allDown: 'backup' },
      becomes: 'all_down backup (all down)',
    },
    {
      when: 'none up and all drained: as if none was',
      targets: ['primary down drained', 'backup down drained'],
      input: { allDown: 'backup' },
      becomes: 'all_down backup (all down)',
    },
    {
      when: 'none up: keep keeps it',
      targets: ['primary down drained', 'backup down'],
      becomes: 'all_down primary (all down)',
    },
  ]);
});

t.test('decide() obeys an override until it ends, then decides again at once', async (t) => {
  check(t, [
    {
      when: 'to a target that is down (--force)',
      targets: ['primary up', 'backup down'],
      input: { override: 'backup' },
      becomes: 'override backup',
    },
    {
      when: 'to a target that is drained',
      targets: ['primary up', 'backup up drained'],
      input: { override: 'backup' },
      becomes: 'override backup',
    },
    {
      when: 'to the target that is active already: no transition',
      targets: ['primary up', 'backup up'],
      input: { override: 'primary' },
      becomes: 'unchanged',
    },
    {
      when: 'to the target that all_down keeps: the answer is the same, its reason is not',
      targets: BOTH_DOWN,
      input: { override: 'primary' },
      current: { allDown: true },
      becomes: 'override primary',
    },
    {
      when: 'in force: the target goes down, and the order stands',
      targets: ['primary up stable=600s', 'backup down'],
      input: { override: 'backup' },
      active: 'backup',
      becomes: 'unchanged',
    },
    {
      when: 'to some addresses that are up and some that are down: those that are up',
      targets: ['primary up', 'backup down 198.51.100.1=down 198.51.100.2=up'],
      input: { override: 'backup' },
      becomes: 'override backup [198.51.100.2]',
    },
    {
      when: 'to a target with no address up: all of them',
      targets: ['primary up', 'backup down 198.51.100.1=down 198.51.100.2=down'],
      input: { override: 'backup' },
      becomes: 'override backup [198.51.100.1 198.51.100.2]',
    },
    {
      when: 'by family, so that neither is empty',
      targets: ['primary up', 'backup down 198.51.100.1=down 198.51.100.2=up 2001:db8::1=down'],
      input: { override: 'backup' },
      becomes: 'override backup [198.51.100.2 2001:db8::1]',
    },
    {
      when: 'naming a target that does not exist: none',
      targets: ['primary down', 'backup up'],
      input: { override: 'frankfurt' },
      becomes: 'failover backup',
    },
    {
      when: 'released, the primary is up and stable: back at once, by the release',
      targets: ['primary up stable=600s', 'backup up'],
      input: { released: true },
      active: 'backup',
      becomes: 'release primary',
    },
    {
      when: 'released, the target that it named is down: away at once',
      targets: ['primary up stable=1s', 'backup down'],
      input: { released: true },
      active: 'backup',
      becomes: 'release primary',
    },
    {
      when: 'released, the primary has just failed: it waits as ever',
      targets: ['primary up stable=10s', 'backup up'],
      input: { released: true },
      active: 'backup',
      becomes: 'unchanged for 50 s',
    },
    {
      when: 'released, nothing differs',
      targets: ['primary up', 'backup up'],
      input: { released: true },
      becomes: 'unchanged',
    },
    {
      when: 'released, and none is up: that is what matters',
      targets: BOTH_DOWN,
      input: { released: true },
      active: 'backup',
      becomes: 'all_down backup (all down)',
    },
  ]);
});

const PAIR = { addresses: ['192.0.2.1', '192.0.2.2'] };

t.test('decide() lets the answer follow the addresses of the active target', async (t) => {
  check(t, [
    {
      when: 'one goes down: it leaves',
      targets: ['primary up 192.0.2.1=down 192.0.2.2=up', 'backup up'],
      current: PAIR,
      becomes: 'failover primary [192.0.2.2]',
    },
    {
      when: 'one comes up: it joins',
      targets: ['primary up 192.0.2.1=up 192.0.2.2=up', 'backup up'],
      current: { addresses: ['192.0.2.2'] },
      becomes: 'recovered primary [192.0.2.1 192.0.2.2]',
    },
    {
      when: 'one leaves and one joins: a failover, for something has failed',
      targets: ['primary up 192.0.2.1=up 192.0.2.2=down', 'backup up'],
      current: { addresses: ['192.0.2.2'] },
      becomes: 'failover primary [192.0.2.1]',
    },
    {
      when: 'while a failback is being waited for',
      targets: ['primary up stable=5s', 'backup up 198.51.100.1=up 198.51.100.2=down'],
      active: 'backup',
      current: { addresses: ['198.51.100.1', '198.51.100.2'] },
      becomes: 'failover backup [198.51.100.1]',
    },
    {
      when: 'not while the prober is blind',
      targets: ['primary up 192.0.2.1=down 192.0.2.2=up', 'backup up'],
      input: { blind: true },
      current: PAIR,
      becomes: 'unchanged',
    },
    {
      when: 'under an override, too',
      targets: ['primary up 192.0.2.1=down 192.0.2.2=up', 'backup up'],
      input: { override: 'primary' },
      current: PAIR,
      becomes: 'failover primary [192.0.2.2]',
    },
    {
      when: 'not under an override while the prober is blind',
      targets: ['primary up 192.0.2.1=down 192.0.2.2=up', 'backup up'],
      input: { override: 'primary', blind: true },
      current: PAIR,
      becomes: 'unchanged',
    },
    {
      when: 'one without a verdict stays if it is answered',
      targets: ['primary up 192.0.2.1=up 192.0.2.2=unknown', 'backup up'],
      current: PAIR,
      becomes: 'unchanged',
    },
    {
      when: 'and does not join if it is not',
      targets: ['primary up 192.0.2.1=up 192.0.2.2=unknown', 'backup up'],
      current: { addresses: ['192.0.2.1'] },
      becomes: 'unchanged',
    },
    {
      when: 'one that flaps leaves when it is down, and does not join when it is up',
      targets: ['primary up 192.0.2.1=up 192.0.2.2=up!', 'backup up'],
      current: { addresses: ['192.0.2.1'] },
      becomes: 'unchanged',
    },
    {
      when: 'the order of the config means nothing',
      targets: ['primary up 192.0.2.2=up 192.0.2.1=up', 'backup up'],
      current: PAIR,
      becomes: 'unchanged',
    },
    {
      when: 'all_down keep: those that were good last stay',
      targets: ['primary down 192.0.2.1=down 192.0.2.2=down', 'backup down'],
      current: { addresses: ['192.0.2.2'] },
      becomes: 'all_down primary [192.0.2.2] (all down)',
    },
    {
      when: 'all_down keep: one family is up, the other is not, and neither is empty',
      targets: ['primary down 192.0.2.1=down 192.0.2.2=up 2001:db8::1=down', 'backup down'],
      current: { addresses: ['192.0.2.1', '2001:db8::1'] },
      becomes: 'all_down primary [192.0.2.2 2001:db8::1] (all down)',
    },
    {
      when: 'all_down keep, blind: what is seen of them does not count',
      targets: ['primary down 192.0.2.1=up 192.0.2.2=down 2001:db8::1=down', 'backup down'],
      input: { blind: true },
      current: { addresses: ['192.0.2.1', '192.0.2.2', '2001:db8::1'], allDown: true },
      becomes: 'unchanged',
    },
    {
      when: 'all_down primary, blind: neither',
      targets: ['primary down 192.0.2.1=up 192.0.2.2=down 2001:db8::1=down', 'backup down'],
      input: { allDown: 'primary', blind: true },
      current: { addresses: ['192.0.2.1', '192.0.2.2', '2001:db8::1'], allDown: true },
      becomes: 'unchanged',
    },
    {
      when: 'all_down primary, seeing: those that are up',
      targets: ['primary down 192.0.2.1=up 192.0.2.2=down 2001:db8::1=down', 'backup down'],
      input: { allDown: 'primary' },
      current: { addresses: ['192.0.2.1', '192.0.2.2', '2001:db8::1'], allDown: true },
      becomes: 'all_down primary [192.0.2.1 2001:db8::1] (all down)',
    },
    {
      when: 'all_down keep after nodata: all of them',
      targets: ['primary down 192.0.2.1=down 192.0.2.2=down', 'backup down'],
      current: NOTHING_ANSWERED,
      becomes: 'all_down primary [192.0.2.1 192.0.2.2] (all down)',
    },
    {
      when: 'a failover to a target of which only a flapping address is up',
      targets: ['primary down', 'backup up 198.51.100.1=down 198.51.100.2=up!'],
      becomes: 'failover backup [198.51.100.2]',
    },
  ]);
});

t.test('decide() does not move between targets that flap', async (t) => {
  const bothFlap = ['primary down flapping', 'backup up flapping'];
  check(t, [
    { when: 'the active target looks down, the other up: unchanged', targets: bothFlap, becomes: 'unchanged' },
    {
      when: 'none up, the active one flaps: unchanged, it may be up in a second',
      targets: ['primary down flapping', 'backup down'],
      becomes: 'unchanged',
    },
    {
      when: 'the other does not flap: at once',
      targets: ['primary down flapping', 'backup up'],
      becomes: 'failover backup',
    },
    {
      when: 'the active one is dead: at once, even to one that flaps',
      targets: ['primary down', 'backup up flapping'],
      becomes: 'failover backup',
    },
    {
      when: 'a better one that flaps is not ready; its calming down calls for the next decision',
      targets: ['primary up stable=600s flapping', 'backup up'],
      active: 'backup',
      becomes: 'unchanged',
    },
    {
      when: 'all_down keep: the kept one flaps, and so does all that is up',
      targets: ['primary up flapping', 'backup up flapping'],
      current: { allDown: true },
      becomes: 'unchanged',
    },
    {
      when: 'all_down keep: another is up for good',
      targets: ['primary up flapping', 'backup up'],
      current: { allDown: true },
      becomes: 'recovered primary',
    },
    {
      when: 'all_down nodata: anything that is up is better than nothing',
      targets: ['primary up flapping', 'backup up flapping'],
      input: { allDown: 'nodata' },
      current: NOTHING_ANSWERED,
      becomes: 'recovered primary',
    },
  ]);
});

t.test('decide() waits for a verdict rather than guess', async (t) => {
  check(t, [
    { when: 'the active one has none', targets: ['primary unknown', 'backup up'], becomes: 'unchanged' },
    {
      when: 'the active one is down, the other has none',
      targets: ['primary down', 'backup unknown'],
      becomes: 'unchanged',
    },
    {
      when: 'an override to a target without a verdict, of which one address is down: the one that may be up',
      targets: ['primary up', 'backup unknown 198.51.100.1=down 198.51.100.2=unknown'],
      input: { override: 'backup' },
      becomes: 'override backup [198.51.100.2]',
    },
    {
      when: 'all were down, one is restored as such, none is up',
      targets: ['primary unknown', 'backup down'],
      current: { allDown: true },
      becomes: 'unchanged',
    },
    {
      when: 'all were down, the active one has no verdict, another is up',
      targets: ['primary unknown', 'backup up'],
      current: { allDown: true },
      becomes: 'recovered backup',
    },
  ]);
});

t.test('decide() answers nothing that the config has no more', async (t) => {
  check(t, [
    {
      when: 'the active target is gone: the first up in order',
      targets: ['primary up', 'backup up'],
      active: 'frankfurt',
      becomes: 'config primary',
    },
    {
      when: 'gone, and there is no verdict yet: the first that may be up',
      targets: ['primary down', 'backup unknown'],
      active: 'frankfurt',
      becomes: 'config backup',
    },
    {
      when: 'gone, none up: all_down keep can keep only what there is',
      targets: BOTH_DOWN,
      active: 'frankfurt',
      becomes: 'all_down primary (all down)',
    },
    {
      when: 'gone, blind: the first up in order by what was known last',
      targets: ['primary down', 'backup up'],
      input: { blind: true },
      active: 'frankfurt',
      becomes: 'config backup',
    },
    {
      when: 'gone, blind, nothing known to be good: the first in order',
      targets: BOTH_DOWN,
      input: { blind: true },
      active: 'frankfurt',
      becomes: 'config primary',
    },
    {
      when: 'gone while all were down',
      targets: ['primary unknown', 'backup unknown'],
      active: 'frankfurt',
      current: { allDown: true },
      becomes: 'config primary',
    },
    {
      when: 'an answered address is gone: its successor, before there is a verdict on it',
      targets: ['primary unknown', 'backup up'],
      current: { addresses: ['192.0.2.99'] },
      becomes: 'config primary',
    },
    {
      when: 'one of two is gone, blind',
      targets: ['primary up', 'backup up'],
      input: { blind: true },
      current: { addresses: ['192.0.2.10', '192.0.2.99'] },
      becomes: 'config primary',
    },
    {
      when: 'one of two is gone',
      targets: ['primary up', 'backup up'],
      current: { addresses: ['192.0.2.10', '192.0.2.99'] },
      becomes: 'config primary',
    },
    {
      when: 'the target has got a second family: it is not answered empty',
      targets: ['primary unknown 192.0.2.10=up 2001:db8::1=unknown', 'backup up'],
      becomes: 'config primary [192.0.2.10 2001:db8::1]',
    },
    {
      when: 'gone and the active target down: a failover takes it away as well',
      targets: ['primary down', 'backup up'],
      current: { addresses: ['192.0.2.99'] },
      becomes: 'failover backup',
    },
    {
      when: 'all were down, blind, and the policy becomes nodata: no reason to stop answering',
      targets: BOTH_DOWN,
      input: { allDown: 'nodata', blind: true },
      current: { allDown: true },
      becomes: 'unchanged',
    },
    {
      when: 'all were down, blind, and the policy is nodata no more',
      targets: BOTH_DOWN,
      input: { allDown: 'primary', blind: true },
      current: NOTHING_ANSWERED,
      becomes: 'all_down primary (all down)',
    },
    {
      when: 'all were down, blind, nodata',
      targets: BOTH_DOWN,
      input: { allDown: 'nodata', blind: true },
      current: NOTHING_ANSWERED,
      becomes: 'unchanged',
    },
    {
      when: 'gone from what all_down all answers, blind',
      targets: BOTH_DOWN,
      input: { allDown: 'all', blind: true },
      current: { addresses: ['192.0.2.10', '192.0.2.99'], allDown: true },
      becomes: 'all_down primary [192.0.2.10 198.51.100.20] (all down)',
    },
  ]);
});

t.test('decide() names the row of the table that fired', async (t) => {
  const rowOf = (
    targets: readonly string[],
    input: Partial<DecisionInput> = {},
    current: Partial<RecordState> = {},
  ) => {
    const { activeTarget = 'primary', ...rest } = current;
    const decision = decide(decisionInput(targets, input), recordState(activeTarget, rest));
    return decision.kind === 'change' ? decision.row : null;
  };
  const onBackup = { activeTarget: 'backup' };
  const stable = ['primary up stable=600s', 'backup up'];
  t.equal(rowOf(['primary up', 'backup down'], { override: 'backup' }), 1);
  t.equal(rowOf(['primary up drained', 'backup up']), 2);
  t.equal(rowOf(BOTH_DOWN), 6);
  t.equal(rowOf(stable, {}, { ...onBackup, allDown: true }), 7);
  t.equal(rowOf(['primary down', 'backup up']), 9);
  t.equal(rowOf(stable, {}, { activeTarget: 'gone' }), 9);
  t.equal(rowOf(['primary up', 'backup up'], { failbackOrdered: true }, onBackup), 10);
  t.equal(rowOf(stable, {}, onBackup), 12);
  t.equal(rowOf(stable, { released: true }, onBackup), 12);
  t.equal(rowOf(['primary up 192.0.2.1=down 192.0.2.2=up', 'backup up'], {}, PAIR), 13);
  t.equal(rowOf(['primary up', 'backup up'], { blind: true }, { addresses: ['192.0.2.10', '192.0.2.99'] }), 3);
  t.equal(decideStart([view('primary up')]).row, null);
});

t.test('decideStart() takes the first target in order whose probe passed, else the primary', async (t) => {
  const start = (...lines: string[]) => inWords(decideStart(lines.map(view)));
  t.equal(start('primary up', 'backup up'), 'start primary');
  t.equal(start('primary unknown', 'backup up'), 'start backup');
  t.equal(start('primary unknown', 'backup unknown'), 'start primary');
  t.equal(start('primary down', 'backup down'), 'start primary');
  t.equal(start('primary up drained', 'backup up'), 'start backup', 'not a drained one');
  t.equal(start('primary up drained', 'backup down'), 'start primary', 'unless nothing else is up');
  t.equal(start('primary up 192.0.2.1=up 192.0.2.2=unknown'), 'start primary [192.0.2.1]');
  t.throws(() => decideStart([]), RangeError, 'a record without targets is a bug');
});
