import { clock, duration, latency, utc } from '../lib/format.js';
import { h } from '../lib/vdom.js';
import { counterText, outcomeText, stepsOf, summaryOf, tellingProbes } from '../model/explanation.js';
import { button, glyph, timeTag } from './parts.js';
/** @typedef {import('../model/explanation.js').Explanation} Explanation */

/** Why a transition was made. @param {Explanation} explanation @param {{ onExplain(id: number): void }} handlers @param {number} nowMs */
export function explanationOf(explanation, { onExplain }, nowMs) {
  const { record, family, cause, isDrill, at, reason, actor, fromTarget, toTarget } = explanation;
  const what = `${isDrill ? 'drill, ' : ''}${cause.replace('_', ' ')}`;
  const summary = summaryOf(explanation);
  return h(
    'div',
    { class: 'explanation' },
    h(
      'p',
      { class: 'meaning' },
      `${record}${family === '' ? '' : family === '4' ? ' A' : ' AAAA'} · ${what} · `,
      timeTag(Date.parse(at), nowMs),
    ),
    h(
      'p',
      { class: 'move' },
      fromTarget !== null &&
        fromTarget !== toTarget && [
          side(fromTarget, explanation.fromAddresses),
          h('span', { class: 'arrow', 'aria-label': 'to' }, '→'),
        ],
      side(toTarget, explanation.toAddresses),
    ),
    h('p', { class: 'reason' }, reason, actor !== 'prober' && h('span', { class: 'actor' }, ` by ${actor}`)),
    summary && h('p', { class: 'preview' }, summary),
    steps(explanation),
    evidence(explanation),
    h(
      'p',
      { class: 'buttons around' },
      explanation.previous &&
        button(`← ${neighbour(explanation.previous)}`, () => onExplain(Number(explanation.previous?.id)), {
          key: 'previous',
          class: 'quiet',
        }),
      explanation.next &&
        button(`${neighbour(explanation.next)} →`, () => onExplain(Number(explanation.next?.id)), {
          key: 'next',
          class: 'quiet',
        }),
    ),
  );
}

/** @param {string | null} target @param {unknown} addresses */
function side(target, addresses) {
  const text = Array.isArray(addresses) ? addresses.join(' ') || 'no address' : '';
  return h('span', null, h('strong', { class: 'answer' }, text), ` ${target}`);
}

/** @param {{ id: number, cause: string, toTarget: string | null }} transition */
function neighbour({ id, cause, toTarget }) {
  return `${cause.replace('_', ' ')} to ${toTarget} (${id})`;
}

/** @param {Explanation} explanation */
function steps(explanation) {
  const all = stepsOf(explanation);
  const cell = (step, index) => {
    const before = all[index - 1];
    const later = before ? `+${latency(step.atMs - before.atMs)}` : '';
    return h(
      'li',
      { key: `${step.atMs} ${step.what}` },
      h('time', { datetime: new Date(step.atMs).toISOString(), title: utc(step.atMs) }, millis(step.atMs)),
      h('span', { class: 'later' }, later),
      h('strong', null, step.what),
      h('span', { class: 'note' }, step.note),
    );
  };
  return [h('h3', null, 'From the first sign to the last client'), h('ol', { class: 'steps' }, all.map(cell))];
}

/** @param {number} epochMs */
function millis(epochMs) {
  return `${clock(epochMs, epochMs)}.${String(epochMs % 1000).padStart(3, '0')}`;
}

/** @param {Explanation} explanation */
function evidence(explanation) {
  const probes = tellingProbes(explanation);
  const [policy] = explanation.endpoints;
  const states = Object.entries(explanation.targets).map(([name, state]) => `${name} ${state}`);
  return [
    h('h3', null, 'What the probes said'),
    probes.length === 0
      ? h('p', { class: 'empty' }, 'No probe is recorded.')
      : h(
          'ul',
          { class: 'evidence' },
          probes.map((probe) =>
            h(
              'li',
              { key: `${probe.endpoint} ${probe.at}` },
              h('time', { datetime: probe.at, title: utc(Date.parse(probe.at)) }, millis(Date.parse(probe.at))),
              h(
                'span',
                { class: 'outcome' },
                glyph(probe.outcome === 'pass' ? 'ok' : probe.outcome === 'fail' ? 'bad' : 'unknown'),
                `${probe.target ?? ''} ${probe.address}: ${outcomeText(probe)} in ${latency(probe.elapsedMs)}`,
              ),
              h('span', { class: 'note' }, counterText(probe.counter)),
              probe.bodySample && h('code', null, probe.bodySample),
            ),
          ),
        ),
    h(
      'p',
      { class: 'note' },
      states.length > 0 && `Targets then: ${states.join(', ')}. `,
      policy &&
        `Checked every ${duration(policy.intervalMs)}, timeout ${latency(policy.timeoutMs)}, confirmed every ${latency(policy.confirmMs)}, fall ${policy.fall}, rise ${policy.rise}.`,
    ),
  ];
}
