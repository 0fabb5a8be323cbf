import { conditionOf, hasSpare, titleOf } from './record.js';
/**
 * Which records are listed, in which order.
 *
 * @typedef {import('./state.js').RecordStatus} RecordStatus
 * @typedef {'all' | 'attention' | 'backup' | 'down' | 'ordered'} Filter
 * @typedef {'worst' | 'name' | 'recent'} Sort
 * @typedef {{ search: string, filter: Filter, sort: Sort }} Selection
 */

/** @type {Readonly<Record<Filter, string>>} */
export const FILTERS = {
  all: 'All',
  attention: 'Need attention',
  backup: 'On backup',
  down: 'All down',
  ordered: 'By order',
};

/** @type {Readonly<Record<Sort, string>>} */
export const SORTS = { worst: 'Worst first', name: 'Name', recent: 'Changed last' };

/** @param {RecordStatus} record @param {Filter} filter */
function passes(record, filter) {
  switch (filter) {
    case 'all':
      return true;
    case 'attention':
      return severity(record) > 0;
    case 'backup':
      return conditionOf(record) === 'backup';
    case 'down':
      return record.allDown;
    case 'ordered':
      return record.override !== null || record.targets.some(({ drained }) => drained);
  }
}

/** Every word must occur in the name, a target's name or an address. @param {RecordStatus} record @param {readonly string[]} words */
function matches(record, words) {
  if (words.length === 0) return true;
  const parts = record.targets.flatMap(({ name, endpoints }) => [name, ...endpoints.map(({ address }) => address)]);
  const text = [titleOf(record), ...record.addresses, ...parts].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}

/** @param {RecordStatus} record */
export function severity(record) {
  const condition = conditionOf(record);
  if (condition === 'all_down') return 4;
  if (condition === 'backup') return 3;
  if (!hasSpare(record)) return 2;
  return record.override || record.targets.some(({ status, drained }) => status !== 'up' || drained) ? 1 : 0;
}

/** @param {Sort} sort @returns {(a: RecordStatus, b: RecordStatus) => number} */
function order(sort) {
  const byName = (/** @type {RecordStatus} */ a, /** @type {RecordStatus} */ b) => compare(titleOf(a), titleOf(b));
  switch (sort) {
    case 'name':
      return byName;
    case 'recent':
      return (a, b) => compare(b.since, a.since) || byName(a, b);
    case 'worst':
      return (a, b) => severity(b) - severity(a) || byName(a, b);
  }
}

/** @param {string} a @param {string} b */
function compare(a, b) {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The same answer to the same question is not worked out twice. @returns {(records: ReadonlyMap<string, RecordStatus>, selection: Selection) => RecordStatus[]} */
export function createSelector() {
  /** @type {{ records: unknown, selection: unknown, selected: RecordStatus[] }} */
  let last = { records: null, selection: null, selected: [] };
  return (records, selection) => {
    if (last.records !== records || last.selection !== selection) {
      last = { records, selection, selected: select(records.values(), selection) };
    }
    return last.selected;
  };
}

/** @param {Iterable<RecordStatus>} records @param {Selection} selection @returns {RecordStatus[]} */
export function select(records, { search, filter, sort }) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return [...records].filter((record) => passes(record, filter) && matches(record, words)).sort(order(sort));
}

/**
 * Which of many equal boxes are in sight. All in pixels.
 * @param {{ count: number, columns: number, stepPx: number, topPx: number, viewPx: number }} geometry `topPx`: where the
 *   list begins, seen from the top of the window; negative when scrolled
 * @returns {{ first: number, end: number, heightPx: number }}
 */
export function visibleSlice({ count, columns, stepPx, topPx, viewPx }) {
  const rows = Math.ceil(count / columns);
  const from = Math.max(0, Math.floor(-topPx / stepPx) - OVERSCAN_ROWS);
  const to = Math.min(rows, Math.ceil((viewPx - topPx) / stepPx) + OVERSCAN_ROWS);
  return {
    first: Math.min(from * columns, count),
    end: Math.max(0, Math.min(to * columns, count)),
    heightPx: rows * stepPx,
  };
}

const OVERSCAN_ROWS = 2;
