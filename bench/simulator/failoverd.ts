/** Plays failoverd through a scenario: its own health.step, fold and decide, under its scheduler's rules and a fake clock. */
import type { CheckSpec, EndpointSpec } from '../../src/core/check.ts';
import { type Change, decide, type RecordState } from '../../src/core/decision.ts';
import { type Health, healthOf, step } from '../../src/core/health.ts';
import { type OwnerName, parseOwnerName } from '../../src/core/name.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { JITTER, predict } from '../../src/core/predict.ts';
import type { FailbackPolicy, RecordSpec } from '../../src/core/record.ts';
import { applyDecision } from '../../src/core/record-state.ts';
import { type Sight, sightOf } from '../../src/core/sight.ts';
import { foldTargets } from '../../src/core/target-view.ts';
import { nextOnGrid } from '../../src/probe/spread.ts';
import type { Random } from './random.ts';
import type { System } from './system.ts';
import { type Probe, probe, type Scenario, type Subject, type Target } from './world.ts';

export interface Policy {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly confirmMs: number;
  readonly fall: number;
  readonly rise: number;
  readonly failback: FailbackPolicy;
  /** Two of them, both needed to be blind; without, the prober trusts itself. */
  readonly witnesses: boolean;
}

export const DEFAULTS: Policy = {
  intervalMs: 5000,
  timeoutMs: 2000,
  confirmMs: 1000,
  fall: 3,
  rise: 3,
  failback: { mode: 'auto', afterMs: 60_000 },
  witnesses: false,
};

/** One row of the history. */
export interface Row {
  readonly atMs: number;
  readonly before: RecordState;
  readonly change: Change;
}

/** Something that is probed on a schedule. */
interface Probed {
  readonly subject: Subject;
  readonly originMs: number;
  health: Health;
  stableSinceMs: number | null;
  startMs: number;
  running: Probe;
  /** A witness that has been asked and has not answered yet. */
  asked: boolean;
}

/** How witnesses are probed, whatever the endpoints' check says (src/probe/witnesses.ts). */
const WITNESS = { intervalMs: 5000, timeoutMs: 2000, confirmMs: 1000, roundMs: 1000, blindWhen: 2 };

const PASS: Outcome = { outcome: 'pass' };
const FAIL: Outcome = { outcome: 'fail', reason: 'timeout', phase: 'connect', detail: '' };
const NEVER = Number.POSITIVE_INFINITY;

export function failoverd(name: string, policy: Policy): System {
  return {
    name,
    parameters: describe(policy),
    predicted: predict(recordOf(policy)),
    play: (scenario, random) =>
      new Failoverd(policy, scenario, random)
        .play()
        .filter(({ before, change }) => change.target !== before.activeTarget)
        .map(({ atMs, before, change }) => ({
          atMs,
          from: before.activeTarget as Target,
          to: change.target as Target,
        })),
  };
}

export class Failoverd {
  readonly #policy: Policy;
  readonly #scenario: Scenario;
  readonly #random: Random;
  readonly #record: RecordSpec;
  readonly #endpoints: readonly Probed[];
  readonly #witnesses: readonly Probed[];
  readonly #rows: Row[] = [];
  #state: RecordState;
  #recheckAtMs = NEVER;
  #sight: Sight = 'clear';
  #askedAtMs = Number.NEGATIVE_INFINITY;
  /** What the endpoints were when the prober began to doubt its sight. */
  #marked: readonly Health[] = [];

  constructor(policy: Policy, scenario: Scenario, random: Random) {
    this.#policy = policy;
    this.#scenario = scenario;
    this.#random = random;
    this.#record = recordOf(policy);
    this.#endpoints = (['primary', 'backup'] as const).map((subject) => this.#watch(subject));
    this.#witnesses = policy.witnesses
      ? (['witness1', 'witness2'] as const).map((subject) => this.#watch(subject))
      : [];
    this.#state = startedState();
  }

  /** Everything that goes into the history in that time. */
  play(): readonly Row[] {
    const all = [...this.#endpoints, ...this.#witnesses];
    for (;;) {
      const next = all.reduce((a, b) => (endMs(b) < endMs(a) ? b : a));
      const nowMs = Math.min(endMs(next), this.#recheckAtMs);
      if (nowMs >= this.#scenario.durationMs) return this.#rows;
      if (this.#recheckAtMs <= endMs(next)) this.#decide(nowMs);
      else if (this.#endpoints.includes(next)) this.#count(next, nowMs);
      else this.#countWitness(next, nowMs);
    }
  }

  #watch(subject: Subject): Probed {
    const originMs = this.#random.between(0, this.#policy.intervalMs);
    const running = { passes: true, tookMs: 0 };
    const item: Probed = {
      subject,
      originMs,
      health: healthOf('up'),
      stableSinceMs: 0,
      startMs: 0,
      running,
      asked: false,
    };
    this.#start(item, originMs);
    return item;
  }

  #timingOf({ subject }: Probed) {
    return subject === 'primary' || subject === 'backup' ? this.#policy : WITNESS;
  }

  #start(item: Probed, startMs: number): void {
    const { timeoutMs } = this.#timingOf(item);
    const limits = { connectMs: timeoutMs, responseMs: timeoutMs, totalMs: timeoutMs };
    item.startMs = startMs;
    item.running = probe(this.#scenario.condition(item.subject, startMs, 0), limits, this.#random);
  }

  #startNext(item: Probed, isConfirmed: boolean, nowMs: number): void {
    const { intervalMs, confirmMs } = this.#timingOf(item);
    const ordinaryMs = nextOnGrid(item.originMs, intervalMs, nowMs) + this.#random.next() * JITTER * intervalMs;
    this.#start(item, isConfirmed ? Math.max(item.startMs + confirmMs, nowMs) : ordinaryMs);
  }

  #count(item: Probed, nowMs: number): void {
    const { health, changed, suspect } = step(item.health, item.running.passes ? PASS : FAIL, this.#policy);
    item.health = health;
    if (!item.running.passes || health.status !== 'up') item.stableSinceMs = null;
    else item.stableSinceMs ??= nowMs;
    if (changed) this.#decide(nowMs);
    if (suspect) this.#askWitnesses(nowMs);
    this.#startNext(item, suspect, nowMs);
  }

  #askWitnesses(nowMs: number): void {
    if (this.#witnesses.length === 0 || nowMs - this.#askedAtMs < WITNESS.roundMs) return;
    this.#askedAtMs = nowMs;
    for (const witness of this.#witnesses) {
      witness.asked = true;
      if (witness.startMs > nowMs) this.#start(witness, nowMs);
    }
    this.#look(nowMs);
  }

  #countWitness(item: Probed, nowMs: number): void {
    // What began before the question does not answer it; another probe follows at once.
    const isAnswer = !item.asked || item.startMs >= this.#askedAtMs;
    if (isAnswer) {
      item.health = healthOf(item.running.passes ? 'up' : 'down');
      item.asked = false;
      this.#startNext(item, item.health.status === 'down', nowMs);
      this.#look(nowMs);
    } else this.#start(item, nowMs);
  }

  /** A prober that was blind takes its verdicts back, and nothing is decided while it is or may be (src/runtime/blindness.ts). */
  #look(nowMs: number): void {
    const before = this.#sight;
    const standings = this.#witnesses.map(({ health, asked }) => ({
      last: health.status === 'down' ? ('down' as const) : ('up' as const),
      asked,
    }));
    this.#sight = sightOf(before, standings, WITNESS.blindWhen);
    if (this.#sight === before) return;
    if (before === 'clear') this.#marked = this.#endpoints.map(({ health }) => healthOf(health.status));
    if (this.#sight !== 'clear') return;
    if (before === 'blind') {
      for (const [i, endpoint] of this.#endpoints.entries()) endpoint.health = this.#marked[i] ?? endpoint.health;
    }
    this.#decide(nowMs);
  }

  #decide(nowMs: number): void {
    const targets = foldTargets(this.#record, '', {
      healthOf: (id) => this.#endpoints.find(({ subject }) => subject === id) as Probed,
      drained: [],
      nowMs,
    });
    const { allDown, failback } = this.#record;
    const orders = { override: null, blind: this.#sight !== 'clear', failbackOrdered: false, released: false };
    const decision = decide({ targets, allDown, failback, ...orders }, this.#state);
    if (decision.kind === 'keep') {
      this.#recheckAtMs = decision.recheckInMs === null ? NEVER : nowMs + decision.recheckInMs;
      return;
    }
    this.#rows.push({ atMs: nowMs, before: this.#state, change: decision });
    this.#state = applyDecision(this.#state, decision, { nowMs, epochMs: nowMs });
    this.#recheckAtMs = nowMs;
  }
}

function describe({ intervalMs, timeoutMs, confirmMs, fall, rise, failback, witnesses }: Policy): string {
  const seconds = (ms: number) => `${ms / 1000} s`;
  const timing = `interval ${seconds(intervalMs)}, timeout ${seconds(timeoutMs)}, confirm ${seconds(confirmMs)}`;
  const counts = `fall ${fall}, rise ${rise}, failback after ${seconds(failback.afterMs)}`;
  return `${timing}, ${counts}, ${witnesses ? 'two witnesses, blind when both are down' : 'no witness'}`;
}

function endMs({ startMs, running }: Probed): number {
  return startMs + running.tookMs;
}

function startedState(): RecordState {
  return {
    activeTarget: 'primary',
    addresses: ['192.0.2.10'],
    allDown: false,
    sinceEpochMs: 0,
    override: null,
    drained: [],
    failbackPenalty: 0,
    lastFailback: null,
  };
}

/** The record that is played: one address for each target. */
export function recordOf(policy: Policy): RecordSpec {
  const tcp = { kind: 'tcp', port: 80, greeting: null, maxBodyBytes: 0, sourceAddress: null, sentinel: false } as const;
  const check: CheckSpec = { ...tcp, ...policy };
  const target = (name: Target, address: string) => {
    const endpoint: EndpointSpec = { id: name, address, family: 4, check };
    return { name, endpoints: [endpoint], minHealthy: 1 };
  };
  return {
    name: OWNER,
    zone: OWNER,
    ttlSeconds: 10,
    targets: [target('primary', '192.0.2.10'), target('backup', '198.51.100.20')],
    families: 'together',
    allDown: 'keep',
    failback: policy.failback,
  };
}

const OWNER = ownerName('app.example.com.');

function ownerName(text: string): OwnerName {
  const parsed = parseOwnerName(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
}
