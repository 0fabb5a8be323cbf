import { panned, zoomed } from './model/axis.js';
import { newForm, requestOf } from './model/orders.js';
import { withNotes, withTransitions } from './model/state.js';
import { get, post, recordPath } from './net/api.js';
import { readOrders, readPastAlarms, readTransitions } from './net/history.js';
import { signIn, signOut } from './net/session.js';

/**
 * What a hand on the page does.
 *
 * @typedef {import('./model/state.js').State} State
 * @typedef {import('./model/ui.js').Ui} Ui
 * @typedef {import('./model/orders.js').Order} Order
 * @typedef {{
 *   state(): State, ui(): Ui, change(change: Partial<Ui>): void, know(next: (state: State) => State): void,
 *   reconnect(): void, rememberActor(actor: string): void,
 * }} Store
 */

const PREVIEW_AFTER_MS = 200;
const COPIED_MS = 2_000;
const REREAD_AFTER_MS = 500;
const WRITTEN_WITHIN_MS = 10_000;
const PREVIEW_REASON = 'preview';

/** @param {Store} store */
export function createActions(store) {
  const { state, ui, change, know } = store;
  let previewTimer = 0;
  const serverMs = () => Date.now() + state().offsetMs;

  /** The dialog of an order, if it is still this one. @param {Partial<import('./view/dialogs.js').OrderDialog>} part @param {Order} order */
  function changeOrder(part, order) {
    const { dialog } = ui();
    if (dialog?.kind === 'order' && dialog.order === order) change({ dialog: { ...dialog, ...part } });
  }

  /** The dialog of an explanation, as long as it is open. @param {number} id */
  async function explain(id) {
    const result = await get(`/api/v1/transitions/${id}`);
    const { dialog } = ui();
    if (dialog?.kind !== 'explanation' || dialog.id !== id) return;
    const explanation = result.ok ? result.value : null;
    change({ dialog: { ...dialog, explanation, problem: result.ok ? null : result.detail } });
    if (explanation && isUnfinished(explanation)) window.setTimeout(() => void explain(id), REREAD_AFTER_MS);
  }

  /** When it was published, and what came of it, is written a moment later. @param {{ at: string, publishedAt: string | null }} explanation */
  function isUnfinished({ at, publishedAt }) {
    return publishedAt === null && serverMs() - Date.parse(at) < WRITTEN_WITHIN_MS;
  }

  /** @param {Order} order */
  function previewSoon(order) {
    window.clearTimeout(previewTimer);
    previewTimer = window.setTimeout(() => void preview(order), PREVIEW_AFTER_MS);
  }

  /** @param {Order} order */
  async function preview(order) {
    const { dialog } = ui();
    if (dialog?.kind !== 'order' || dialog.order !== order) return;
    const { form } = dialog;
    const named = { ...form, reason: form.reason.trim() || PREVIEW_REASON, actor: form.actor.trim() || PREVIEW_REASON };
    const { path, body } = requestOf(order, named);
    const generation = generationOf(order);
    const result = await post(recordPath(order.record, ...path), { ...body, dryRun: true });
    changeOrder({ generation, preview: result.ok ? result.value : { refused: result.detail } }, order);
  }

  async function send() {
    const { dialog } = ui();
    if (dialog?.kind !== 'order') return;
    const { order, form, generation } = dialog;
    window.clearTimeout(previewTimer);
    changeOrder({ isSending: true, problem: null }, order);
    store.rememberActor(form.actor.trim());
    const { path, body } = requestOf(order, form);
    const headers = generation === null ? {} : { 'If-Match': `"${generation}"` };
    const result = await post(recordPath(order.record, ...path), body, /** @type {Record<string, string>} */ (headers));
    if (result.ok) {
      change({ dialog: null });
      return readLatest();
    }
    const problem = result.status === 401 ? 'Sign in first: this needs the token of the config.' : result.detail;
    changeOrder({ isSending: false, problem }, order);
    if (result.status === 412) previewSoon(order); // what would happen now is something else
  }

  /** What its preview was about: if that has changed when it is sent, it is refused. @param {Order} order */
  function generationOf({ record }) {
    return [...state().records.values()].find((each) => each.record === record)?.generation ?? null;
  }

  /** The history knows more of what was announced, and what was ordered beside it. */
  async function readLatest() {
    const all = await Promise.all([readTransitions(), readOrders(), readPastAlarms()]);
    const [{ transitions, next }, ...notes] = all;
    know((known) => withNotes(withTransitions(known, transitions), notes.flat()));
    if (ui().older === null) change({ older: next });
  }

  return {
    readLatest,
    /** @param {Order} order */
    onOrder(order) {
      const { session, actor } = ui();
      if (session.required !== 'none' && !session.signedIn)
        return change({ dialog: { kind: 'sign_in', isSending: false, problem: null } });
      change({
        dialog: {
          kind: 'order',
          order,
          form: newForm(order, actor),
          preview: null,
          generation: null,
          isSending: false,
          problem: null,
        },
      });
      void preview(order);
    },
    /** @param {Partial<import('./model/orders.js').Form>} form */
    onForm(form) {
      const { dialog } = ui();
      if (dialog?.kind !== 'order') return;
      change({ dialog: { ...dialog, form: { ...dialog.form, ...form } } });
      if (!('reason' in form) && !('actor' in form)) previewSoon(dialog.order);
    },
    onSend: () => void send(),
    onClose: () => change({ dialog: null }),
    askToken: () => change({ dialog: { kind: 'sign_in', isSending: false, problem: null } }),
    /** @param {string} token */
    async onSignIn(token) {
      change({ dialog: { kind: 'sign_in', isSending: true, problem: null } });
      const result = await signIn(token);
      if (!result.ok) return change({ dialog: { kind: 'sign_in', isSending: false, problem: result.detail } });
      change({ dialog: null, session: result.value });
      store.reconnect();
    },
    async signOut() {
      const result = await signOut();
      if (result.ok) change({ session: result.value });
      store.reconnect();
    },
    /** @param {number} id */
    async onExplain(id) {
      change({ dialog: { kind: 'explanation', id, explanation: null, problem: null } });
      await explain(id);
    },
    /** @param {string} text */
    async onCopy(text) {
      await copy(text);
      change({ copied: text });
      window.setTimeout(() => change({ copied: null }), COPIED_MS);
    },
    /** @param {Partial<import('./model/select.js').Selection> & { shape?: Ui['shape'] }} choice */
    choose({ shape, ...selection }) {
      change({ shape: shape ?? ui().shape, selection: { ...ui().selection, ...selection } });
    },
    /** @param {import('./model/axis.js').Range} range */
    onRange: (range) => change({ range }),
    /** @param {import('./model/axis.js').Range} range @param {number} factor @param {number | null} atX of the plot; null: its right end @param {number} axisPx */
    onZoom(range, factor, atX, axisPx) {
      const toMs = range.endMs ?? serverMs();
      const around = atX === null ? toMs : toMs - range.spanMs * (1 - atX / axisPx);
      change({ range: zoomed(range, factor, around, serverMs()) });
    },
    /** @param {import('./model/axis.js').Range} range @param {number} byPx @param {number} axisPx */
    onPan(range, byPx, axisPx) {
      change({ range: panned(range, (byPx / axisPx) * range.spanMs, serverMs()) });
    },
    async onMore() {
      const { transitions, next } = await readTransitions({ cursor: ui().older });
      know((known) => withTransitions(known, transitions));
      change({ older: next });
    },
  };
}

/** The clipboard is there for secure pages alone; the old way works everywhere. @param {string} text */
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text).catch(() => copyBySelection(text));
  copyBySelection(text);
}

/** @param {string} text */
function copyBySelection(text) {
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
