import { count, duration } from '../lib/format.js';
import { h } from '../lib/vdom.js';
import { badgeOf, cachesHoldMs, healthOf, titleOf, toneOf } from '../model/record.js';
import { FILTERS, SORTS, visibleSlice } from '../model/select.js';
import { keyOf } from '../model/state.js';
import { button, chip, heartbeat, since } from './parts.js';

/**
 * The list of records: a card for each while they are few, a row for each when they are many. Only what is in sight is drawn.
 *
 * @typedef {import('../model/state.js').RecordStatus} RecordStatus
 * @typedef {import('../model/state.js').State['probes']} Probes
 * @typedef {'cards' | 'rows'} Shape
 * @typedef {{ left: string, top: string, width: string, height: string }} Place
 */

const SHAPES = {
  cards: { minWidthPx: 380, heightPx: 234, gapPx: 16 },
  rows: { minWidthPx: Number.POSITIVE_INFINITY, heightPx: 64, gapPx: 0 },
};
const NARROW_ROW_PX = 80;

/** @param {Shape} shape @param {number} widthPx */
export function gridOf(shape, widthPx) {
  const { minWidthPx, heightPx, gapPx } = SHAPES[shape];
  const columns = Math.max(1, Math.floor((widthPx + gapPx) / (minWidthPx + gapPx)));
  const height = shape === 'rows' && widthPx < 720 ? NARROW_ROW_PX : heightPx;
  return { columns, heightPx: height, gapPx, stepPx: height + gapPx };
}

/**
 * @param {readonly RecordStatus[]} records as they are selected
 * @param {{ shape: Shape, widthPx: number, topPx: number, viewPx: number, probes: Probes, belief: ReturnType<typeof import('../model/record.js').beliefOf>, nowMs: number }} context
 */
export function recordList(records, { shape, widthPx, topPx, viewPx, probes, belief, nowMs }) {
  const { columns, heightPx, gapPx, stepPx } = gridOf(shape, widthPx);
  const slice = visibleSlice({ count: records.length, columns, stepPx, topPx, viewPx });
  const width = `calc((100% - ${(columns - 1) * gapPx}px) / ${columns})`;
  const items = records.slice(slice.first, slice.end).map((record, offset) => {
    const index = slice.first + offset;
    const column = index % columns;
    const badge = badgeOf(record, belief);
    const left = `calc((100% + ${gapPx}px) / ${columns} * ${column})`;
    const place = { left, top: `${Math.floor(index / columns) * stepPx}px`, width, height: `${heightPx}px` };
    const item = { key: keyOf(record), style: place, 'aria-setsize': records.length, 'aria-posinset': index + 1 };
    return h('li', item, shape === 'cards' ? card(record, badge, probes, nowMs) : row(record, badge, probes, nowMs));
  });
  return h('ul', { class: `list ${shape}`, id: 'list', style: { height: `${slice.heightPx}px` } }, items);
}

/** @param {RecordStatus} record */
function link(record) {
  return h('a', { class: 'name', href: `#/record/${encodeURIComponent(keyOf(record))}` }, titleOf(record));
}

/** @param {RecordStatus} record @param {ReturnType<typeof badgeOf>} badge @param {Probes} probes @param {number} nowMs */
function card(record, { tone, word }, probes, nowMs) {
  const lines = targetLines(record, probes);
  const holdMs = cachesHoldMs(record, nowMs);
  return h(
    'article',
    { class: 'card', 'data-tone': tone },
    h('div', { class: 'head' }, h('h2', null, link(record)), chip(tone, word)),
    h('p', { class: 'answer', title: record.addresses.join('\n') }, answerText(record)),
    h('p', { class: 'facts' }, h('strong', null, record.activeTarget), ', ', since(Date.parse(record.since), nowMs)),
    h(
      'p',
      { class: 'why' },
      holdMs > 0
        ? h('span', { class: 'hold' }, `Caches may hold the old answer for ${duration(holdMs + 999)}. `)
        : null,
      whyOf(record),
    ),
    h(
      'div',
      { class: 'targets' },
      lines.slice(0, 3),
      lines.length > 3 && h('p', { class: 'more' }, `and ${count(lines.length - 3, 'more endpoint')}`),
    ),
  );
}

/** @param {RecordStatus} record */
export function answerText({ addresses }) {
  const [first, ...rest] = addresses;
  return first === undefined ? 'no address' : rest.length === 0 ? first : [first, h('small', null, ` +${rest.length}`)];
}

/** @param {RecordStatus} record */
export function whyOf({ override, reason, cause }) {
  if (override) return `ordered by ${override.actor}: ${override.reason}`;
  return reason === '' ? cause : reason;
}

/** @param {RecordStatus} record @param {Probes} probes */
function targetLines({ targets, activeTarget }, probes) {
  return targets.flatMap((target) =>
    target.endpoints.map((endpoint, index) =>
      h(
        'div',
        { class: 'line', key: `${target.name} ${endpoint.id}`, 'data-active': target.name === activeTarget },
        h('span', { class: 'target' }, index === 0 ? target.name : ''),
        heartbeat(probes.get(endpoint.id) ?? [], `${target.name} ${endpoint.address}`),
        h(
          'span',
          { class: 'health', 'data-tone': toneOf(target.drained ? target : endpoint) },
          target.drained ? `${endpoint.status}, drained` : healthOf(endpoint),
        ),
      ),
    ),
  );
}

/** @param {RecordStatus} record @param {ReturnType<typeof badgeOf>} badge @param {Probes} probes @param {number} nowMs */
function row(record, { tone, word }, probes, nowMs) {
  const [active] = record.targets.filter(({ name }) => name === record.activeTarget);
  const endpoint = active?.endpoints[0];
  return h(
    'article',
    { class: 'row', 'data-tone': tone },
    h('div', { class: 'who' }, h('h2', null, link(record)), h('p', null, whyOf(record))),
    chip(tone, word),
    h(
      'div',
      { class: 'what' },
      h('p', { class: 'answer' }, answerText(record)),
      h('p', null, record.activeTarget, ', ', since(Date.parse(record.since), nowMs)),
    ),
    endpoint ? heartbeat(probes.get(endpoint.id) ?? [], `${record.activeTarget} ${endpoint.address}`) : h('span', null),
  );
}

/**
 * @param {import('../model/select.js').Selection & { shape: Shape }} selection
 * @param {{ shown: number, total: number, onChange(change: object): void }} context
 */
export function toolbar({ search, filter, sort, shape }, { shown, total, onChange }) {
  return h(
    'form',
    { class: 'toolbar', role: 'search', onsubmit: (event) => event.preventDefault() },
    h('input', {
      type: 'search',
      id: 'search',
      placeholder: 'Search name, address or target  ( / )',
      'aria-label': 'Search records',
      '.value': search,
      oninput: (event) => onChange({ search: event.target.value }),
    }),
    choice('Show', FILTERS, filter, (value) => onChange({ filter: value })),
    choice('Sort', SORTS, sort, (value) => onChange({ sort: value })),
    h(
      'div',
      { class: 'segments', role: 'group', 'aria-label': 'Layout' },
      ['cards', 'rows'].map((name) =>
        button(name === 'cards' ? 'Cards' : 'Rows', () => onChange({ shape: name }), {
          'aria-pressed': String(name === shape),
          key: name,
        }),
      ),
    ),
    h(
      'p',
      { class: 'shown' },
      shown === total ? count(total, 'record') : `${shown.toLocaleString('en')} of ${count(total, 'record')}`,
    ),
  );
}

/** @param {string} label @param {Readonly<Record<string, string>>} options @param {string} value @param {(value: string) => void} onChange */
export function choice(label, options, value, onChange) {
  return h(
    'label',
    { class: 'choice' },
    h('span', null, label),
    h(
      'select',
      { '.value': value, onchange: (event) => onChange(event.target.value) },
      Object.entries(options).map(([name, text]) => h('option', { value: name, key: name }, text)),
    ),
  );
}
