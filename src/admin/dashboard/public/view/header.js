import { count } from '../lib/format.js';
import { h } from '../lib/vdom.js';
import { verdictOf } from '../model/verdict.js';
import { button, glyph, since } from './parts.js';

/**
 * What is seen first: the verdict, and whether it can be believed.
 *
 * @typedef {import('../model/state.js').State} State
 */

const PAGES = /** @type {const} */ ([
  ['records', 'Records'],
  ['timeline', 'Timeline'],
  ['server', 'Server'],
]);

/**
 * @param {State} state
 * @param {{ page: string, nowMs: number, session: import('../net/session.js').Session, onSignIn(): void, onSignOut(): void }} context
 */
export function header(state, { page, nowMs, session, onSignIn, onSignOut }) {
  const verdict = verdictOf(state);
  const spoken = verdict.tone === 'lost' ? verdict.word : `${verdict.word}. ${verdict.sentence}`;
  return h(
    'header',
    { class: 'top', 'data-tone': verdict.tone },
    h(
      'div',
      { class: 'verdict' },
      glyph(verdict.tone),
      h(
        'div',
        null,
        h('h1', null, verdict.word),
        h('p', null, verdict.sentence, ' ', verdict.sinceMs !== null && since(verdict.sinceMs, nowMs + state.offsetMs)),
      ),
    ),
    h('p', { class: 'unseen', role: 'status' }, spoken),
    h(
      'nav',
      { 'aria-label': 'Pages' },
      PAGES.map(([name, label]) =>
        h(
          'a',
          { href: `#/${name}`, 'aria-current': name === page ? 'page' : null },
          label,
          name === 'server' && badge(state),
        ),
      ),
    ),
    h(
      'div',
      { class: 'meta' },
      connectionMark(state),
      state.report && h('span', { class: 'version' }, `failoverd ${state.report.version}`),
      session.signedIn && button('Sign out', onSignOut, { class: 'quiet' }),
      session.required !== 'none' && !session.signedIn && button('Sign in', onSignIn),
    ),
  );
}

/** @param {State} state */
function badge({ alarms }) {
  if (alarms.length === 0) return null;
  return h('span', { class: 'badge' }, count(alarms.length, 'alarm'));
}

/** @param {State} state */
function connectionMark({ connection: { phase } }) {
  const words = { live: 'live', connecting: 'connecting', lost: 'not live', refused: 'signed out' };
  return h('span', { class: 'link', 'data-phase': phase }, words[phase]);
}

const ALARMS_SHOWN = 4;

/** Those that stand, below the verdict. @param {State} state @param {number} nowMs by the server's clock */
export function alarmStrips({ alarms }, nowMs) {
  if (alarms.length === 0) return null;
  const rest = alarms.length - ALARMS_SHOWN;
  return h(
    'section',
    { class: 'alarms', 'aria-label': 'Alarms' },
    alarms.slice(0, ALARMS_SHOWN).map((alarm) => alarmStrip(alarm, nowMs)),
    rest > 0 && h('p', { class: 'more' }, h('a', { href: '#/server' }, `${count(rest, 'more alarm')}`)),
  );
}

/** @param {import('../model/state.js').Alarm} alarm @param {number} nowMs */
export function alarmStrip({ name, subject, message, since: at }, nowMs) {
  return h(
    'p',
    { class: 'alarm', key: `${name} ${subject}` },
    glyph('warn'),
    h('strong', null, name.replaceAll('_', ' ')),
    h('span', { class: 'message' }, message),
    since(Date.parse(at), nowMs),
  );
}
