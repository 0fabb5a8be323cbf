import { clock, duration } from '../lib/format.js';
import { h } from '../lib/vdom.js';
import { answerBands, boundsOf, SPANS, ticksOf } from '../model/axis.js';
import { button, chip, glyph, timeTag } from './parts.js';

/**
 * What happened, on an axis of time and as a list. The list says everything; the axis shows how it lies in time.
 *
 * @typedef {import('../model/state.js').State} State
 * @typedef {import('../model/state.js').Transition} Transition
 * @typedef {import('../model/state.js').Note} Note
 * @typedef {import('../model/axis.js').Range} Range
 * @typedef {{
 *   state: State, nowMs: number, range: Range, widthPx: number, record: string | null, hasMore: boolean, primaryOf(record: string): string | null,
 *   onRange(range: Range): void, onZoom(factor: number, atX: number | null): void, onPan(byPx: number): void, onExplain(id: number): void, onMore(): void,
 * }} Context `nowMs` by the server's clock; `record` null: all of them
 */

const LANES = /** @type {const} */ (['Answers', 'Orders', 'Config', 'Alarms']);
const LANE_PX = 26;
const LABEL_PX = 66;
const RIGHT_PX = 8;
const AXIS_PX = 24;

/** @param {Context} context */
export function timeline(context) {
  const entries = entriesOf(context);
  return h(
    'section',
    { class: 'panel timeline', 'aria-labelledby': 'what' },
    h(
      'div',
      { class: 'head' },
      h(context.record === null ? 'h2' : 'h3', { id: 'what' }, 'What happened'),
      controls(context),
    ),
    axis(entries, context),
    entryList(entries, context),
    context.record === null && context.hasMore && button('Load older', context.onMore, { class: 'quiet' }),
  );
}

/** @param {Context} context */
function controls({ range, onRange, onZoom }) {
  return h(
    'div',
    { class: 'segments', role: 'group', 'aria-label': 'Time shown' },
    SPANS.map(([label, spanMs]) =>
      button(label, () => onRange({ spanMs, endMs: null }), {
        key: label,
        'aria-pressed': String(range.endMs === null && range.spanMs === spanMs),
      }),
    ),
    button('−', () => onZoom(2, null), { 'aria-label': 'Show more time', key: 'out' }),
    button('+', () => onZoom(0.5, null), { 'aria-label': 'Show less time', key: 'in' }),
  );
}

/**
 * One line of the list and one mark on the axis.
 * @typedef {{ key: string, atMs: number, lane: typeof LANES[number], tone: string, word: string, record: string | null, text: string, actor: string | null, id: number | null }} Entry
 */

/** @param {Context} context @returns {readonly Entry[]} newest first */
function entriesOf({ state, record, primaryOf }) {
  const isMine = (/** @type {{ record: string | null }} */ entry) => record === null || entry.record === record;
  const transitions = state.transitions
    .filter(isMine)
    .map((transition) => transitionEntry(transition, primaryOf(transition.record)));
  const notes = state.notes
    .filter(isMine)
    .map(noteEntry)
    .filter((note) => !transitions.some((transition) => isThatOrder(transition, note)));
  return [...transitions, ...notes].sort((a, b) => b.atMs - a.atMs);
}

const SAME_ORDER_MS = 2_000;

/** What an order has changed says all that the order itself says. @param {Entry} transition @param {Entry} note */
function isThatOrder({ actor, record, atMs }, note) {
  return actor !== null && actor === note.actor && record === note.record && Math.abs(atMs - note.atMs) < SAME_ORDER_MS;
}

/** @param {Transition} transition @param {string | null} primary @returns {Entry} */
function transitionEntry(
  { id, at, record, cause, toTarget, toAddresses, reason, actor, detectedMs, isDrill },
  primary,
) {
  const to = `${toAddresses.join(', ') || 'no address'} (${toTarget})`;
  const speed = detectedMs === null ? '' : `, detected in ${(detectedMs / 1000).toFixed(1)} s`;
  const isOrder = cause === 'override' || cause === 'release';
  return {
    key: `${at} ${record} ${toTarget}`,
    id: id ?? null,
    atMs: Date.parse(at),
    record,
    actor: actor === 'prober' ? null : actor,
    lane: isOrder ? 'Orders' : cause === 'config' ? 'Config' : 'Answers',
    tone: toneOf(cause, toTarget === primary),
    word: `${isDrill ? 'drill: ' : ''}${cause.replace('_', ' ')}`,
    text: `${to}: ${reason}${speed}`,
  };
}

/** @param {string} cause @param {boolean} isPrimary */
function toneOf(cause, isPrimary) {
  if (cause === 'all_down') return 'bad';
  return isPrimary ? 'ok' : 'warn';
}

/** @param {Note} note @returns {Entry} */
function noteEntry({ key, at, kind, record, text, actor }) {
  const lane = kind === 'order' ? 'Orders' : kind === 'config' ? 'Config' : 'Alarms';
  const tone = kind === 'alarm' ? 'bad' : kind === 'resolved' ? 'ok' : 'unknown';
  const word = kind === 'config' ? 'reload' : kind;
  return { key, id: null, atMs: Date.parse(at), record, actor, lane, tone, word, text };
}

/** @param {readonly Entry[]} entries @param {Context} context */
function axis(entries, { state, nowMs, range, widthPx, record, primaryOf, onZoom, onPan, onExplain }) {
  const bounds = boundsOf(range, nowMs);
  const plotPx = Math.max(100, widthPx - LABEL_PX - RIGHT_PX);
  const x = (/** @type {number} */ atMs) => LABEL_PX + ((atMs - bounds.fromMs) / range.spanMs) * plotPx;
  const heightPx = LANES.length * LANE_PX + AXIS_PX;
  const inside = entries.filter(({ atMs }) => atMs >= bounds.fromMs && atMs <= bounds.toMs).slice(0, 500);
  const drag = {
    onpointerdown: (event) => startDrag(event, onPan),
    onwheel: (event) => wheel(event, onZoom, onPan),
  };
  return h(
    'svg',
    {
      class: 'axis',
      width: String(widthPx),
      height: String(heightPx),
      viewBox: `0 0 ${widthPx} ${heightPx}`,
      'aria-hidden': 'true',
      ...drag,
    },
    ticksOf(bounds, plotPx).map(({ atMs, label }) => [
      h('line', { key: `l${atMs}`, class: 'grid', x1: x(atMs), x2: x(atMs), y1: 0, y2: heightPx - AXIS_PX }),
      h('text', { key: `t${atMs}`, class: 'tick', x: x(atMs), y: heightPx - 7, 'text-anchor': 'middle' }, label),
    ]),
    LANES.map((lane, index) => [
      h('line', { key: `b${lane}`, class: 'base', x1: LABEL_PX, x2: widthPx, y1: laneY(index), y2: laneY(index) }),
      h('text', { key: `n${lane}`, class: 'lane', x: 0, y: laneY(index) + 4 }, lane),
    ]),
    record !== null && bands(state, record, bounds, primaryOf(record), x),
    inside.map(({ key, atMs, lane, tone, word, text, id }) =>
      h(
        'circle',
        {
          key,
          class: 'event',
          'data-tone': tone,
          cx: x(atMs),
          cy: laneY(LANES.indexOf(lane)),
          r: 6,
          'data-clickable': id !== null,
          onclick: id === null ? null : () => onExplain(id),
        },
        h('title', null, `${clock(atMs, nowMs)} ${word}: ${text}`),
      ),
    ),
  );
}

/** @param {number} index */
function laneY(index) {
  return index * LANE_PX + LANE_PX / 2;
}

/** What one record's answer was, as a band under its transitions. @param {State} state @param {string} record @param {{ fromMs: number, toMs: number }} bounds @param {string | null} primary @param {(atMs: number) => number} x */
function bands(state, record, bounds, primary, x) {
  const mine = state.transitions.filter((transition) => transition.record === record);
  return answerBands(mine, bounds).map(({ fromMs, toMs, target, cause }) =>
    target === null
      ? null
      : h(
          'rect',
          {
            key: `band${fromMs}`,
            class: 'band',
            'data-tone': toneOf(cause ?? '', target === primary),
            x: x(fromMs),
            y: laneY(0) - 5,
            width: Math.max(0.5, x(toMs) - x(fromMs)),
            height: 10,
          },
          h('title', null, `${target} for ${duration(toMs - fromMs)}`),
        ),
  );
}

/** @param {PointerEvent} event @param {(byPx: number) => void} onPan */
function startDrag(event, onPan) {
  const svg = /** @type {SVGElement} */ (event.currentTarget);
  let lastX = event.clientX;
  const move = (moved) => {
    if (Math.abs(moved.clientX - lastX) < 3) return;
    svg.setPointerCapture(event.pointerId);
    onPan(lastX - moved.clientX);
    lastX = moved.clientX;
  };
  svg.addEventListener('pointermove', move);
  const end = () => svg.removeEventListener('pointermove', move);
  svg.addEventListener('pointerup', end, { once: true });
  svg.addEventListener('pointercancel', end, { once: true });
}

/** A plain wheel scrolls the page, as everywhere; with Ctrl, or pinching, it zooms; sideways it pans. @param {WheelEvent} event @param {Context['onZoom']} onZoom @param {Context['onPan']} onPan */
function wheel(event, onZoom, onPan) {
  const isSideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
  if (!event.ctrlKey && !isSideways) return;
  event.preventDefault();
  if (isSideways) return onPan(event.deltaX);
  const svg = /** @type {SVGElement} */ (event.currentTarget);
  onZoom(1.2 ** Math.sign(event.deltaY), event.clientX - svg.getBoundingClientRect().left - LABEL_PX);
}

const LISTED = { all: 200, one: 12 };

/** @param {readonly Entry[]} entries @param {Context} context */
function entryList(entries, { nowMs, record, onExplain }) {
  if (entries.length === 0) return h('p', { class: 'empty' }, 'Nothing has happened yet.');
  return h(
    'ol',
    { class: 'entries' },
    entries
      .slice(0, record === null ? LISTED.all : LISTED.one)
      .map((entry) => entryLine(entry, nowMs, record === null, onExplain)),
  );
}

/** @param {Entry} entry @param {number} nowMs @param {boolean} withRecord @param {(id: number) => void} onExplain */
function entryLine(entry, nowMs, withRecord, onExplain) {
  const { key, atMs, tone, word, record, text, actor } = entry;
  return h(
    'li',
    { key },
    timeTag(atMs, nowMs),
    chip(tone, word),
    h(
      'span',
      { class: 'text' },
      withRecord && record && !text.includes(record) && h('strong', null, `${record} `),
      text,
      actor && h('span', { class: 'actor' }, ` by ${actor}`),
    ),
    explainButton(entry, nowMs, onExplain),
  );
}

/** @param {Entry} entry @param {number} nowMs @param {(id: number) => void} onExplain */
function explainButton({ id, word, record, atMs }, nowMs, onExplain) {
  const label = `Explain ${word} of ${record} at ${clock(atMs, nowMs)}`;
  return id !== null && button('Explain', () => onExplain(id), { class: 'inline', 'aria-label': label });
}

/** The newest few, beside the records. @param {Context} context */
export function latest(context) {
  const entries = entriesOf(context).slice(0, 14);
  return h(
    'section',
    { class: 'panel feed', 'aria-labelledby': 'latest' },
    h('h2', { id: 'latest' }, 'Latest'),
    entries.length === 0
      ? h('p', { class: 'empty' }, 'Nothing has happened yet.')
      : h(
          'ol',
          null,
          entries.map((entry) => feedLine(entry, context)),
        ),
    h('p', { class: 'more' }, h('a', { href: '#/timeline' }, 'The whole timeline')),
  );
}

/** @param {Entry} entry @param {Context} context */
function feedLine(entry, { nowMs, onExplain }) {
  const { key, atMs, tone, word, record, text } = entry;
  return h(
    'li',
    { key },
    glyph(tone),
    h(
      'div',
      null,
      h('p', { class: 'head' }, h('strong', null, record ?? word), timeTag(atMs, nowMs)),
      h('p', { class: 'text' }, record && `${word}: `, text, ' ', explainButton(entry, nowMs, onExplain)),
    ),
  );
}
