import { duration, latency, percent } from '../lib/format.js';
import { h } from '../lib/vdom.js';
import { badgeOf, beliefOf, cachesHoldMs, digLine, endpointsOf, healthOf, titleOf, toneOf } from '../model/record.js';
import { outcomeOf } from '../model/state.js';
import { button, chip, heartbeat, since, timeTag } from './parts.js';
import { answerText, whyOf } from './records.js';
/**
 * Everything about one record.
 *
 * @typedef {import('../model/state.js').RecordStatus} RecordStatus
 * @typedef {import('../model/state.js').State} State
 * @typedef {import('../model/orders.js').Order} Order
 * @typedef {Readonly<Record<string, import('../model/availability.js').Availability | null>>} Windows by window: `24h`
 * @typedef {{
 *   state: State, nowMs: number, pageHost: string, windows: Windows, canGoBack: boolean, copied: string | null,
 *   onOrder(order: Order): void, onCopy(text: string): void, onExplain(id: number): void,
 * }} Context `nowMs` by the server's clock
 */

/** @param {RecordStatus} record @param {Context} context */
export function detail(record, context) {
  return [
    context.canGoBack && h('p', { class: 'back' }, h('a', { href: '#/records' }, '← All records')),
    hero(record, context),
    h(
      'div',
      { class: 'columns' },
      h(
        'section',
        { class: 'panel', 'aria-labelledby': 'targets' },
        h('h3', { id: 'targets' }, 'Targets'),
        targetTable(record, context),
      ),
      h(
        'section',
        { class: 'panel', 'aria-labelledby': 'latency' },
        h('h3', { id: 'latency' }, 'Latency of the last probes'),
        chart(record, context),
      ),
    ),
    h(
      'section',
      { class: 'panel', 'aria-labelledby': 'available' },
      h('h3', { id: 'available' }, 'Availability'),
      availabilityTable(record, context.windows),
    ),
  ];
}

/** @param {RecordStatus} record @param {Context} context */
function hero(record, context) {
  const { state, nowMs, onExplain } = context;
  const { tone, word } = badgeOf(record, beliefOf(state));
  const last = state.transitions.find(({ record: name, at }) => name === record.record && at === record.since);
  return h(
    'section',
    { class: 'hero', 'data-tone': tone, 'aria-labelledby': 'record' },
    h(
      'div',
      { class: 'head' },
      h('h2', { id: 'record' }, titleOf(record)),
      chip(tone, word),
      h('div', { class: 'actions' }, actions(record, context)),
    ),
    h(
      'p',
      { class: 'answer' },
      record.addresses.length > 1
        ? record.addresses.map((address) => h('span', { key: address }, address))
        : answerText(record),
    ),
    h(
      'p',
      { class: 'facts' },
      h('strong', null, record.activeTarget),
      ', ',
      since(Date.parse(record.since), nowMs),
      `, TTL ${record.ttlSeconds} s`,
    ),
    h(
      'p',
      { class: 'why' },
      record.override ? overrideText(record, nowMs) : whyOf(record),
      ' ',
      last?.id !== undefined &&
        button('Explain', () => onExplain(Number(last.id)), {
          class: 'inline',
          'aria-label': 'Explain this transition',
        }),
    ),
    caches(record, nowMs),
    dig(record, context),
  );
}

/** @param {RecordStatus} record @param {number} nowMs */
function caches(record, nowMs) {
  const holdMs = cachesHoldMs(record, nowMs);
  if (holdMs === 0) return null;
  const left = `${Math.round((holdMs / (record.ttlSeconds * 1000)) * 100)}%`;
  return h(
    'p',
    { class: 'hold' },
    `Caches may hold the old answer for ${duration(holdMs + 999)}`,
    h('span', { class: 'drain', 'aria-hidden': 'true' }, h('span', { style: { width: left } })),
  );
}

/** @param {RecordStatus} record @param {number} nowMs */
function overrideText({ override }, nowMs) {
  if (!override) return null;
  const { target, actor, reason, expiresAt, isDrill } = override;
  const end =
    expiresAt === null
      ? 'until it is released'
      : ['until ', timeTag(Date.parse(expiresAt), nowMs), `, ${duration(Date.parse(expiresAt) - nowMs)} more`];
  return [isDrill ? `${actor} put ${target} to the test ` : `${actor} ordered ${target} `, end, `: ${reason}`];
}

/** @param {RecordStatus} record @param {Context} context */
function dig(record, { state, pageHost, copied, onCopy }) {
  const line = digLine(record, state.report?.listen ?? [], pageHost);
  return h(
    'p',
    { class: 'dig' },
    h('code', null, line),
    button(copied === line ? 'Copied' : 'Copy', () => onCopy(line), {
      class: 'quiet',
      'aria-label': copied === line ? 'Copied' : 'Copy the dig line',
    }),
  );
}

/** @param {RecordStatus} record @param {Context} context */
function actions(record, { state, onOrder }) {
  const { record: name, targets, activeTarget, override } = record;
  const disabled = state.connection.phase !== 'live';
  const others = targets.filter((target) => target.name !== activeTarget);
  const isBetterUp = targets
    .slice(
      0,
      Math.max(
        0,
        targets.findIndex((target) => target.name === activeTarget),
      ),
    )
    .some(({ status, drained }) => status === 'up' && !drained);
  const [best] = [...others.filter(({ status, drained }) => status === 'up' && !drained), ...others];
  return [
    override &&
      button('Release', () => onOrder({ kind: 'release', record: name, target: null }), {
        disabled,
        key: 'release',
        class: 'primary',
      }),
    best &&
      button('Switch…', () => onOrder({ kind: 'switch', record: name, target: best.name }), {
        disabled,
        key: 'switch',
      }),
    !override &&
      activeTarget !== targets[0]?.name &&
      button('Fail back', () => onOrder({ kind: 'failback', record: name, target: null }), {
        disabled: disabled || !isBetterUp,
        key: 'failback',
        title: isBetterUp ? null : 'No better target is up',
      }),
    button('Drill', () => onOrder({ kind: 'drill', record: name, target: null }), { disabled, key: 'drill' }),
  ];
}

/** @param {RecordStatus} record @param {Context} context */
function targetTable(record, { state, nowMs, onOrder }) {
  const disabled = state.connection.phase !== 'live';
  return h(
    'ul',
    { class: 'endpoints' },
    record.targets.flatMap((target) =>
      target.endpoints.map((endpoint, index) =>
        h(
          'li',
          { key: `${target.name} ${endpoint.id}`, 'data-active': target.name === record.activeTarget },
          h(
            'div',
            { class: 'head' },
            h('strong', null, target.name),
            h('span', { class: 'address' }, endpoint.address),
            target.name === record.activeTarget && h('span', { class: 'mark' }, 'answered now'),
            chip(
              toneOf(target.drained ? target : endpoint),
              target.drained ? `${endpoint.status}, drained` : healthOf(endpoint),
            ),
            index === 0 &&
              button(
                target.drained ? 'Undrain' : 'Drain',
                () =>
                  onOrder({ kind: target.drained ? 'undrain' : 'drain', record: record.record, target: target.name }),
                { disabled, class: 'quiet', 'aria-label': `${target.drained ? 'Undrain' : 'Drain'} ${target.name}` },
              ),
          ),
          heartbeat(state.probes.get(endpoint.id) ?? [], `${target.name} ${endpoint.address}`),
          h(
            'p',
            { class: 'facts' },
            endpoint.since !== null && [since(Date.parse(endpoint.since), nowMs), ' · '],
            endpoint.check,
            lastProbe(state.probes.get(endpoint.id)?.at(-1), endpoint),
          ),
        ),
      ),
    ),
  );
}

/** What failed is told in the words of the status: probes that follow say only that it failed again. @param {import('../model/state.js').Probe | undefined} probe @param {RecordStatus['targets'][0]['endpoints'][0]} endpoint */
function lastProbe(probe, { lastProbe: told }) {
  if (!probe) return ' · not probed yet';
  const isTold = told !== null && outcomeOf(told.outcome) === probe.outcome;
  return ` · ${isTold ? told.outcome : probe.outcome} in ${latency(probe.elapsedMs)}`;
}

/** @param {RecordStatus} record @param {Context} context */
function chart(record, { state }) {
  const series = record.targets.flatMap((target) =>
    target.endpoints.map(({ id, address }) => ({
      label: target.endpoints.length > 1 ? `${target.name} ${address}` : target.name,
      probes: state.probes.get(id) ?? [],
    })),
  );
  const timeoutMs = endpointsOf(record)[0]?.timeoutMs ?? null;
  return h('latency-chart', { '.data': { series, timeoutMs }, role: 'img', 'aria-label': spokenLatency(series) });
}

/** @param {readonly { label: string, probes: readonly import('../model/state.js').Probe[] }[]} series */
function spokenLatency(series) {
  return series
    .map(({ label, probes }) => {
      const passed = probes.filter(({ outcome }) => outcome === 'pass').map(({ elapsedMs }) => elapsedMs);
      const median = passed.sort((a, b) => a - b)[Math.floor(passed.length / 2)];
      return `${label}: ${median === undefined ? 'no probe passed' : `median ${latency(median)}`}`;
    })
    .join(', ');
}

const WINDOWS = /** @type {const} */ ([
  ['24h', '24 h'],
  ['7d', '7 days'],
  ['30d', '30 days'],
]);

/** @param {RecordStatus} record @param {Windows} windows */
function availabilityTable({ targets }, windows) {
  const cell = (
    /** @type {string} */ window,
    /** @type {(a: import('../model/availability.js').Availability) => string} */ of,
  ) => {
    const known = windows[window];
    return h('td', { key: window }, known ? of(known) : '…');
  };
  const line = (
    /** @type {string} */ label,
    /** @type {(a: import('../model/availability.js').Availability) => string} */ of,
  ) =>
    h(
      'tr',
      { key: label },
      h('th', { scope: 'row' }, label),
      WINDOWS.map(([window]) => cell(window, of)),
    );
  return h(
    'table',
    { class: 'numbers' },
    h(
      'thead',
      null,
      h(
        'tr',
        null,
        h('td', null),
        WINDOWS.map(([window, label]) => h('th', { scope: 'col', key: window }, label)),
      ),
    ),
    h(
      'tbody',
      null,
      line('answered with a target that is up', ({ answeredFraction }) => percent(answeredFraction)),
      line(`on ${targets[0]?.name ?? 'primary'}`, ({ onPrimaryFraction }) => percent(onPrimaryFraction)),
      targets.map(({ name }) =>
        line(`${name} up`, ({ targets: all }) =>
          percent(all.find(({ target }) => target === name)?.upFraction ?? null),
        ),
      ),
      line('transitions', ({ transitions }) => transitions.toLocaleString('en')),
    ),
  );
}
