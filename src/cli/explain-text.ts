/** An explanation for a person at 3 a.m.: one line for each thing that happened, in the order in which it did. */
import type { Counter } from '../core/health.ts';
import type { ExplainedEndpoint, ExplainedProbe, Explanation, Neighbour } from '../runtime/explanation.ts';
import { formatBound, formatDuration, formatMilliseconds, formatSeconds } from './format.ts';
import { type Output, paint } from './io.ts';
import { formatTable } from './table.ts';

/** A moment, who or what, what it did, and what that meant for the counting. */
export type Line = readonly [at: string, who: string, what: string, ...rest: readonly string[]];

export function formatExplanation(explanation: Explanation, output: Output): string {
  const { id, at, record, cause, isDrill, reason, actor } = explanation;
  const family = explanation.family === '' ? '' : ` (IPv${explanation.family})`;
  const title = `transition ${id}: ${record}${family} ${cause}${isDrill ? ' (drill)' : ''}, ${arrowOf(explanation)}`;
  const by = actor === 'prober' ? '' : ` (${actor})`;
  const lines = [...probeLines(explanation), ...decisionLines(explanation), ...wayLines(explanation)];
  const parts = [
    `${paint(output, 'bold', title)}\n${day(at)} UTC: ${reason}${by}`,
    [...outageLine(explanation), ...nextLine(explanation)].join('\n'),
    formatLines(lines, at, output),
    bodies(explanation).join('\n'),
    [...policyLines(explanation), targetsLine(explanation)].join('\n'),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** In columns, in the order of time; a moment of another day than `at` is written with its date. */
export function formatLines(lines: readonly Line[], at: string, output: Output): string {
  const sorted = lines.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const rows = sorted.map(([moment, ...cells]) => [paint(output, 'dim', clock(moment, at)), ...cells]);
  return formatTable(rows).replace(/^/gm, '  ');
}

/** When the answer got where: the DNS workers, each secondary, the last cache. */
export function wayLines(
  change: Pick<Explanation, 'at' | 'serial' | 'ttlSeconds' | 'publishedAt' | 'secondaries' | 'movedBy'>,
): readonly Line[] {
  const { at, serial, ttlSeconds, publishedAt, secondaries, movedBy } = change;
  const after = (moment: string): string => `${took(at, moment)} after the decision`;
  const published: Line[] = publishedAt ? [[publishedAt, 'published', `serial ${serial}, ${after(publishedAt)}`]] : [];
  const followed = secondaries.flatMap(({ secondary, acknowledgedAt, servedAt }): Line[] => [
    ...(acknowledgedAt ? [[acknowledgedAt, secondary, 'acknowledged the NOTIFY'] as const] : []),
    ...(servedAt ? [[servedAt, secondary, `serves it, ${after(servedAt)}`] as const] : []),
  ]);
  const moved: Line[] = movedBy ? [[movedBy, 'clients', `that honour the TTL (${ttlSeconds} s) had moved`]] : [];
  return [...published, ...followed, ...moved];
}

/** `17 ms`, `2.1 s` */
function took(from: string, to: string): string {
  const ms = Date.parse(to) - Date.parse(from);
  return ms < 1000 ? `${ms} ms` : formatSeconds(ms);
}

/** The failing streaks with the last good probe before each, and the last probe of what was up. */
function probeLines({ probes, endpoints, outage }: Explanation): readonly Line[] {
  const shown = endpoints.length === 0 ? probes : endpoints.flatMap((endpoint) => tellingProbes(endpoint, probes));
  return [...new Set(shown)].map((probe) => [
    probe.at,
    whoOf(probe),
    outcomeOf(probe),
    probe.counter ? counterOf(probe.counter) : '',
    probe.at === outage?.firstBadAt ? 'first bad' : probe.at === outage?.lastGoodAt ? 'last good' : '',
  ]);
}

function tellingProbes({ endpoint }: ExplainedEndpoint, probes: readonly ExplainedProbe[]): readonly ExplainedProbe[] {
  const own = probes.filter((probe) => probe.endpoint === endpoint);
  const last = own.at(-1);
  if (!last || last.outcome === 'pass') return last ? [last] : [];
  return own.slice(
    Math.max(
      own.findLastIndex(({ outcome }) => outcome === 'pass'),
      0,
    ),
  );
}

function whoOf({ target, address }: ExplainedProbe): string {
  return target === null ? address : `${target} ${address}`;
}

function outcomeOf({ outcome, reason, phase, detail, httpStatus, elapsedMs, trigger }: ExplainedProbe): string {
  const how = `in ${formatMilliseconds(elapsedMs)}${trigger === 'interval' ? '' : `, ${trigger}`}`;
  if (outcome === 'pass') return `pass${httpStatus === null ? '' : ` ${httpStatus}`} ${how}`;
  return `${outcome === 'fail' ? '' : 'inconclusive, '}${reason}${phase ? ` (${phase})` : ''} ${detail} ${how}`;
}

/** `up`, `up, fail 1 of 3`, `down`, `down, pass 2 of 3` */
export function counterOf({ status, count, of }: Counter): string {
  if (count === 0) return status;
  return `${status}, ${status === 'down' ? 'pass' : 'fail'} ${count} of ${of}`;
}

function decisionLines({ at, row, rule, toAddresses, fromAddresses }: Explanation): readonly Line[] {
  const before = fromAddresses === null ? '' : ` (before: ${addressesOf(fromAddresses)})`;
  return [
    [at, 'decided', row === null ? rule : `row ${row}: ${rule}`],
    [at, 'answer', `${addressesOf(toAddresses)}${before}`],
  ];
}

function outageLine({ outage, detectedMs, secondaries, ttlSeconds }: Explanation): readonly string[] {
  if (!outage) return [];
  const { movedBy, atMostMs } = outage;
  const detected = detectedMs === null ? 'Detected' : `Detected in ${formatSeconds(detectedMs)}`;
  if (movedBy) {
    const most = atMostMs === null ? '' : `; at most ${formatBound(atMostMs)} after the last good probe`;
    return [`${detected}. Clients that honour the TTL had moved by ${tenths(movedBy)}${most}.`];
  }
  const missing = secondaries.filter(({ servedAt }) => servedAt === null).map(({ secondary }) => secondary);
  const why = missing.length > 0 ? `${missing.join(', ')} was not seen to serve it` : 'its publication is not recorded';
  return [
    `${detected}. When clients had moved is not known: ${why}${ttlSeconds === null ? '' : ` (TTL ${ttlSeconds} s)`}.`,
  ];
}

function nextLine({ at, previous, next }: Explanation): readonly string[] {
  const naming = ({ id, cause, toTarget }: Neighbour): string => `transition ${id} (${cause} to ${toTarget})`;
  const lasted = (from: string, to: string): string => formatDuration(Date.parse(to) - Date.parse(from));
  return [
    ...(previous ? [`The answer before stood for ${lasted(previous.at, at)}, since ${naming(previous)}.`] : []),
    next ? `This one stood for ${lasted(at, next.at)}, until ${naming(next)}.` : 'This one still stands.',
  ];
}

/** What failing endpoints said, as JSON so that each stays in its line; each text once. */
function bodies({ probes }: Explanation): readonly string[] {
  const said = probes.flatMap((probe) =>
    probe.bodySample ? [`${whoOf(probe)} said: ${JSON.stringify(probe.bodySample)} (SHA-256 ${probe.bodySha256})`] : [],
  );
  return [...new Set(said)];
}

function policyLines({ endpoints }: Explanation): readonly string[] {
  const lines = endpoints.map(({ intervalMs, timeoutMs, confirmMs, fall, rise }) => {
    const [interval, timeout, confirm] = [intervalMs, timeoutMs, confirmMs].map(formatDuration);
    return `Checked every ${interval}, timeout ${timeout}, confirm ${confirm}, fall ${fall}, rise ${rise}.`;
  });
  return [...new Set(lines)];
}

function targetsLine({ targets, generation }: Explanation): string {
  const states = Object.entries(targets).map(([name, state]) => `${name} ${state}`);
  return `Targets: ${states.join(', ') || 'not recorded'}.${generation === null ? '' : ` Config ${generation} since the start.`}`;
}

export function arrowOf({ fromTarget, toTarget }: Pick<Explanation, 'fromTarget' | 'toTarget'>): string {
  return fromTarget === null || fromTarget === toTarget ? `${toTarget}` : `${fromTarget} → ${toTarget}`;
}

export function addressesOf(addresses: unknown): string {
  return Array.isArray(addresses) ? addresses.join(' ') || 'no address' : String(addresses);
}

export function day(at: string): string {
  return at.slice(0, 10);
}

/** `12:00:41.3`: rounded up, so that it stays a bound. */
function tenths(moment: string): string {
  return new Date(Math.ceil(Date.parse(moment) / 100) * 100).toISOString().slice(11, 21);
}

/** `12:00:41.203` */
function clock(moment: string, at: string): string {
  const time = moment.slice(11, 23);
  return day(moment) === day(at) ? time : `${day(moment)} ${time}`;
}
