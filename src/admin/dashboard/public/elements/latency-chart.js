import { latency } from '../lib/format.js';

/**
 * `<latency-chart>`: the time of each probe, a line for each endpoint, and the timeout as the line not to be crossed. A gap is
 * a probe that did not pass. Drawn by uPlot.
 *
 * @typedef {import('../model/state.js').Probe} Probe
 * @typedef {{ series: readonly { label: string, probes: readonly Probe[] }[], timeoutMs: number | null }} ChartData
 */

const HEIGHT_PX = 220;
const COLOURS = ['--series-1', '--series-2', '--series-3', '--series-4'];

/** Its script, which leaves one global, stands before this one in the page. */
const { uPlot } = /** @type {any} */ (window);

/**
 * All series on one axis of times.
 * @param {ChartData} data @returns {(number | null)[][]} seconds, then milliseconds for each series, then the timeout
 */
export function columnsOf({ series, timeoutMs }) {
  const times = [...new Set(series.flatMap(({ probes }) => probes.map(({ atMs }) => atMs)))].sort((a, b) => a - b);
  const lines = series.map(({ probes }) => {
    const byTime = new Map(probes.map((probe) => [probe.atMs, probe.outcome === 'pass' ? probe.elapsedMs : null]));
    return times.map((at) => /** @type {number | null} */ (byTime.has(at) ? byTime.get(at) : undefined));
  });
  return [times.map((at) => at / 1000), ...lines, times.map(() => timeoutMs)];
}

export class LatencyChart extends HTMLElement {
  /** @type {any} */ #chart = null;
  /** @type {ChartData | null} */ #data = null;
  #shape = '';
  #resize = new ResizeObserver(() => this.#chart?.setSize({ width: this.clientWidth, height: HEIGHT_PX }));
  #scheme = matchMedia('(prefers-color-scheme: dark)');
  #redraw = () => this.#draw(true);

  connectedCallback() {
    this.#resize.observe(this);
    this.#scheme.addEventListener('change', this.#redraw);
    this.#draw(true);
  }

  disconnectedCallback() {
    this.#resize.disconnect();
    this.#scheme.removeEventListener('change', this.#redraw);
    this.#chart?.destroy();
    this.#chart = null;
  }

  /** @param {ChartData} data */
  set data(data) {
    this.#data = data;
    this.#draw(false);
  }

  /** @param {boolean} isAnew */
  #draw(isAnew) {
    if (!this.isConnected || this.#data === null) return;
    const shape = JSON.stringify([this.#data.series.map(({ label }) => label), this.#data.timeoutMs]);
    const columns = columnsOf(this.#data);
    if (this.#chart && !isAnew && shape === this.#shape) return this.#chart.setData(columns);
    this.#chart?.destroy();
    this.#shape = shape;
    this.#chart = new uPlot(optionsOf(this, this.#data), columns, this);
  }
}

/** @param {HTMLElement} element @param {ChartData} data */
function optionsOf(element, { series, timeoutMs }) {
  const style = getComputedStyle(element);
  const colour = (name) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--muted'),
    font: `12px ${style.fontFamily}`,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const value = (_, ms) => (ms === null || ms === undefined ? '–' : latency(ms));
  const lines = series.map(({ label }, index) => ({
    ...{ label, value, stroke: colour(COLOURS[index % COLOURS.length] ?? ''), width: 2, points: { size: 4 } },
    dash: index % 2 === 1 ? [6, 2] : [], // not told apart by colour alone
  }));
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    scales: { y: { distr: 3, range: (_, min, max) => rangeOf(min, max, timeoutMs) } },
    axes: [
      { ...axis, size: 34, space: 80, values: (_, all) => all.map(timeOf) },
      { ...axis, size: 58, splits: (_, __, min, max) => decades(min, max), values: (_, all) => all.map(latency) },
    ],
    series: [
      { label: 'at', value: (_, at) => (at ? timeOf(at) : '–') },
      ...lines,
      { label: 'timeout', value, stroke: colour('--bad'), width: 1, dash: [2, 4], points: { show: false } },
    ],
    cursor: { y: false },
  };
}

/** @param {number} seconds */
function timeOf(seconds) {
  return new Date(seconds * 1000).toTimeString().slice(0, 8);
}

/** The axis is logarithmic, so that both a loopback and a timeout of seconds can be read. @param {number | null} min @param {number | null} max @param {number | null} timeoutMs @returns {[number, number]} */
function rangeOf(min, max, timeoutMs) {
  return [Math.max(0.1, Math.min(1, min ?? 1) / 2), Math.max(10, max ?? 0, timeoutMs ?? 0) * 1.6];
}

/** @param {number} min @param {number} max */
function decades(min, max) {
  return [0.1, 1, 10, 100, 1_000, 10_000, 100_000].filter((each) => each >= min && each <= max);
}

customElements.define('latency-chart', LatencyChart);
