import { createEventParser } from '../lib/sse.js';
import { get } from './api.js';

/**
 * Keeps the page true: reads the whole once, then every event; says at once when the connection is gone, and begins anew.
 *
 * @typedef {{
 *   onReport(report: import('../model/state.js').StatusReport): void,
 *   onEvents(events: readonly { kind: string, data: any }[]): void,
 *   onPhase(phase: import('../model/state.js').Connection['phase']): void,
 * }} Listener
 */

/** The server sends a comment every 10 s; without a word for so long, it is gone. */
const SILENCE_MS = 20_000;
const RETRY_MS = [250, 500, 1_000, 2_000, 4_000];

/** @param {Listener} listener @returns {{ start(): void, stop(): void, restart(): void }} */
export function createLive(listener) {
  let attempt = 0;
  /** @type {AbortController | null} */
  let running = null;
  let timer = 0;

  async function connect() {
    const controller = new AbortController();
    running = controller;
    const watchdog = createWatchdog(() => controller.abort());
    try {
      const status = await read(controller.signal, watchdog);
      if (controller === running) again(status);
    } catch {
      if (controller === running) again(0); // the stream broke: whatever the cause, it is opened again
    } finally {
      watchdog.stop();
    }
  }

  /** @param {number} status */
  function again(status) {
    running = null;
    listener.onPhase(status === 401 ? 'refused' : 'lost');
    if (status === 401) return;
    timer = window.setTimeout(connect, RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]);
    attempt += 1;
  }

  /** Opens the stream first, so that nothing is missed between the whole and the first event. @param {AbortSignal} signal @param {Watchdog} watchdog @returns {Promise<number>} the HTTP status that ended it; 0 for none */
  async function read(signal, watchdog) {
    const headers = { Accept: 'text/event-stream' };
    const response = await fetch('/api/v1/events', { headers, signal, cache: 'no-store' });
    if (!response.ok || !response.body) return response.status;
    const report = await get('/api/v1/status');
    if (!report.ok) return report.status;
    listener.onReport(report.value);
    listener.onPhase('live');
    attempt = 0;
    await pump(response.body, watchdog);
    return 0;
  }

  /** @param {ReadableStream<Uint8Array>} body @param {Watchdog} watchdog */
  async function pump(body, watchdog) {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    const parse = createEventParser();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      watchdog.feed();
      await deliver(parse(decoder.decode(value, { stream: true })));
    }
  }

  /** @param {readonly import('../lib/sse.js').ServerEvent[]} events */
  async function deliver(events) {
    if (events.length > 0) listener.onEvents(events.map(({ kind, data }) => ({ kind, data: JSON.parse(data) })));
    if (!events.some(({ kind }) => kind === 'reset' || kind === 'reload')) return; // records may have come and gone
    const report = await get('/api/v1/status');
    if (report.ok) listener.onReport(report.value);
  }

  function stop() {
    window.clearTimeout(timer);
    const before = running;
    running = null;
    before?.abort();
  }

  return {
    start: () => void connect(),
    stop,
    restart() {
      stop();
      attempt = 0;
      void connect();
    },
  };
}

/** @typedef {{ feed(): void, stop(): void }} Watchdog */

/** @param {() => void} onSilence @returns {Watchdog} */
function createWatchdog(onSilence) {
  let timer = window.setTimeout(onSilence, SILENCE_MS);
  return {
    feed() {
      window.clearTimeout(timer);
      timer = window.setTimeout(onSilence, SILENCE_MS);
    },
    stop: () => window.clearTimeout(timer),
  };
}
