import { duration } from '../lib/format.js';

/**
 * What an operator can order, and how it is asked for and announced. The server decides whether it can be carried out.
 *
 * @typedef {{ kind: 'switch' | 'release' | 'failback' | 'drain' | 'undrain' | 'drill', record: string, target: string | null }} Order
 * @typedef {{ reason: string, actor: string, forMs: number | null, force: boolean, target: string | null }} Form
 * @typedef {{ target: string, addresses: readonly string[] }} Answer
 * @typedef {{ wouldAnswer: Answer, from: Answer, warnings: readonly string[] }} Preview
 */

const MINUTE = 60_000;

/** How long an order may last, by what it is called. @type {readonly (readonly [label: string, forMs: number | null])[]} */
export const TERMS = [
  ['15 min', 15 * MINUTE],
  ['30 min', 30 * MINUTE],
  ['1 h', 60 * MINUTE],
  ['4 h', 240 * MINUTE],
  ['24 h', 1440 * MINUTE],
  ['until released', null],
];

/** @type {typeof TERMS} */
export const DRILL_TERMS = [
  ['1 min', MINUTE],
  ['5 min', 5 * MINUTE],
  ['15 min', 15 * MINUTE],
];

/** @param {Order} order @param {string} actor @returns {Form} */
export function newForm({ kind, target }, actor) {
  return { reason: '', actor, forMs: kind === 'drill' ? MINUTE : 30 * MINUTE, force: false, target };
}

/** Where an order goes, below its record. @param {Order} order @param {Form} form @returns {{ path: readonly string[], body: object }} */
export function requestOf({ kind }, { reason, actor, forMs, force, target }) {
  const why = { reason: reason.trim(), actor: actor.trim() };
  switch (kind) {
    case 'switch':
      return { path: ['switch'], body: { ...why, target, forMs, force } };
    case 'drill':
      return { path: ['drill'], body: { ...why, forMs } };
    case 'drain':
    case 'undrain':
      return { path: ['targets', target ?? '', kind], body: why };
    case 'release':
    case 'failback':
      return { path: [kind], body: why };
  }
}

/** The title of its dialog, and the word on its button. @param {Order} order @param {string | null} target as it is chosen now @returns {{ title: string, verb: string }} */
export function wordsOf({ kind, record }, target) {
  switch (kind) {
    case 'switch':
      return { title: `Switch ${record}`, verb: `Switch to ${target}` };
    case 'release':
      return { title: `Release ${record}`, verb: 'Release' };
    case 'failback':
      return { title: `Fail back ${record}`, verb: 'Fail back now' };
    case 'drain':
      return { title: `Drain ${target} of ${record}`, verb: `Drain ${target}` };
    case 'undrain':
      return { title: `Undrain ${target} of ${record}`, verb: `Undrain ${target}` };
    case 'drill':
      return { title: `Drill ${record}`, verb: 'Start the drill' };
  }
}

/** What the order means, once and for all. @param {Order} order */
export function meaningOf({ kind }) {
  switch (kind) {
    case 'switch':
      return 'The chosen target is answered whatever the probes say, until the order ends.';
    case 'release':
      return 'The order ends, and the probes decide again at once.';
    case 'failback':
      return 'Returns to the better target that is up, without the waiting time.';
    case 'drain':
      return 'It is answered no more while another target is up.';
    case 'undrain':
      return 'It may be answered again.';
    case 'drill':
      return 'A real switch to the first backup that is ready, to see that it works. It ends by itself, or when that backup fails.';
  }
}

/** What would be answered, in one sentence. @param {Preview} preview @param {Form} form @param {number} ttlSeconds @param {Order['kind']} kind */
export function previewText({ wouldAnswer, from }, { forMs }, ttlSeconds, kind) {
  const to = `${wouldAnswer.addresses.join(', ') || 'no address'} (${wouldAnswer.target})`;
  if (wouldAnswer.addresses.join() === from.addresses.join()) return `The answer stays ${to}.`;
  const end =
    (kind === 'switch' || kind === 'drill') && forMs !== null ? ` It ends by itself after ${duration(forMs)}.` : '';
  return `The answer becomes ${to} instead of ${from.addresses.join(', ')} (${from.target}). Caches follow within ${ttlSeconds} s.${end}`;
}
