import { createActions } from './actions.js';
import { app } from './app.js';
import './elements/latency-chart.js';
import { mount } from './lib/vdom.js';
import { beliefOf } from './model/record.js';
import { createSelector, visibleSlice } from './model/select.js';
import { initialState, withConnection, withEvent, withProbes, withReport, withTransitions } from './model/state.js';
import { initialUi, placeOf, shapeOf, shownRecord } from './model/ui.js';
import { verdictOf } from './model/verdict.js';
import { createProbeLoader, readAvailability, readTransitions } from './net/history.js';
import { createLive } from './net/live.js';
import { readSession } from './net/session.js';
import { dialogContent } from './view/dialogs.js';
import { gridOf } from './view/records.js';

/**
 * Puts the parts together: what is known and what was chosen, each in one place, and a drawing whenever either changes.
 *
 * @typedef {import('./model/ui.js').Ui} Ui
 * @typedef {import('./model/state.js').State} State
 */

const ACTOR_KEY = 'failoverd.actor';
const TICK_MS = 1_000;
const AVAILABILITY_EVERY_MS = 300_000;
const SESSION_EVERY_MS = 3_600_000; // each time it is kept for longer
const SETTLED_AFTER_MS = 500;

let state = initialState(Date.now());
let ui = initialUi(placeOf(location.hash), localStorage.getItem(ACTOR_KEY) ?? '');
let isDrawn = true;

const root = /** @type {HTMLElement} */ (document.getElementById('app'));
const dialog = /** @type {HTMLDialogElement} */ (document.getElementById('dialog'));
root.replaceChildren(); // what the file itself shows, until here
const draw = mount(root);
const drawDialog = mount(dialog);
const selectRecords = createSelector();

/** @param {Partial<Ui>} change */
function change(change) {
  ui = { ...ui, ...change };
  drawSoon();
}

/** @param {(state: State) => State} next */
function know(next) {
  state = next(state);
  showVerdict();
  drawSoon();
}

const actions = createActions({
  state: () => state,
  ui: () => ui,
  change,
  know,
  reconnect: () => live.restart(),
  rememberActor(actor) {
    localStorage.setItem(ACTOR_KEY, actor);
    change({ actor });
  },
});

const probes = createProbeLoader((more) => know((known) => withProbes(known, more)));
let settledTimer = 0;

const live = createLive({
  onReport(report) {
    know((known) => withReport(known, report, Date.now()));
    probes.forget();
    void actions.readLatest();
    void arrive();
  },
  onEvents(events) {
    know((known) => events.reduce((before, { kind, data }) => withEvent(before, kind, data, Date.now()), known));
    if (events.some(({ kind }) => kind === 'transition' || kind === 'override')) readLatestSoon();
  },
  onPhase(phase) {
    const isRefused = phase === 'refused'; // whoever has signed out leaves nothing on the screen
    know((known) => withConnection(isRefused ? initialState(Date.now()) : known, phase, Date.now()));
    if (isRefused) void readSignedIn();
  },
});

/** Events announce; the history, a moment later, has the whole. */
function readLatestSoon() {
  window.clearTimeout(settledTimer);
  settledTimer = window.setTimeout(() => void actions.readLatest(), SETTLED_AFTER_MS);
}

async function readSignedIn() {
  const session = await readSession();
  if (session.ok) change({ session: session.value });
  if (ui.session.required === 'all' && !ui.session.signedIn && !ui.dialog) actions.askToken();
}

/** What a record's own page shows beside what every page knows. */
async function arrive() {
  const record = shownRecord(ui, state.records);
  if (!record) return change({ windows: {} });
  const [windows, { transitions }] = await Promise.all([
    readAvailability(record.record),
    readTransitions({ record: record.record }),
  ]);
  if (shownRecord(ui, state.records)?.record !== record.record) return;
  know((known) => withTransitions(known, transitions));
  change({ windows });
}

function drawSoon() {
  if (!isDrawn) return;
  isDrawn = false;
  requestAnimationFrame(drawNow);
}

function drawNow() {
  isDrawn = true;
  const list = document.getElementById('list');
  const board = root.querySelector('.board') ?? root.querySelector('main') ?? root;
  const panel = root.querySelector('.axis')?.parentElement;
  const layout = {
    selected: selectRecords(state.records, ui.selection),
    widthPx: board.clientWidth,
    listTopPx: list ? list.getBoundingClientRect().top : 200,
    viewPx: window.innerHeight,
    axisPx: panel ? contentWidth(panel) : Math.max(280, root.clientWidth - 80),
    pageHost: location.hostname,
  };
  root.dataset.belief = beliefOf(state);
  draw(app(state, ui, layout, actions, Date.now()));
  showDialog();
  wantProbes(layout);
  const drawn = root.querySelector('.axis')?.parentElement;
  if (drawn && contentWidth(drawn) !== layout.axisPx) drawSoon(); // its place was not there before it was drawn
}

/** @param {Element} element */
function contentWidth(element) {
  const { paddingLeft, paddingRight } = getComputedStyle(element);
  return Math.floor(element.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight));
}

/** The probes of what is in sight. @param {import('./app.js').Layout} layout */
function wantProbes({ selected: records, widthPx, listTopPx, viewPx }) {
  const only = shownRecord(ui, state.records);
  if (only) return probes.want([only]);
  if (ui.place.page !== 'records') return;
  const { columns, stepPx } = gridOf(shapeOf(ui, state.records.size), widthPx);
  const { first, end } = visibleSlice({ count: records.length, columns, stepPx, topPx: listTopPx, viewPx });
  probes.want(records.slice(first, end));
}

function showDialog() {
  const { dialog: asked } = ui;
  const record =
    asked?.kind === 'order'
      ? ([...state.records.values()].find(({ record: name }) => name === asked.order.record) ?? null)
      : null;
  drawDialog(dialogContent(asked, record, actions, Date.now() + state.offsetMs));
  if (asked && !dialog.open) dialog.showModal();
  if (!asked && dialog.open) dialog.close();
}

/** Also where no page is drawn: in the title and the icon of a tab in the background. */
function showVerdict() {
  const { word, tone } = verdictOf(state);
  document.title = `${word} · failoverd`;
  const icon = /** @type {HTMLLinkElement} */ (document.getElementById('icon'));
  const href = `/dashboard/icons/${tone}.svg`;
  if (!icon.href.endsWith(href)) icon.href = href;
}

dialog.addEventListener('close', () => ui.dialog && change({ dialog: null }));
window.addEventListener('hashchange', () => {
  const dialog = ui.dialog?.kind === 'sign_in' ? ui.dialog : null; // what was asked or explained belongs to the place that is left
  change({ place: placeOf(location.hash), windows: {}, dialog });
  window.scrollTo(0, 0);
  void arrive();
});
window.addEventListener('scroll', drawSoon, { passive: true });
window.addEventListener('resize', drawSoon);
window.addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof HTMLElement && event.target.matches('input, select, textarea');
  if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const search = document.getElementById('search');
  if (search) event.preventDefault();
  search?.focus();
});
window.setInterval(drawSoon, TICK_MS);
window.setInterval(() => void arrive(), AVAILABILITY_EVERY_MS);
window.setInterval(() => void readSignedIn(), SESSION_EVERY_MS);
void readSignedIn();
live.start();
drawNow();
