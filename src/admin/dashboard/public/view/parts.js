import { clock, duration, utc } from '../lib/format.js';
import { h } from '../lib/vdom.js';
import { PROBES_KEPT } from '../model/state.js';

/** Each has a shape of its own, so that no colour is needed to tell them apart. */
const GLYPHS = /** @type {Readonly<Record<string, string>>} */ ({
  ok: 'M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20Zm-1.2 14.4 6.3-6.3-1.5-1.5-4.8 4.8-2.4-2.4-1.5 1.5 3.9 3.9Z',
  warn: 'M12 2.2 23 21.3H1L12 2.2Zm-1.1 6.9v5.6h2.2V9.1h-2.2Zm0 7.3v2.2h2.2v-2.2h-2.2Z',
  bad: 'M7.9 2h8.2L22 7.9v8.2L16.1 22H7.9L2 16.1V7.9L7.9 2Zm.2 12.5 1.4 1.4 2.5-2.5 2.5 2.5 1.4-1.4-2.5-2.5 2.5-2.5-1.4-1.4-2.5 2.5-2.5-2.5-1.4 1.4 2.5 2.5-2.5 2.5Z',
  lost: 'M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20Zm0 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16Zm-4.5 7h9v2h-9v-2Z',
  unknown: 'M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20Zm0 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16Z',
});

/** @param {string} tone */
export function glyph(tone) {
  return h(
    'svg',
    { class: 'glyph', viewBox: '0 0 24 24', 'data-tone': tone, 'aria-hidden': 'true' },
    h('path', { d: GLYPHS[tone] }),
  );
}

/** A tone and its word. @param {string} tone @param {string} word */
export function chip(tone, word) {
  return h('span', { class: 'chip', 'data-tone': tone }, glyph(tone), h('span', null, word));
}

/** Local time; UTC is one hover away. @param {number} epochMs @param {number} nowMs */
export function timeTag(epochMs, nowMs) {
  return h('time', { datetime: new Date(epochMs).toISOString(), title: utc(epochMs) }, clock(epochMs, nowMs));
}

/** `since 14:03:22, 2 min 10 s` @param {number} epochMs @param {number} nowMs */
export function since(epochMs, nowMs) {
  return h('span', { class: 'since' }, 'since ', timeTag(epochMs, nowMs), `, ${duration(nowMs - epochMs)}`);
}

const STEP = 4;
const BARS = /** @type {const} */ ({
  pass: { top: 7, height: 11 },
  fail: { top: 0, height: 18 },
  inconclusive: { top: 13, height: 5 },
  none: { top: 16, height: 2 },
});

/**
 * The last probes as bars, the newest on the right: a fail is a tall bar, a pass a short one.
 * @param {readonly import('../model/state.js').Probe[]} probes @param {string} name
 */
export function heartbeat(probes, name) {
  const missing = PROBES_KEPT - probes.length;
  const path = (/** @type {keyof typeof BARS} */ kind) => {
    const { top, height } = BARS[kind];
    const bars = Array.from({ length: PROBES_KEPT }, (_, index) => {
      const outcome = probes[index - missing]?.outcome ?? 'none';
      return outcome === kind ? `M${index * STEP} ${top}h3v${height}h-3z` : '';
    });
    return h('path', { class: kind, d: bars.join('') });
  };
  const label = `${name}: ${spokenProbes(probes)}`;
  const kinds = /** @type {(keyof typeof BARS)[]} */ (Object.keys(BARS));
  const box = {
    class: 'heartbeat',
    viewBox: `0 0 ${PROBES_KEPT * STEP - 1} 18`,
    preserveAspectRatio: 'none',
    role: 'img',
  };
  return h('svg', { ...box, 'aria-label': label }, kinds.map(path));
}

/** `last 60 probes: 57 passed, 3 failed` @param {readonly import('../model/state.js').Probe[]} probes */
function spokenProbes(probes) {
  if (probes.length === 0) return 'no probe yet';
  const number = (kind) => probes.filter(({ outcome }) => outcome === kind).length;
  const kinds = [
    ['passed', number('pass')],
    ['failed', number('fail')],
    ['inconclusive', number('inconclusive')],
  ];
  const parts = kinds.filter(([, each]) => each !== 0).map(([word, each]) => `${each} ${word}`);
  return `last ${probes.length} probes: ${parts.join(', ')}`;
}

/** @param {string} label @param {() => void} onclick @param {Record<string, any>} [props] */
export function button(label, onclick, props = {}) {
  return h('button', { type: 'button', ...props, onclick }, label);
}
