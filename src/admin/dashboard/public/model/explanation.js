import { latency } from '../lib/format.js';
/**
 * A transition's explanation, told as the way from the first sign to the last client.
 *
 * @typedef {import('../../../../runtime/explanation.ts').Explanation} Explanation
 * @typedef {import('../../../../runtime/explanation.ts').ExplainedProbe} ExplainedProbe
 * @typedef {{ atMs: number, what: string, note: string }} Step
 */

/** In the order of time; what was not recorded is left out. @param {Explanation} explanation @returns {readonly Step[]} */
export function stepsOf({ at, rule, row, serial, publishedAt, secondaries, movedBy, ttlSeconds, outage }) {
  /** @type {[string | null, string, string][]} */
  const moments = [
    [outage?.lastGoodAt ?? null, 'last good probe', ''],
    [outage?.firstBadAt ?? null, 'first bad probe', ''],
    [at, 'decided', row === null ? rule : `row ${row}: ${rule}`],
    [publishedAt, 'answered by DNS', `serial ${serial}`],
    ...secondaries.map(
      ({ secondary, servedAt }) => /** @type {typeof moments[0]} */ ([servedAt, `served by ${secondary}`, '']),
    ),
    [movedBy, 'no cache has the old answer', `TTL ${ttlSeconds} s`],
  ];
  return moments
    .flatMap(([moment, what, note]) => (moment === null ? [] : [{ atMs: Date.parse(moment), what, note }]))
    .sort((a, b) => a.atMs - b.atMs);
}

/** One line: how fast it was seen, and for how long clients could be without service. @param {Explanation} explanation */
export function summaryOf({ outage, secondaries }) {
  if (!outage) return null;
  const detected = `Detected in ${latency(Date.parse(outage.decidedAt) - Date.parse(outage.firstBadAt))}`;
  if (outage.atMostMs !== null) {
    return `${detected}. No client that honours the TTL was without service for more than ${latency(outage.atMostMs)}.`;
  }
  const missing = secondaries.filter(({ servedAt }) => servedAt === null).map(({ secondary }) => secondary);
  return missing.length === 0 ? `${detected}.` : `${detected}. ${missing.join(', ')} was not seen to serve it.`;
}

/**
 * The failing streaks with the last pass before each, and the last probe of what passes.
 * @param {Explanation} explanation @returns {readonly ExplainedProbe[]} oldest first
 */
export function tellingProbes({ probes }) {
  const kept = new Set();
  for (const endpoint of new Set(probes.map((probe) => probe.endpoint))) {
    const own = probes.filter((probe) => probe.endpoint === endpoint);
    const lastPass = own.findLastIndex(({ outcome }) => outcome === 'pass');
    for (const probe of own.slice(Math.max(0, lastPass))) kept.add(probe);
  }
  return probes.filter((probe) => kept.has(probe));
}

/** `pass 200`, `refused (connect) ECONNREFUSED` @param {ExplainedProbe} probe */
export function outcomeText({ outcome, reason, phase, detail, httpStatus }) {
  if (outcome === 'pass') return httpStatus === null ? 'pass' : `pass ${httpStatus}`;
  const words = [outcome === 'fail' ? null : outcome, reason, phase && `(${phase})`, detail];
  return words.filter(Boolean).join(' ');
}

/** `up, fail 1 of 3` @param {ExplainedProbe['counter']} counter */
export function counterText(counter) {
  if (counter === null) return '';
  const { status, count, of } = counter;
  return count === 0 ? status : `${status}, ${status === 'down' ? 'pass' : 'fail'} ${count} of ${of}`;
}
