import { count, duration, latency } from '../lib/format.js';
import { h } from '../lib/vdom.js';
import { alarmStrip } from './header.js';
import { chip, timeTag } from './parts.js';
/**
 * The server itself: alarms, secondaries, storage, what it answers.
 *
 * @typedef {import('../model/state.js').State} State
 * @typedef {import('../model/state.js').SecondaryStatus} SecondaryStatus
 */

/** @param {State} state @param {number} nowMs by the server's clock */
export function serverPage(state, nowMs) {
  const { report, alarms, secondaries } = state;
  if (!report) return h('p', { class: 'empty' }, 'Nothing is known yet.');
  return [
    panel(
      'Alarms',
      alarms.length === 0
        ? h('p', { class: 'empty' }, 'No alarm stands.')
        : alarms.map((alarm) => alarmStrip(alarm, nowMs)),
    ),
    panel(
      'Secondaries',
      secondaries.length === 0
        ? h('p', { class: 'empty' }, 'No secondary is configured.')
        : secondaryTable(secondaries),
    ),
    h(
      'div',
      { class: 'columns' },
      panel('Server', facts(serverFacts(report, nowMs))),
      panel('Prober', facts(proberFacts(report))),
    ),
    h(
      'div',
      { class: 'columns' },
      panel('Zones', facts(report.zones.map(({ zone, serial }) => [zone, `serial ${serial}`]))),
      panel('Answers since the start', facts(answerFacts(report))),
    ),
  ];
}

/** @param {string} title @param {import('../lib/vdom.js').Child} content */
function panel(title, content) {
  return h('section', { class: 'panel', key: title }, h('h2', null, title), content);
}

/** @param {readonly (readonly [string, import('../lib/vdom.js').Child])[]} pairs */
function facts(pairs) {
  return h(
    'dl',
    { class: 'facts' },
    pairs.map(([name, value]) => h('div', { key: name }, h('dt', null, name), h('dd', null, value))),
  );
}

/** @param {NonNullable<State['report']>} report @param {number} nowMs @returns {(readonly [string, import('../lib/vdom.js').Child])[]} */
function serverFacts({ version, startedAt, listen, configPath, generation, reloads, history }, nowMs) {
  return [
    ['version', version],
    ['started', [timeTag(Date.parse(startedAt), nowMs), `, ${duration(nowMs - Date.parse(startedAt))} ago`]],
    ['DNS on', listen.join(', ')],
    ['config', `${configPath ?? 'none'}, generation ${generation}`],
    ['reloads', `${reloads.succeeded} succeeded, ${reloads.failed} failed`],
    [
      'storage',
      history.status === 'ok' ? 'ok' : `${history.reason}; ${count(history.queued, 'transition')} waiting in memory`,
    ],
  ];
}

/** @param {NonNullable<State['report']>} report @returns {(readonly [string, import('../lib/vdom.js').Child])[]} */
function proberFacts({ prober, sight, witnesses }) {
  return [
    ['endpoints', prober.endpoints.toLocaleString('en')],
    ['running', `${prober.running}, ${prober.waiting} waiting`],
    ['lag', latency(prober.lagMs)],
    ['its own network', chip(sight === 'clear' ? 'ok' : sight === 'blind' ? 'bad' : 'warn', sight)],
    ...witnesses.map(
      ({ witness, status }) =>
        /** @type {const} */ ([witness, chip(status === 'down' ? 'bad' : status === 'up' ? 'ok' : 'unknown', status)]),
    ),
    ...(witnesses.length === 0 ? [/** @type {const} */ (['witnesses', 'none configured'])] : []),
  ];
}

/** @param {NonNullable<State['report']>} report @returns {(readonly [string, import('../lib/vdom.js').Child])[]} */
function answerFacts({ dataPlane: { queries, responses, drops, workers, sockets, workerRestarts } }) {
  const all = (/** @type {Readonly<Record<string, number>>} */ counts) =>
    Object.entries(counts)
      .filter(([, number]) => number > 0)
      .map(([name, number]) => `${name} ${number.toLocaleString('en')}`)
      .join(', ') || 'none';
  return [
    ['queries', `${queries.udp.toLocaleString('en')} over UDP, ${queries.tcp.toLocaleString('en')} over TCP`],
    ['responses', all(responses)],
    ['dropped', all(drops)],
    ['workers', `${workers}, ${sockets} sockets, ${count(workerRestarts, 'restart')}`],
  ];
}

/** @param {readonly SecondaryStatus[]} secondaries */
function secondaryTable(secondaries) {
  const tones = /** @type {const} */ ({ current: 'ok', behind: 'bad', waiting: 'unknown' });
  const inMs = (ms) => (ms === null ? '–' : latency(ms));
  return h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Secondaries' },
    h(
      'table',
      { class: 'numbers words' },
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          ['Secondary', 'Zone', 'State', 'Serial', 'Acknowledged', 'Lag', 'Problem'].map((title) =>
            h('th', { scope: 'col', key: title }, title),
          ),
        ),
      ),
      h(
        'tbody',
        null,
        secondaries.map(({ zone, address, serial, status, acknowledgedMs, lagMs, problem }) =>
          h(
            'tr',
            { key: `${zone} ${address}` },
            h('th', { scope: 'row' }, address),
            h('td', null, zone),
            h('td', null, chip(tones[status], status)),
            h('td', null, serial ?? '–'),
            h('td', null, inMs(acknowledgedMs)),
            h('td', null, inMs(lagMs)),
            h('td', null, problem ?? ''),
          ),
        ),
      ),
    ),
  );
}
