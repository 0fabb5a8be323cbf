/**
 * The time axis: where a time lies, which ticks to draw, and what zooming does to it.
 *
 * @typedef {{ spanMs: number, endMs: number | null }} Range `endMs` null: up to now, and moving with it
 */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
export const SPANS = /** @type {const} */ ([
  ['15 min', 15 * MINUTE],
  ['1 h', HOUR],
  ['6 h', 6 * HOUR],
  ['24 h', DAY],
  ['7 days', 7 * DAY],
  ['30 days', 30 * DAY],
]);
const MIN_SPAN = MINUTE;
const MAX_SPAN = 400 * DAY;
const STEPS = [
  5_000,
  15_000,
  30_000,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  14 * DAY,
  30 * DAY,
  90 * DAY,
];

/** An hour; less where all that is known is younger. @param {number} oldestMs @param {number} nowMs @returns {Range} */
export function defaultRange(oldestMs, nowMs) {
  return { spanMs: nowMs - oldestMs < 15 * MINUTE ? 15 * MINUTE : HOUR, endMs: null };
}

/** @param {Range} range @param {number} nowMs @returns {{ fromMs: number, toMs: number }} */
export function boundsOf({ spanMs, endMs }, nowMs) {
  const toMs = endMs ?? nowMs;
  return { fromMs: toMs - spanMs, toMs };
}

/**
 * Zooms around a time that stays where it is. What reaches now keeps following it.
 * @param {Range} range @param {number} factor below 1: closer @param {number} aroundMs @param {number} nowMs @returns {Range}
 */
export function zoomed(range, factor, aroundMs, nowMs) {
  const { fromMs, toMs } = boundsOf(range, nowMs);
  const spanMs = Math.min(MAX_SPAN, Math.max(MIN_SPAN, range.spanMs * factor));
  const endMs = aroundMs + (toMs - aroundMs) * (spanMs / (toMs - fromMs));
  return { spanMs, endMs: endMs >= nowMs || range.endMs === null ? null : endMs };
}

/** @param {Range} range @param {number} byMs positive: to later times @param {number} nowMs @returns {Range} */
export function panned({ spanMs, endMs }, byMs, nowMs) {
  const end = (endMs ?? nowMs) + byMs;
  return { spanMs, endMs: end >= nowMs ? null : end };
}

/**
 * Round times in local time, at most one for every so many pixels.
 * @param {{ fromMs: number, toMs: number }} bounds @param {number} widthPx
 * @returns {{ atMs: number, label: string }[]}
 */
export function ticksOf({ fromMs, toMs }, widthPx) {
  const wanted = Math.max(2, Math.floor(widthPx / 90));
  const step = STEPS.find((each) => (toMs - fromMs) / each <= wanted) ?? 90 * DAY;
  const zoneMs = new Date(toMs).getTimezoneOffset() * MINUTE;
  const ticks = [];
  for (let at = Math.ceil((fromMs - zoneMs) / step) * step + zoneMs; at <= toMs; at += step) {
    ticks.push({ atMs: at, label: labelOf(new Date(at), step) });
  }
  return ticks;
}

/** @param {Date} at @param {number} step */
function labelOf(at, step) {
  const two = (part) => String(part).padStart(2, '0');
  const isMidnight = at.getHours() === 0 && at.getMinutes() === 0 && at.getSeconds() === 0;
  if (step >= DAY || isMidnight) return `${at.getDate()} ${at.toLocaleString('en', { month: 'short' })}`;
  const minutes = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return step < MINUTE ? `${minutes}:${two(at.getSeconds())}` : minutes;
}

/**
 * What was answered when, oldest first; before the first transition that is known it is null.
 * @param {readonly import('./state.js').Transition[]} transitions of one record, newest first
 * @param {{ fromMs: number, toMs: number }} bounds
 * @returns {{ fromMs: number, toMs: number, target: string | null, cause: string | null }[]}
 */
export function answerBands(transitions, { fromMs, toMs }) {
  const known = transitions.map((each) => ({ ...each, atMs: Date.parse(each.at) })).reverse();
  const first = known[0];
  const before = { atMs: -Infinity, toTarget: first?.fromTarget ?? null, cause: null };
  const points = [before, ...known];
  return points
    .map(({ atMs, toTarget, cause }, index) => ({
      fromMs: Math.max(atMs, fromMs),
      toMs: Math.min(points[index + 1]?.atMs ?? toMs, toMs),
      target: toTarget,
      cause,
    }))
    .filter((band) => band.toMs > band.fromMs);
}
