import { h } from './lib/vdom.js';
import { defaultRange } from './model/axis.js';
import { beliefOf } from './model/record.js';
import { shapeOf, shownRecord } from './model/ui.js';
import { detail } from './view/detail.js';
import { alarmStrips, header } from './view/header.js';
import { recordList, toolbar } from './view/records.js';
import { serverPage } from './view/server.js';
import { latest, timeline } from './view/timeline.js';
/**
 * The whole page as a function of what is known and what was chosen.
 *
 * @typedef {import('./model/state.js').State} State
 * @typedef {import('./model/ui.js').Ui} Ui
 * @typedef {{ widthPx: number, listTopPx: number, viewPx: number, axisPx: number, pageHost: string, selected: readonly import('./model/state.js').RecordStatus[] }} Layout `selected`: the records that are listed
 * @typedef {ReturnType<typeof import('./actions.js').createActions>} Actions
 */

/** @param {State} state @param {Ui} ui @param {Layout} layout @param {Actions} actions @param {number} nowMs by this machine's clock */
export function app(state, ui, layout, actions, nowMs) {
  const { place, session } = ui;
  const serverMs = nowMs + state.offsetMs;
  const page = place.page === 'record' ? 'records' : place.page;
  return [
    header(state, { page, nowMs, session, onSignIn: actions.askToken, onSignOut: actions.signOut }),
    alarmStrips(state, serverMs),
    h(
      'main',
      { id: 'main', class: place.page, key: `${place.page} ${place.key}` },
      pageOf(state, ui, layout, actions, serverMs),
    ),
  ];
}

/** @param {State} state @param {Ui} ui @param {Layout} layout @param {Actions} actions @param {number} nowMs by the server's clock */
function pageOf(state, ui, layout, actions, nowMs) {
  if (state.report === null) return null;
  const only = shownRecord(ui, state.records);
  const time = timeContext(state, ui, layout, actions, nowMs);
  if (ui.place.page === 'timeline') return timeline({ ...time, record: null });
  if (ui.place.page === 'server') return serverPage(state, nowMs);
  if (only) {
    const context = {
      ...actions,
      state,
      nowMs,
      pageHost: layout.pageHost,
      windows: ui.windows,
      canGoBack: state.records.size > 1,
      copied: ui.copied,
    };
    return [detail(only, context), timeline({ ...time, record: only.record })];
  }
  if (ui.place.page === 'record')
    return h(
      'p',
      { class: 'empty' },
      `There is no record ${ui.place.key}. `,
      h('a', { href: '#/records' }, 'All records'),
    );
  return recordsPage(state, ui, layout, actions, nowMs, time);
}

/** @param {State} state @param {Ui} ui @param {Layout} layout @param {Actions} actions @param {number} nowMs @param {import('./view/timeline.js').Context} time */
function recordsPage(state, ui, layout, actions, nowMs, time) {
  const { selected: records } = layout;
  const shape = shapeOf(ui, state.records.size);
  const { widthPx, listTopPx: topPx, viewPx } = layout;
  return [
    h(
      'div',
      { class: 'board' },
      toolbar(
        { ...ui.selection, shape },
        { shown: records.length, total: state.records.size, onChange: actions.choose },
      ),
      records.length === 0
        ? h('p', { class: 'empty' }, 'No record is like that.')
        : recordList(records, { shape, widthPx, topPx, viewPx, probes: state.probes, belief: beliefOf(state), nowMs }),
    ),
    latest({ ...time, record: null }),
  ];
}

/** @param {State} state @param {Ui} ui @param {Layout} layout @param {Actions} actions @param {number} nowMs @returns {import('./view/timeline.js').Context} */
function timeContext(state, ui, { axisPx }, actions, nowMs) {
  const primaryOf = (name) => {
    const record = state.records.get(name) ?? state.records.get(`${name}/4`) ?? state.records.get(`${name}/6`);
    return record?.targets[0]?.name ?? null;
  };
  const { onRange, onZoom, onPan, onExplain, onMore } = actions;
  const range =
    ui.range ?? defaultRange(Date.parse(state.transitions.at(-1)?.at ?? state.report?.startedAt ?? ''), nowMs);
  return {
    state,
    nowMs,
    range,
    widthPx: axisPx,
    record: null,
    hasMore: ui.older !== null,
    primaryOf,
    onRange,
    onZoom: (factor, atX) => onZoom(range, factor, atX, axisPx),
    onPan: (byPx) => onPan(range, byPx, axisPx),
    onExplain,
    onMore,
  };
}
