/**
 * What whoever looks has chosen to see. The page and the record are in the address, so that a link leads to them.
 *
 * @typedef {{ page: 'records' | 'timeline' | 'server' | 'record', key: string | null }} Place `key`: of the record
 * @typedef {{
 *   place: Place,
 *   selection: import('./select.js').Selection,
 *   shape: 'cards' | 'rows' | null,
 *   range: import('./axis.js').Range | null,
 *   dialog: import('../view/dialogs.js').Dialog | null,
 *   session: import('../net/session.js').Session,
 *   windows: import('../view/detail.js').Windows,
 *   older: string | null,
 *   copied: string | null,
 *   actor: string,
 * }} Ui `shape` null: by the number of records; `range` null: by what is known; `older`: where the next page of the timeline begins
 */

const CARDS_AT_MOST = 24;

/** @param {string} hash of the address @returns {Place} */
export function placeOf(hash) {
  const [, page = '', rest = ''] = /^#\/(\w+)(?:\/(.+))?$/.exec(hash) ?? [];
  if (page === 'record' && rest !== '') return { page: 'record', key: decode(rest) };
  return { page: page === 'timeline' || page === 'server' ? page : 'records', key: null };
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @param {Place} place @param {string} actor @returns {Ui} */
export function initialUi(place, actor) {
  return {
    place,
    selection: { search: '', filter: 'all', sort: 'worst' },
    shape: null,
    range: null,
    dialog: null,
    session: { required: 'none', signedIn: false },
    windows: {},
    older: null,
    copied: null,
    actor,
  };
}

/** @param {Ui} ui @param {number} records how many there are */
export function shapeOf({ shape }, records) {
  return shape ?? (records > CARDS_AT_MOST ? 'rows' : 'cards');
}

/**
 * The record that is shown whole: the one of the address, or the only one there is.
 * @param {Ui} ui @param {import('./state.js').State['records']} records
 */
export function shownRecord({ place }, records) {
  if (place.page === 'record') return records.get(place.key ?? '') ?? null;
  if (place.page === 'records' && records.size === 1) return [...records.values()][0] ?? null;
  return null;
}
