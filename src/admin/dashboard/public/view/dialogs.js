import { h } from '../lib/vdom.js';
import { DRILL_TERMS, meaningOf, previewText, TERMS, wordsOf } from '../model/orders.js';
import { explanationOf } from './explanation.js';
import { button, glyph } from './parts.js';
/**
 * What is asked before something is ordered, and what is told when somebody asks why.
 *
 * @typedef {import('../model/orders.js').Order} Order
 * @typedef {import('../model/orders.js').Form} Form
 * @typedef {import('../model/orders.js').Preview} Preview
 * @typedef {import('../model/state.js').RecordStatus} RecordStatus
 * @typedef {{ kind: 'order', order: Order, form: Form, preview: Preview | { refused: string } | null, generation: number | null, isSending: boolean, problem: string | null }} OrderDialog
 * @typedef {{ kind: 'sign_in', isSending: boolean, problem: string | null }} SignInDialog
 * @typedef {{ kind: 'explanation', id: number, explanation: import('../model/explanation.js').Explanation | null, problem: string | null }} ExplanationDialog
 * @typedef {OrderDialog | SignInDialog | ExplanationDialog} Dialog
 * @typedef {{ onForm(change: Partial<Form>): void, onSend(): void, onSignIn(token: string): void, onExplain(id: number): void, onClose(): void }} Handlers
 */

/** @param {Dialog | null} dialog @param {RecordStatus | null} record the one that an order is about @param {Handlers} handlers @param {number} nowMs by the server's clock */
export function dialogContent(dialog, record, handlers, nowMs) {
  switch (dialog?.kind) {
    case 'order':
      return record && orderForm(dialog, record, handlers);
    case 'sign_in':
      return signInForm(dialog, handlers);
    case 'explanation':
      return explanationDialog(dialog, handlers, nowMs);
    default:
      return null;
  }
}

/** @param {string} title @param {Handlers} handlers */
function heading(title, { onClose }) {
  return h(
    'div',
    { class: 'head' },
    h('h2', { id: 'dialog-title' }, title),
    button('Close', onClose, { class: 'quiet' }),
  );
}

/** @param {string | null} text */
function problem(text) {
  return text !== null && h('p', { class: 'problem', role: 'alert' }, glyph('bad'), h('span', null, text));
}

/** @param {OrderDialog} dialog @param {RecordStatus} record @param {Handlers} handlers */
function orderForm({ order, form, preview, isSending, problem: told }, record, handlers) {
  const { title, verb } = wordsOf(order, form.target);
  const { onForm, onSend, onClose } = handlers;
  const isReady = form.reason.trim() !== '' && form.actor.trim() !== '' && !isSending;
  const submit = (event) => {
    event.preventDefault();
    if (isReady) onSend();
  };
  return h(
    'form',
    { key: 'order', onsubmit: submit },
    heading(title, handlers),
    h('p', { class: 'meaning' }, meaningOf(order)),
    order.kind === 'switch' && targetChoice(record, form, onForm),
    (order.kind === 'switch' || order.kind === 'drill') && termChoice(order, form, onForm),
    field('Reason', {
      id: 'reason',
      '.value': form.reason,
      autofocus: true,
      maxlength: '500',
      placeholder: 'What the history will say',
      oninput: (event) => onForm({ reason: event.target.value }),
    }),
    field('Your name', {
      id: 'actor',
      '.value': form.actor,
      maxlength: '100',
      autocomplete: 'name',
      oninput: (event) => onForm({ actor: event.target.value }),
    }),
    previewBox(preview, form, record, order),
    preview !== null && 'refused' in preview && order.kind === 'switch' && forceChoice(form, onForm),
    problem(told),
    h(
      'div',
      { class: 'buttons' },
      button('Cancel', onClose),
      h('button', { type: 'submit', class: 'primary', disabled: !isReady }, isSending ? 'Ordering…' : verb),
    ),
  );
}

/** @param {string} label @param {Record<string, any>} input */
function field(label, input) {
  return h(
    'label',
    { class: 'field', key: label },
    h('span', null, label),
    h('input', { type: 'text', required: true, ...input }),
  );
}

/** @param {RecordStatus} record @param {Form} form @param {Handlers['onForm']} onForm */
function targetChoice({ targets, activeTarget }, form, onForm) {
  return h(
    'fieldset',
    { key: 'target' },
    h('legend', null, 'Answer with'),
    targets.map(({ name, status, drained, endpoints }) =>
      h(
        'label',
        { class: 'radio', key: name },
        h('input', {
          type: 'radio',
          name: 'target',
          value: name,
          '.checked': name === form.target,
          onchange: () => onForm({ target: name }),
        }),
        h(
          'span',
          null,
          h('strong', null, name),
          ` ${endpoints.map(({ address }) => address).join(', ')}`,
          h('small', null, ` ${status}${drained ? ', drained' : ''}${name === activeTarget ? ', answered now' : ''}`),
        ),
      ),
    ),
  );
}

/** @param {Order} order @param {Form} form @param {Handlers['onForm']} onForm */
function termChoice({ kind }, form, onForm) {
  const terms = kind === 'drill' ? DRILL_TERMS : TERMS;
  return h(
    'fieldset',
    { class: 'terms', key: 'terms' },
    h('legend', null, 'For'),
    terms.map(([label, forMs]) =>
      h(
        'label',
        { class: 'radio', key: label },
        h('input', {
          type: 'radio',
          name: 'term',
          '.checked': forMs === form.forMs,
          onchange: () => onForm({ forMs }),
        }),
        h('span', null, label),
      ),
    ),
  );
}

/** @param {Form} form @param {Handlers['onForm']} onForm */
function forceChoice(form, onForm) {
  return h(
    'label',
    { class: 'radio', key: 'force' },
    h('input', {
      type: 'checkbox',
      '.checked': form.force,
      onchange: (event) => onForm({ force: event.target.checked }),
    }),
    h('span', null, 'Force it: also to a target that is not up'),
  );
}

/** @param {OrderDialog['preview']} preview @param {Form} form @param {RecordStatus} record @param {Order} order */
function previewBox(preview, form, { ttlSeconds }, { kind }) {
  const isRefused = preview !== null && 'refused' in preview;
  return h(
    'div',
    { class: 'preview', key: 'preview', 'aria-live': 'polite', 'data-tone': isRefused ? 'bad' : null },
    h('h3', null, 'What will happen'),
    preview === null
      ? h('p', null, '…')
      : isRefused
        ? h('p', null, `It would be refused: ${preview.refused}.`)
        : [
            h('p', null, previewText(preview, form, ttlSeconds, kind)),
            preview.warnings.map((warning) =>
              h('p', { class: 'warning', key: warning }, glyph('warn'), h('span', null, warning)),
            ),
          ],
  );
}

/** @param {SignInDialog} dialog @param {Handlers} handlers */
function signInForm({ isSending, problem: told }, handlers) {
  const submit = (event) => {
    event.preventDefault();
    handlers.onSignIn(event.target.elements.token.value);
  };
  return h(
    'form',
    { key: 'sign_in', onsubmit: submit },
    heading('Sign in', handlers),
    h(
      'p',
      { class: 'meaning' },
      'With the token of the config (admin.token). It is sent once and not kept by this page.',
    ),
    h(
      'label',
      { class: 'field' },
      h('span', null, 'Token'),
      h('input', {
        type: 'password',
        name: 'token',
        required: true,
        autofocus: true,
        autocomplete: 'current-password',
      }),
    ),
    problem(told),
    h(
      'div',
      { class: 'buttons' },
      button('Cancel', handlers.onClose),
      h('button', { type: 'submit', class: 'primary', disabled: isSending }, isSending ? 'Signing in…' : 'Sign in'),
    ),
  );
}

/** @param {ExplanationDialog} dialog @param {Handlers} handlers @param {number} nowMs */
function explanationDialog({ id, explanation, problem: told }, handlers, nowMs) {
  return h(
    'div',
    { key: 'explanation' },
    heading(`Transition ${id}`, handlers),
    problem(told),
    explanation ? explanationOf(explanation, handlers, nowMs) : told === null && h('p', { class: 'empty' }, '…'),
  );
}
