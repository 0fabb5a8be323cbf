/** Outage patterns: each makes scenarios of one hour, at random phases. */
import type { Random } from './random.ts';
import type { Condition, Scenario } from './world.ts';

export interface Pattern {
  readonly name: string;
  scenario(random: Random): Scenario;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const OK: Condition = { kind: 'ok' };

/** The primary fails once, between the 5th and the 10th minute, for 30 minutes. */
export const FAULTS: readonly Pattern[] = [
  fault('crash (connections refused)', { kind: 'refusing' }),
  fault('hang (accepts, never answers)', { kind: 'hanging' }),
  fault('host gone (no packet comes back)', { kind: 'unreachable' }),
  fault('brown-out: 90 % errors', { kind: 'failing', share: 0.9 }),
  fault('brown-out: 50 % errors', { kind: 'failing', share: 0.5 }),
];

/** Both servers work, but the path to both is bad: every flip is a wrong one. */
export const LOSSES: readonly Pattern[] = [
  ...[1, 2, 5, 10, 20, 30, 50].map((percent) =>
    always(`${percent} % of packets lost`, { kind: 'lossy', loss: percent / 100 }),
  ),
  ...[1, 5, 10, 20, 50].map((percent) =>
    always(`${percent} % of probes lost`, { kind: 'losing', share: percent / 100 }),
  ),
];

/** The prober's own network is gone for 10 minutes, and both servers work. */
export const PARTITION: Pattern = {
  name: 'prober cut off for 10 minutes',
  scenario(random) {
    const fromMs = random.between(10 * MINUTE, 20 * MINUTE);
    return {
      durationMs: HOUR,
      faults: [],
      condition: (_subject, atMs, vantage) =>
        vantage === 0 && atMs >= fromMs && atMs < fromMs + 10 * MINUTE ? { kind: 'unreachable' } : OK,
    };
  },
};

const PERIODS: readonly [name: string, periodMs: number][] = [
  ['1 s', SECOND],
  ['2 s', 2 * SECOND],
  ['5 s', 5 * SECOND],
  ['10 s', 10 * SECOND],
  ['20 s', 20 * SECOND],
  ['30 s', 30 * SECOND],
  ['1 min', MINUTE],
  ['2 min', 2 * MINUTE],
  ['5 min', 5 * MINUTE],
  ['10 min', 10 * MINUTE],
];

/**
 * The primary is down for one half of each period and up for the other, all the hour. Each half is up to 10 % longer or
 * shorter, so that nobody who probes at a fixed interval always meets the same half.
 */
export const FLAPPING: readonly Pattern[] = PERIODS.map(([name, periodMs]) => ({
  name: `every ${name}`,
  scenario(random) {
    const half = () => (periodMs / 2) * random.between(0.9, 1.1);
    const faults: { fromMs: number; toMs: number }[] = [];
    for (let fromMs = random.between(0, periodMs); fromMs < HOUR; ) {
      const toMs = fromMs + half();
      faults.push({ fromMs, toMs: Math.min(toMs, HOUR) });
      fromMs = toMs + half();
    }
    const isDown = isWithin(faults);
    return {
      durationMs: HOUR,
      faults,
      condition: (subject, atMs) => (subject === 'primary' && isDown(atMs) ? { kind: 'refusing' } : OK),
    };
  },
}));

/** Whether a moment lies in one of the spans, which are in order. */
function isWithin(spans: Scenario['faults']): (atMs: number) => boolean {
  return (atMs) => {
    let [low, high] = [0, spans.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((spans[middle]?.fromMs ?? 0) <= atMs) low = middle + 1;
      else high = middle;
    }
    return atMs < (spans[low - 1]?.toMs ?? 0);
  };
}

function fault(name: string, condition: Condition): Pattern {
  return {
    name,
    scenario(random) {
      const fromMs = random.between(5 * MINUTE, 10 * MINUTE);
      const toMs = fromMs + 30 * MINUTE;
      return {
        durationMs: HOUR,
        faults: [{ fromMs, toMs }],
        condition: (subject, atMs) => (subject === 'primary' && atMs >= fromMs && atMs < toMs ? condition : OK),
      };
    },
  };
}

function always(name: string, condition: Condition): Pattern {
  return {
    name,
    scenario: () => ({
      durationMs: HOUR,
      faults: [],
      condition: (subject) => (subject === 'primary' || subject === 'backup' ? condition : OK),
    }),
  };
}
