import type { Socket } from 'node:net';
import type { EndpointSpec } from '../core/check.ts';
import type { Outcome, ProbePhase, ProbeReport } from '../core/outcome.ts';
import type { Clock } from '../runtime/ports.ts';
import { outcomeOfError } from './errors.ts';
import { Received } from './received.ts';

/** A deadline's timer that fires later than this says that we were busy: the answer may be waiting unread. */
const LATE_MS = 50;
/** What is then left to read it. */
const GRACE_MS = 250;

export type Trigger = ProbeReport['trigger'];

/** What all probes of a prober share. */
export interface ProbeContext {
  readonly clock: Clock;
  /** Every socket that is open for a probe; empty when no probe is under way. */
  readonly sockets: Set<Socket>;
}

/** What is connected to. */
export type Place = Pick<EndpointSpec, 'address' | 'family'>;

/** Begins one attempt at a place; it ends by {@link Attempt.settle}, its deadline or {@link Attempt.abort}. */
export type Probe = (attempt: Attempt, place: Place) => void;

/**
 * One attempt: its phases, its deadline, the socket it holds, and its one verdict.
 *
 * The deadline ends it whatever the protocol's code does: it destroys the socket, so nothing outlives it.
 */
export class Attempt {
  readonly received: Received;
  status: number | undefined;
  certificateExpiresAtEpochMs: number | undefined;

  readonly #context: ProbeContext;
  readonly #endpoint: EndpointSpec;
  readonly #trigger: Trigger;
  readonly #onReport: (report: ProbeReport) => void;
  readonly #startedAtEpochMs: number;
  readonly #startedAtMs: number;
  readonly #deadlineMs: number;
  readonly #phasesMs: Partial<Record<ProbePhase, number>> = {};
  #phase: ProbePhase = 'connect';
  #phaseStartedAtMs: number;
  /** The phase in which the deadline found us; null before. */
  #phaseAtDeadline: ProbePhase | null = null;
  /** A verdict that is certain already, while evidence is still being read. */
  #foregone: Outcome | null = null;
  #ifTimeout: Outcome | null = null;
  #ended = false;
  #socket: Socket | null = null;
  #release: (() => void) | null = null;
  #cancelTimer: () => void;

  constructor(
    context: ProbeContext,
    endpoint: EndpointSpec,
    trigger: Trigger,
    onReport: (report: ProbeReport) => void,
  ) {
    this.#context = context;
    this.#endpoint = endpoint;
    this.#trigger = trigger;
    this.#onReport = onReport;
    this.received = new Received(endpoint.check.maxBodyBytes);
    this.#startedAtEpochMs = context.clock.epochMs();
    this.#startedAtMs = context.clock.nowMs();
    this.#phaseStartedAtMs = this.#startedAtMs;
    this.#deadlineMs = this.#startedAtMs + endpoint.check.timeoutMs;
    this.#cancelTimer = context.clock.setTimer(endpoint.check.timeoutMs, () => this.#onDeadline());
  }

  get phase(): ProbePhase {
    return this.#phase;
  }

  /** Whether a socket was opened for it already. */
  get holds(): boolean {
    return this.#socket !== null;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Takes charge of the attempt's socket: it is destroyed when the attempt ends. */
  hold(socket: Socket): void {
    this.#socket = socket;
    this.#context.sockets.add(socket);
    socket.once('close', () => this.#context.sockets.delete(socket));
  }

  /** Called once when the attempt ends otherwise than by the protocol's own end. */
  onEnd(release: () => void): void {
    this.#release = release;
  }

  /** Ends the current phase and begins another. */
  enter(phase: ProbePhase): void {
    const nowMs = this.#context.clock.nowMs();
    this.#finishPhase(nowMs);
    this.#phase = phase;
    this.#phaseStartedAtMs = nowMs;
  }

  /** What the deadline will say from now on, instead of `timeout`. */
  onTimeout(outcome: Outcome): void {
    this.#ifTimeout = outcome;
  }

  /** Fixes the verdict, but reads on for evidence, for so long at most. */
  settleWithin(outcome: Outcome, evidenceMs: number): void {
    this.#foregone = outcome;
    const leftMs = Math.max(0, this.#deadlineMs - this.#context.clock.nowMs());
    this.#cancelTimer();
    this.#cancelTimer = this.#context.clock.setTimer(Math.min(evidenceMs, leftMs), () => this.settle(outcome));
  }

  /** Ends the attempt with its verdict. Only the first call counts. */
  settle(outcome: Outcome): void {
    if (this.#ended) return;
    const nowMs = this.#context.clock.nowMs();
    const verdict = this.#foregone ?? this.#unlessLate(outcome);
    const whole = verdict.outcome === 'pass' || (verdict.outcome === 'fail' && verdict.reason === 'body');
    if (whole) this.#finishPhase(nowMs);
    this.#end();
    this.#onReport(this.#report(verdict, nowMs));
  }

  /** Ends the attempt with what an error says of the endpoint. */
  fail(error: Error): void {
    this.settle(outcomeOfError(error, this.#phase, this.#socket?.readableEnded ?? false));
  }

  /** Ends the attempt without a report. */
  abort(): void {
    if (!this.#ended) this.#end();
  }

  /** Timers run before sockets are read: even a punctual deadline lets the loop read once before it judges. */
  #onDeadline(): void {
    const nowMs = this.#context.clock.nowMs();
    this.#phaseAtDeadline = this.#phase;
    if (nowMs - this.#deadlineMs > LATE_MS) this.#judgeAfter(GRACE_MS);
    else
      this.#cancelTimer = this.#context.clock.setTimer(0, () => this.#judgeAfter(this.#keptWaiting() ? GRACE_MS : 0));
  }

  #judgeAfter(graceMs: number): void {
    if (graceMs === 0) this.settle(this.#timeout());
    else this.#cancelTimer = this.#context.clock.setTimer(graceMs, () => this.settle(this.#timeout()));
  }

  #timeout(): Outcome {
    if (this.#ifTimeout !== null) return this.#ifTimeout;
    const seconds = this.#endpoint.check.timeoutMs / 1000;
    return { outcome: 'fail', reason: 'timeout', phase: this.#phase, detail: `no answer within ${seconds} s` };
  }

  /** Whether the endpoint had done its part before the deadline (accepted, or finished the handshake) and we had not seen it. */
  #keptWaiting(): boolean {
    const then = this.#phaseAtDeadline;
    return (then === 'connect' || then === 'tls') && this.#phase !== then;
  }

  /** What an endpoint that we kept waiting does in its impatience is our fault. */
  #unlessLate(outcome: Outcome): Outcome {
    if (outcome.outcome !== 'fail' || !this.#keptWaiting()) return outcome;
    const impatience = outcome.reason === 'timeout' || outcome.reason === 'reset' || outcome.reason === 'protocol';
    if (!impatience) return outcome;
    return { outcome: 'inconclusive', reason: 'late', detail: `the prober was too busy (then: ${outcome.reason})` };
  }

  #finishPhase(nowMs: number): void {
    this.#phasesMs[this.#phase] = nowMs - this.#phaseStartedAtMs;
  }

  #end(): void {
    this.#ended = true;
    this.#cancelTimer();
    this.#release?.();
    this.#socket?.destroy();
  }

  #report(outcome: Outcome, nowMs: number): ProbeReport {
    const { status, certificateExpiresAtEpochMs } = this;
    return {
      endpointId: this.#endpoint.id,
      trigger: this.#trigger,
      outcome,
      startedAtEpochMs: this.#startedAtEpochMs,
      startedAtMs: this.#startedAtMs,
      elapsedMs: nowMs - this.#startedAtMs,
      phasesMs: this.#phasesMs,
      ...(status === undefined ? {} : { status }),
      ...(outcome.outcome === 'fail' ? this.received.sample() : {}),
      ...(certificateExpiresAtEpochMs === undefined ? {} : { certificateExpiresAtEpochMs }),
    };
  }
}
