/** The peers' detection with their default parameters, modelled after their documentation and source. */
import type { Random } from './random.ts';
import type { Answer, Flip, System } from './system.ts';
import { type ProbeLimits, probe, type Scenario, type Target } from './world.ts';

/** One stream of probes of one server from one place; `judge` is told each result when it is there. */
interface Watch {
  readonly target: Target;
  readonly vantage: number;
  readonly judge: (passes: boolean) => void;
}

interface Schedule {
  readonly intervalMs: number;
  readonly limits: ProbeLimits;
  /** From a result to the answer that follows from it. */
  readonly delayMs: number;
}

/** Plays streams of probes, each at its own random phase, and notes when the answer becomes another one. */
function playWatches(
  watches: readonly Watch[],
  { intervalMs, limits, delayMs }: Schedule,
  answer: () => Answer,
  scenario: Scenario,
  random: Random,
): readonly Flip[] {
  const flips: Flip[] = [];
  let current: Answer = 'primary';
  const running = watches.map((watch) => ({ watch, startMs: 0, endMs: 0, passes: true }));
  const start = (item: (typeof running)[number], startMs: number): void => {
    const { passes, tookMs } = probe(
      scenario.condition(item.watch.target, startMs, item.watch.vantage),
      limits,
      random,
    );
    Object.assign(item, { startMs, endMs: startMs + tookMs, passes });
  };
  for (const item of running) start(item, random.between(0, intervalMs));
  for (;;) {
    const next = running.reduce((a, b) => (b.endMs < a.endMs ? b : a));
    if (next.endMs >= scenario.durationMs) return flips;
    const atMs = next.endMs + delayMs;
    next.watch.judge(next.passes);
    start(next, Math.max(next.startMs + intervalMs, next.endMs));
    const to = answer();
    if (to !== current) flips.push({ atMs, from: current, to });
    current = to;
  }
}

/**
 * gdnsd 3, simplefo over http_status (gdnsd.config(5), src/plugins/mon.c and simplefo.c): interval 10 s, timeout half of it,
 * down after 10 fails that no 10 successes in a row have separated, up after 20 successes in a row. A change of state is
 * published up to 1 s later. Both down: the primary.
 */
export const gdnsd: System = {
  name: 'gdnsd',
  parameters: 'interval 10 s, timeout 5 s, down_thresh 10, ok_thresh 10, up_thresh 20',
  predicted: null,
  play(scenario, random) {
    const primary = gdnsdMonitor();
    const backup = gdnsdMonitor();
    const watches: Watch[] = [
      { target: 'primary', vantage: 0, judge: primary.judge },
      { target: 'backup', vantage: 0, judge: backup.judge },
    ];
    const schedule = { intervalMs: 10_000, limits: wholly(5000), delayMs: 1000 };
    return playWatches(
      watches,
      schedule,
      () => (primary.isUp() || !backup.isUp() ? 'primary' : 'backup'),
      scenario,
      random,
    );
  },
};

const GDNSD = { upThresh: 20, okThresh: 10, downThresh: 10 };

function gdnsdMonitor() {
  let up = true;
  let fails = 0;
  let successes = 0;
  const become = (isUp: boolean): void => {
    up = isUp;
    fails = 0;
    successes = 0;
  };
  return {
    isUp: () => up,
    judge(passes: boolean): void {
      if (!passes) {
        successes = 0;
        if (up && ++fails === GDNSD.downThresh) become(false);
      } else if (!up) {
        if (++successes === GDNSD.upThresh) become(true);
      } else if (fails > 0 && ++successes === GDNSD.okThresh) become(true);
    },
  };
}

/**
 * PowerDNS, ifurlup({{primary}, {backup}}) (settings `lua-health-checks-interval`; lua-records/functions; lua-record.cc):
 * every 5 s, timeout 2 s, one result decides either way (`minimumFailures` 1). Both down: one of all by chance.
 * It is taken to be queried all the time; without queries it does not check.
 */
export const powerdns: System = {
  name: 'PowerDNS',
  parameters: 'lua-health-checks-interval 5 s, timeout 2 s, minimumFailures 1',
  predicted: null,
  play(scenario, random) {
    const up = { primary: true, backup: true };
    const watch = (target: Target): Watch => ({ target, vantage: 0, judge: (passes) => (up[target] = passes) });
    const answer = () => (up.primary ? 'primary' : up.backup ? 'backup' : 'any');
    const schedule = { intervalMs: 5000, limits: wholly(2000), delayMs: 0 };
    return playWatches([watch('primary'), watch('backup')], schedule, answer, scenario, random);
  },
};

const CHECKERS = 15;

/**
 * Route 53, failover routing with health checks ("How Amazon Route 53 determines whether a health check is healthy"):
 * interval 30 s, failure threshold 3 either way for each checker, connected within 4 s and answered within 2 s more,
 * healthy when more than 18 % of the checkers say so. Their number is not documented; 15 is what is reported.
 * Both unhealthy: the primary. The time until all of its name servers know is not documented and taken to be nothing.
 */
export const route53: System = {
  name: 'Route 53',
  parameters: 'interval 30 s, connect 4 s, response 2 s, failure threshold 3, 15 checkers, more than 18 % of them',
  predicted: null,
  play(scenario, random) {
    const sees = { primary: checkers('primary'), backup: checkers('backup') };
    const isHealthy = (target: Target) => sees[target].filter(({ isUp }) => isUp()).length > 0.18 * CHECKERS;
    const answer = () => (isHealthy('primary') || !isHealthy('backup') ? 'primary' : 'backup');
    const limits = { connectMs: 4000, responseMs: 2000, totalMs: 6000 };
    const watches = [...sees.primary, ...sees.backup].map(({ watch }) => watch);
    return playWatches(watches, { intervalMs: 30_000, limits, delayMs: 0 }, answer, scenario, random);
  },
};

function checkers(target: Target): readonly { readonly watch: Watch; readonly isUp: () => boolean }[] {
  return Array.from({ length: CHECKERS }, (_, vantage) => {
    let up = true;
    let against = 0;
    const judge = (passes: boolean): void => {
      against = passes === up ? 0 : against + 1;
      if (against < 3) return;
      up = passes;
      against = 0;
    };
    return { watch: { target, vantage, judge }, isUp: () => up };
  });
}

function wholly(timeoutMs: number): ProbeLimits {
  return { connectMs: timeoutMs, responseMs: timeoutMs, totalMs: timeoutMs };
}
