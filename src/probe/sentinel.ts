import type { Socket } from 'node:net';
import type { EndpointSpec } from '../core/check.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Clock } from '../runtime/ports.ts';
import type { ProbeContext } from './attempt.ts';

/** Opens a connection to an endpoint as its probes do; calls back once, when it can be used. */
export type OpenConnection = (onOpen: () => void) => Socket;

/** Keeps the ways open that forget an idle connection, and finds out when one has. */
const KEEP_ALIVE_MS = 30_000;
/** A connection is renewed before the server's habit ends it: at this part of the time that it was seen to last. */
const RENEW_AT = 0.8;
const LONGEST_PAUSE_MS = 300_000;

/** A connection that is there to be lost. */
interface Watch {
  readonly socket: Socket;
  openedAtMs: number | null;
  cancelTimer: () => void;
}

/**
 * Keeps one idle connection to an endpoint, and tells when the other side ends it: that is how the death of a process is
 * seen at once, whatever the interval. It decides nothing; the probe that it calls for does.
 *
 * It opens after a probe that passed. When the probe that a loss called for passes too, the server only closes idle
 * connections by habit: from then on the connection is renewed before that time is up, or, where that would be oftener
 * than the endpoint is probed, left alone for a pause that doubles.
 */
export class Sentinel {
  readonly #clock: Clock;
  readonly #sockets: Set<Socket>;
  readonly #endpoint: EndpointSpec;
  readonly #open: OpenConnection;
  readonly #onLost: () => void;
  #watch: Watch | null = null;
  #closed = false;
  /** How long the connection had lasted whose loss is not explained yet. */
  #lostAfterMs: number | null = null;
  #renewAfterMs = Number.POSITIVE_INFINITY;
  #pauseMs = 0;
  #notBeforeMs = 0;

  constructor(context: ProbeContext, endpoint: EndpointSpec, open: OpenConnection, onLost: () => void) {
    this.#clock = context.clock;
    this.#sockets = context.sockets;
    this.#endpoint = endpoint;
    this.#open = open;
    this.#onLost = onLost;
  }

  /** Takes notice of a probe of the endpoint. */
  probed({ outcome }: Outcome): void {
    if (this.#closed || outcome === 'inconclusive') return;
    if (this.#lostAfterMs !== null && outcome === 'pass') this.#learn(this.#lostAfterMs);
    this.#lostAfterMs = null;
    if (outcome === 'pass' && this.#watch === null && this.#clock.nowMs() >= this.#notBeforeMs) this.#begin();
  }

  /** Ends the connection without telling anybody. */
  close(): void {
    this.#closed = true;
    this.#drop();
  }

  #learn(lastedMs: number): void {
    const { intervalMs } = this.#endpoint.check;
    const renewAfterMs = lastedMs * RENEW_AT;
    if (renewAfterMs >= intervalMs) {
      this.#renewAfterMs = Math.min(this.#renewAfterMs, renewAfterMs);
      this.#pauseMs = 0;
    } else {
      this.#pauseMs = Math.min(Math.max(2 * this.#pauseMs, 2 * intervalMs), LONGEST_PAUSE_MS);
    }
    this.#notBeforeMs = this.#clock.nowMs() + this.#pauseMs;
  }

  #begin(): void {
    const socket = this.#open(() => this.#opened(watch));
    // One that does not open in time says nothing that the probes do not say.
    const giveUp = this.#clock.setTimer(this.#endpoint.check.timeoutMs, () => this.#drop());
    const watch: Watch = { socket, openedAtMs: null, cancelTimer: giveUp };
    this.#watch = watch;
    this.#sockets.add(socket);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('data', () => {});
    for (const event of ['end', 'error', 'close'] as const) socket.on(event, () => this.#ended(watch));
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #opened(watch: Watch): void {
    if (watch !== this.#watch) return;
    watch.cancelTimer();
    watch.openedAtMs = this.#clock.nowMs();
    if (Number.isFinite(this.#renewAfterMs)) {
      watch.cancelTimer = this.#clock.setTimer(this.#renewAfterMs, () => this.#renew());
    }
  }

  #renew(): void {
    this.#drop();
    this.#begin();
  }

  #ended(watch: Watch): void {
    if (watch !== this.#watch) return;
    this.#drop();
    if (watch.openedAtMs === null) return;
    this.#lostAfterMs = this.#clock.nowMs() - watch.openedAtMs;
    this.#onLost();
  }

  #drop(): void {
    const watch = this.#watch;
    this.#watch = null;
    watch?.cancelTimer();
    watch?.socket.destroy();
  }
}
