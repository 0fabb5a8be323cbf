import type { EndpointSpec } from '../core/check.ts';
import type { ProbeReport } from '../core/outcome.ts';
import type { Clock, OnReport, ProberStats } from '../runtime/ports.ts';
import { Attempt, type Probe, type ProbeContext, type Trigger } from './attempt.ts';
import { type Due, DueHeap } from './due-heap.ts';
import type { Sentinel } from './sentinel.ts';
import { nextOnGrid, spreadOf } from './spread.ts';

/** The first round is spread over this much, so that every verdict is there soon after a start or a reload. */
const FIRST_ROUND_MS = 1_000;
/** By how much of its interval a probe may be late on purpose. */
const JITTER = 0.05;
/** What falls due later than this is left to the next tick. */
const TICK_MS = 1_000;
/** How long probes are started in one go before sockets are served again. */
const SLICE_MS = 10;

export interface SchedulerOptions {
  readonly context: ProbeContext;
  /** From 0, below 1. */
  readonly random: () => number;
  readonly onReport: OnReport;
  /** The probe of an endpoint's check; asked for each attempt. */
  readonly probeOf: (endpoint: EndpointSpec) => Probe;
  /** Makes the sentinel of an endpoint that wants one. */
  readonly sentinelOf: (endpoint: EndpointSpec, onLost: () => void) => Watcher;
}

type Watcher = Pick<Sentinel, 'probed' | 'close'>;

/** An endpoint's place in the schedule: either in the heap, or running. */
interface Entry extends Due {
  readonly endpoint: EndpointSpec;
  /** A point of the grid of its ordinary probes. */
  readonly originMs: number;
  readonly sentinel: Watcher | null;
  running: Attempt | null;
  trigger: Trigger;
  /** What asked for another probe while one was running. */
  again: Trigger | null;
}

/**
 * Probes every endpoint on its schedule: a heap of due times that is drained at every second's {@link Scheduler.tick}, and
 * by a timer for what falls due before the next one. Everything is on the monotonic clock.
 *
 * An endpoint's ordinary probes lie on a grid of its interval, moved by a hash of its id, each up to 5 % late. What is
 * due beyond the bound on concurrency stays in the heap and is served in the order in which it fell due.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #heap = new DueHeap<Entry>();
  #concurrency = Number.POSITIVE_INFINITY;
  #started = false;
  #running = 0;
  #pushed = 0;
  #armedForMs = Number.POSITIVE_INFINITY;
  #cancelTimer: () => void = () => {};

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#clock = options.context.clock;
  }

  /** Bounds the probes that run at once. Those that run already are left to end. */
  setConcurrency(concurrency: number): void {
    this.#concurrency = concurrency;
    this.#arm();
  }

  /** Makes these the endpoints that are probed, those that are new for the first time in this order. Those whose id stays keep their schedule; a probe of one that goes is dropped. */
  setEndpoints(endpoints: readonly EndpointSpec[]): void {
    const ids = new Set(endpoints.map(({ id }) => id));
    for (const [id, entry] of this.#entries) {
      if (!ids.has(id)) this.#drop(entry);
    }
    const added = endpoints.filter(({ id }) => !this.#entries.has(id));
    for (const [index, endpoint] of added.entries()) this.#adopt(endpoint, (index + 1) / (added.length + 1));
    this.#arm();
  }

  probeNow(endpointId: string): void {
    this.#bringForward(endpointId, 'manual');
  }

  start(): void {
    this.#started = true;
    this.#arm();
  }

  /** Starts what is due. To be called every second. */
  tick(): void {
    if (this.#started) this.#drain();
  }

  /** Ends every probe, timer and sentinel. */
  stop(): void {
    this.#started = false;
    this.#disarm();
    for (const entry of this.#entries.values()) this.#drop(entry);
  }

  stats(): ProberStats {
    const nowMs = this.#clock.nowMs();
    const head = this.#heap.peek();
    return {
      endpoints: this.#entries.size,
      running: this.#running,
      waiting: this.#heap.countDue(nowMs),
      lagMs: head === undefined ? 0 : Math.max(0, nowMs - head.dueAtMs),
    };
  }

  /** Probes at once, or once more when a probe is running that may have missed what called for this one. */
  #bringForward(endpointId: string, trigger: Trigger): void {
    const entry = this.#entries.get(endpointId);
    if (entry === undefined) return;
    if (entry.running !== null) {
      entry.again = trigger;
      return;
    }
    const nowMs = this.#clock.nowMs();
    if (entry.dueAtMs <= nowMs) return;
    this.#heap.remove(entry);
    this.#push(entry, nowMs, trigger);
    this.#arm();
  }

  /** @param place in the first round: above 0, below 1 */
  #adopt(endpoint: EndpointSpec, place: number): void {
    const nowMs = this.#clock.nowMs();
    const spread = spreadOf(endpoint.id);
    const entry: Entry = {
      endpoint,
      originMs: nowMs + spread * endpoint.check.intervalMs,
      sentinel: endpoint.check.sentinel
        ? this.#options.sentinelOf(endpoint, () => this.#bringForward(endpoint.id, 'sentinel'))
        : null,
      running: null,
      again: null,
      trigger: 'interval',
      dueAtMs: 0,
      order: 0,
      heapIndex: -1,
    };
    this.#entries.set(endpoint.id, entry);
    this.#push(entry, nowMs + place * Math.min(FIRST_ROUND_MS, endpoint.check.intervalMs), 'interval');
  }

  #drop(entry: Entry): void {
    this.#entries.delete(entry.endpoint.id);
    this.#heap.remove(entry);
    entry.sentinel?.close();
    if (entry.running === null) return;
    entry.running.abort();
    entry.running = null;
    this.#running--;
  }

  #push(entry: Entry, dueAtMs: number, trigger: Trigger): void {
    entry.dueAtMs = dueAtMs;
    entry.trigger = trigger;
    entry.order = this.#pushed++;
    this.#heap.push(entry);
  }

  #drain(): void {
    const untilMs = this.#clock.nowMs() + SLICE_MS;
    while (this.#running < this.#concurrency) {
      const nowMs = this.#clock.nowMs();
      const entry = this.#heap.peek();
      if (entry === undefined || entry.dueAtMs > nowMs || nowMs > untilMs) break;
      this.#heap.remove(entry);
      this.#launch(entry);
    }
    this.#arm();
  }

  #launch(entry: Entry): void {
    const attempt = new Attempt(this.#options.context, entry.endpoint, entry.trigger, (report) =>
      this.#finish(entry, report),
    );
    entry.running = attempt;
    this.#running++;
    this.#options.probeOf(entry.endpoint)(attempt, entry.endpoint);
  }

  #finish(entry: Entry, report: ProbeReport): void {
    entry.running = null;
    this.#running--;
    const next = this.#options.onReport(report);
    // The one who counts may have taken the endpoint out, or even stopped the prober.
    if (this.#entries.get(entry.endpoint.id) === entry) {
      entry.sentinel?.probed(report.outcome);
      this.#scheduleNext(entry, report, next);
    }
    this.#arm();
  }

  #scheduleNext(entry: Entry, report: ProbeReport, next: ReturnType<OnReport>): void {
    const nowMs = this.#clock.nowMs();
    const { intervalMs, confirmMs } = entry.endpoint.check;
    if (entry.again !== null) {
      this.#push(entry, nowMs, entry.again);
      entry.again = null;
    } else if (next === 'confirm') {
      this.#push(entry, Math.max(nowMs, report.startedAtMs + confirmMs), 'confirm');
    } else {
      const jitterMs = this.#options.random() * JITTER * intervalMs;
      this.#push(entry, nextOnGrid(entry.originMs, intervalMs, nowMs) + jitterMs, 'interval');
    }
  }

  /** Sets the timer for the soonest probe, unless the next tick is soon enough or no place is free. */
  #arm(): void {
    const head = this.#heap.peek();
    if (!this.#started || head === undefined || this.#running >= this.#concurrency) {
      this.#disarm();
      return;
    }
    if (head.dueAtMs === this.#armedForMs) return;
    this.#disarm();
    const delayMs = Math.max(0, head.dueAtMs - this.#clock.nowMs());
    if (delayMs > TICK_MS) return;
    this.#armedForMs = head.dueAtMs;
    this.#cancelTimer = this.#clock.setTimer(delayMs, () => {
      this.#armedForMs = Number.POSITIVE_INFINITY;
      this.#drain();
    });
  }

  #disarm(): void {
    this.#cancelTimer();
    this.#cancelTimer = () => {};
    this.#armedForMs = Number.POSITIVE_INFINITY;
  }
}
