/**
 * What must hold whatever happens: 100,000 random sequences of outcomes, orders, config changes, restarts and blindness,
 * each through health.step, the fold and decide, and every step of each looked at.
 */
import fc from 'fast-check';
import t from 'tap';
import type { AllDownPolicy, RecordSpec } from '../../src/core/record.ts';
import { type Event, type RecordShape, RecordWorld, recordOf, type Step } from '../helpers/record-world.ts';

const SEQUENCES = 100_000;

const TARGETS: readonly RecordShape['targets'][] = [
  { primary: ['192.0.2.1'], backup: ['198.51.100.1'] },
  { primary: ['192.0.2.1'], backup: ['198.51.100.1'], backup2: ['203.0.113.1'] },
  { primary: ['192.0.2.1', '192.0.2.2'], backup: ['198.51.100.1', '198.51.100.2'] },
  { primary: ['192.0.2.1', '2001:db8::1'], backup: ['198.51.100.1', '2001:db8::2'] },
  { primary: ['192.0.2.2', '2001:db8::1'], frankfurt: ['198.51.100.1'] },
  { primary: ['192.0.2.1'] },
];
const ALL_DOWN: readonly AllDownPolicy[] = ['keep', 'primary', 'backup', 'all', 'nodata'];

/** Takes numbers apart: each draw uses up a part of it. Whole events come from one number, which shrinks well and is fast. */
function draws(number: number): (choices: number) => number {
  let rest = number;
  return (choices) => {
    const drawn = rest % choices;
    rest = Math.floor(rest / choices);
    return drawn;
  };
}

function recordFrom(number: number): RecordSpec {
  const draw = draws(number);
  return recordOf({
    targets: TARGETS[draw(TARGETS.length)] ?? {},
    allDown: ALL_DOWN[draw(ALL_DOWN.length)] ?? 'keep',
    fall: 1 + draw(3),
    rise: 1 + draw(3),
    failback: { mode: draw(4) === 0 ? 'manual' : 'auto', afterMs: draw(2) * 20_000 },
    minHealthy: 1,
  });
}

/** One event, or an outcome up to four times in a row, so that verdicts are reached. */
function eventsFrom(number: number): readonly Event[] {
  const draw = draws(number);
  const event = eventFrom(draw);
  return event.kind === 'outcome' ? Array(1 + draw(4)).fill(event) : [event];
}

function eventFrom(draw: (choices: number) => number): Event {
  switch (draw(24)) {
    case 0:
      return { kind: 'drain', target: draw(3) };
    case 1:
      return { kind: 'undrain', target: draw(3) };
    case 2:
      return { kind: 'override', target: draw(3) };
    case 3:
      return { kind: 'release' };
    case 4:
      return { kind: 'failback' };
    case 5:
      return { kind: draw(3) === 0 ? 'blind' : 'sighted' };
    case 6:
      return { kind: 'wait', forMs: 30_000 };
    case 7: {
      const rare = draw(4);
      if (rare === 0) return { kind: 'config', record: recordFrom(draw(1e6)) };
      return rare === 1 ? { kind: 'restart' } : { kind: 'sighted' };
    }
    default: {
      const outcome = draw(16) === 0 ? 'inconclusive' : draw(2) === 0 ? 'pass' : 'fail';
      return { kind: 'outcome', endpoint: draw(4), outcome, afterMs: 5000 };
    }
  }
}

/** Each is given every step, and says whether it holds. */
const INVARIANTS: Readonly<Record<string, (step: Step & { again: unknown }, record: RecordSpec) => boolean>> = {
  'a decision stands: deciding again with nothing new changes nothing': ({ again }) => again === null,

  'the active target is in the config': ({ after, targets }) => targets.some(({ name }) => name === after.activeTarget),

  'never a down target while another is up, not drained and not held': ({ after, targets, blind }) => {
    const active = targets.find(({ name }) => name === after.activeTarget);
    const others = targets.filter(
      ({ name, status, drained }) => name !== after.activeTarget && status === 'up' && !drained,
    );
    const isHeld = blind || after.override !== null || (active?.flapping && others.every(({ flapping }) => flapping));
    return active?.status !== 'down' || others.length === 0 || isHeld === true;
  },

  'never to a drained target while another is up and not drained, but by override': ({ change, after, targets }) => {
    const isDrained = targets.find(({ name }) => name === change?.target)?.drained ?? false;
    const isLeft = targets.some(({ status, drained }) => status === 'up' && !drained);
    return !isDrained || !isLeft || after.override !== null || change?.target === after.activeTarget;
  },

  'never an empty answer, but by all_down: nodata': ({ after }, { allDown }) =>
    after.addresses.length > 0 || (after.allDown && allDown === 'nodata'),

  'no family of the active target is answered empty': ({ after, targets }, { allDown }) => {
    const active = targets.find(({ name }) => name === after.activeTarget);
    if (!active || (after.allDown && allDown !== 'keep' && allDown !== 'primary')) return true;
    return [4, 6].every((family) => {
      const members = active.addresses.filter((view) => view.family === family);
      return members.length === 0 || members.some(({ address }) => after.addresses.includes(address));
    });
  },

  'only addresses of the config are answered, and of the active target alone unless all are down': ({
    after,
    targets,
  }) => {
    const from = after.allDown ? targets : targets.filter(({ name }) => name === after.activeTarget);
    const known = from.flatMap(({ addresses }) => addresses.map(({ address }) => address));
    return after.addresses.every((address) => known.includes(address));
  },

  'an address that is down is not answered while the target is up and seen': ({ after, targets, blind }) => {
    const active = targets.find(({ name }) => name === after.activeTarget);
    if (blind || after.allDown || active?.status !== 'up') return true;
    return active.addresses.every(({ address, status }) => status !== 'down' || !after.addresses.includes(address));
  },

  'all_down only when none is up, but under a hold': ({ change, targets, blind }) =>
    !change?.allDown || blind || targets.every(({ status }) => status !== 'up'),

  'an override that can be obeyed is obeyed': ({ after }) =>
    after.override === null || after.activeTarget === after.override.target,

  'while blind only orders and the config change anything': ({ change, blind, event }) =>
    !blind || !change || event.kind !== 'outcome' || change.cause === 'config',

  'an inconclusive outcome alone changes nothing but what time has brought': ({ event, change }) =>
    event.kind !== 'outcome' || event.outcome !== 'inconclusive' || !change || change.cause === 'failback',

  'time alone brings nothing but a failback': ({ event, change }) =>
    event.kind !== 'wait' || !change || change.cause === 'failback',

  'every transition changes something': ({ before, change }) =>
    !change ||
    change.target !== before.activeTarget ||
    change.allDown !== before.allDown ||
    change.addresses.join() !== before.addresses.join(),
};

t.test(`${SEQUENCES} random sequences of events keep every promise of decide()`, async (t) => {
  const promises = Object.entries(INVARIANTS);
  let steps = 0;
  let transitions = 0;
  const sequence = fc.array(fc.nat(), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(fc.nat(), sequence, (seed, events) => {
      const world = new RecordWorld(recordFrom(seed));
      for (const event of events.flatMap(eventsFrom)) {
        const step = world.play(event);
        steps++;
        if (step.change) transitions++;
        for (const [promise, holds] of promises) {
          if (!holds(step, world.record)) throw new Error(`broken: ${promise}\n${JSON.stringify(step)}`);
        }
      }
    }),
    { numRuns: SEQUENCES },
  );
  t.ok(transitions > SEQUENCES / 2, `${steps} steps made ${transitions} transitions: enough to mean something`);
});
