/**
 * All that the page knows, as one value, and how each thing that happens changes it. Nothing here reads a clock or the page.
 *
 * @typedef {import('../../../../runtime/status.ts').StatusReport} StatusReport
 * @typedef {import('../../../../runtime/status.ts').RecordStatus} RecordStatus
 * @typedef {import('../../../../runtime/status.ts').TargetStatus} TargetStatus
 * @typedef {import('../../../../runtime/status.ts').EndpointStatus} EndpointStatus
 * @typedef {import('../../../../runtime/status.ts').SecondaryStatus} SecondaryStatus
 * @typedef {import('../../../../runtime/status.ts').Alarm} Alarm
 *
 * @typedef {{ atMs: number, outcome: string, elapsedMs: number }} Probe
 * @typedef {{ id?: number, at: string, record: string, cause: string, fromTarget: string | null, toTarget: string,
 *   fromAddresses: readonly string[] | null, toAddresses: readonly string[], reason: string, actor: string,
 *   serial: number, detectedMs: number | null, isDrill?: boolean }} Transition without an id as long as it is only announced
 * @typedef {{ key: string, at: string, kind: 'order' | 'config' | 'alarm' | 'resolved', record: string | null,
 *   text: string, actor: string | null }} Note what happened beside the transitions
 * @typedef {{ phase: 'connecting' | 'live' | 'lost' | 'refused', sinceMs: number }} Connection by this machine's clock;
 *   `refused`: it wants a token
 * @typedef {{
 *   connection: Connection,
 *   offsetMs: number,
 *   report: StatusReport | null,
 *   records: ReadonlyMap<string, RecordStatus>,
 *   probes: ReadonlyMap<string, readonly Probe[]>,
 *   alarms: readonly Alarm[],
 *   secondaries: readonly SecondaryStatus[],
 *   transitions: readonly Transition[],
 *   notes: readonly Note[],
 * }} State `offsetMs` is the server's clock minus this one's; lists are newest first
 */

export const PROBES_KEPT = 60;
const ENTRIES_KEPT = 1_000;

/** @param {number} nowMs @returns {State} */
export function initialState(nowMs) {
  return {
    connection: { phase: 'connecting', sinceMs: nowMs },
    offsetMs: 0,
    report: null,
    records: new Map(),
    probes: new Map(),
    alarms: [],
    secondaries: [],
    transitions: [],
    notes: [],
  };
}

/** What identifies a record's card: A and AAAA can be decided apart. @param {Pick<RecordStatus, 'record' | 'family'>} status */
export function keyOf({ record, family }) {
  return family === '' ? record : `${record}/${family}`;
}

/** Everything anew. @param {State} state @param {StatusReport} report @param {number} nowMs when it arrived @returns {State} */
export function withReport(state, report, nowMs) {
  const known = withNotes(
    state,
    report.alarms.map((alarm) => alarmNote({ ...alarm, resolvedAt: null })),
  );
  return {
    ...known,
    offsetMs: Date.parse(report.now) - nowMs,
    report: { ...report, records: [] },
    records: new Map(report.records.map((record) => [keyOf(record), record])),
    alarms: report.alarms,
    secondaries: report.secondaries,
    probes: withLastProbes(state.probes, report.records),
  };
}

/** @param {State['probes']} probes @param {readonly RecordStatus[]} records @returns {State['probes']} */
function withLastProbes(probes, records) {
  const ids = records.flatMap(({ targets }) => targets.flatMap(({ endpoints }) => endpoints));
  return new Map(
    ids.map(({ id, lastProbe }) => {
      const known = probes.get(id) ?? [];
      if (lastProbe === null) return [id, known];
      const { at, outcome, elapsedMs } = lastProbe;
      return [id, mergeProbes(known, [{ atMs: Date.parse(at), outcome: outcomeOf(outcome), elapsedMs }])];
    }),
  );
}

/** `timeout (connect) no answer within 2 s` is a fail. @param {string} described */
export function outcomeOf(described) {
  if (described === 'pass' || described === 'fail') return described;
  return described.startsWith('inconclusive') ? 'inconclusive' : 'fail';
}

/**
 * The newest of both, oldest first, each once.
 * @param {readonly Probe[]} known @param {readonly Probe[]} more @returns {readonly Probe[]}
 */
function mergeProbes(known, more) {
  const last = known.at(-1)?.atMs ?? -Infinity;
  const isNewer = more.every(({ atMs }, index) => atMs > (more[index - 1]?.atMs ?? last));
  if (isNewer) return [...known, ...more].slice(-PROBES_KEPT);
  const byTime = new Map([...known, ...more].map((probe) => [probe.atMs, probe]));
  return [...byTime.values()].sort((a, b) => a.atMs - b.atMs).slice(-PROBES_KEPT);
}

/** Older probes of endpoints, as the history has them. @param {State} state @param {ReadonlyMap<string, readonly Probe[]>} more @returns {State} */
export function withProbes(state, more) {
  const probes = new Map(state.probes);
  for (const [id, list] of more) if (probes.has(id)) probes.set(id, mergeProbes(probes.get(id) ?? [], list));
  return { ...state, probes };
}

/** What was announced is replaced by what the history has. @param {State} state @param {readonly Transition[]} more @returns {State} */
export function withTransitions(state, more) {
  const identify = (/** @type {Transition} */ { at, record, toAddresses }) => [at, record, ...toAddresses].join(' ');
  const known = new Map(state.transitions.map((transition) => [identify(transition), transition]));
  for (const transition of more) {
    const key = identify(transition);
    known.set(key, { ...known.get(key), ...transition });
  }
  return { ...state, transitions: newestFirst([...known.values()]) };
}

/** @param {State} state @param {readonly Note[]} more @returns {State} */
export function withNotes(state, more) {
  const byKey = new Map([...state.notes, ...more].map((note) => [note.key, note]));
  return { ...state, notes: newestFirst([...byKey.values()]) };
}

/** @template {{ at: string }} T @param {T[]} entries @returns {T[]} */
function newestFirst(entries) {
  return entries.sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, ENTRIES_KEPT);
}

/** Only a new phase has a new beginning. @param {State} state @param {Connection['phase']} phase @param {number} nowMs @returns {State} */
export function withConnection(state, phase, nowMs) {
  return state.connection.phase === phase ? state : { ...state, connection: { phase, sinceMs: nowMs } };
}

/** @param {State} state @param {string} kind @param {any} data @param {number} nowMs @returns {State} as it was for a kind that says nothing new here */
export function withEvent(state, kind, data, nowMs) {
  switch (kind) {
    case 'transition':
      return withTransitions(state, [data]);
    case 'record':
      return { ...state, records: new Map(state.records).set(keyOf(data), data) };
    case 'probes':
      return withProbeEvents(state, data);
    case 'alarm':
      return withAlarm(state, data);
    case 'prober':
      return { ...state, report: state.report && { ...state.report, sight: data.sight } };
    case 'history':
      return { ...state, report: state.report && { ...state.report, history: data } };
    case 'reload':
      return withNotes(state, [reloadNote(data, nowMs + state.offsetMs)]);
    case 'secondary':
      return { ...state, secondaries: replaced(state.secondaries, data) };
    default:
      return state;
  }
}

/** @param {{ ok: boolean, generation: number, message: string }} reload @param {number} epochMs @returns {Note} */
function reloadNote({ ok, generation, message }, epochMs) {
  const at = new Date(epochMs).toISOString();
  const text = ok ? message : `refused, the config before stays: ${message}`;
  return { key: `reload ${generation} ${at}`, at, kind: 'config', record: null, text, actor: null };
}

/** @param {readonly SecondaryStatus[]} list @param {SecondaryStatus} one */
function replaced(list, one) {
  const isOther = (/** @type {SecondaryStatus} */ { zone, address }) => zone !== one.zone || address !== one.address;
  const others = list.filter(isOther);
  return others.length === list.length ? [...list, one] : list.map((entry) => (isOther(entry) ? entry : one));
}

/** @param {State} state @param {readonly (readonly [string, number, string, number])[]} events @returns {State} */
function withProbeEvents(state, events) {
  const probes = new Map(state.probes);
  for (const [id, atMs, outcome, elapsedMs] of events) {
    probes.set(id, mergeProbes(probes.get(id) ?? [], [{ atMs, outcome: outcomeOf(outcome), elapsedMs }]));
  }
  return { ...state, probes };
}

/** @param {State} state @param {Alarm & { resolvedAt: string | null }} alarm @returns {State} */
function withAlarm(state, { resolvedAt, ...alarm }) {
  const others = state.alarms.filter(({ name, subject }) => name !== alarm.name || subject !== alarm.subject);
  const alarms = resolvedAt === null ? [...others, alarm] : others;
  return withNotes({ ...state, alarms }, [alarmNote({ ...alarm, resolvedAt })]);
}

/** @param {Alarm & { resolvedAt: string | null }} alarm @returns {Note} */
export function alarmNote({ name, subject, message, since, resolvedAt }) {
  const kind = resolvedAt === null ? 'alarm' : 'resolved';
  const at = resolvedAt ?? since;
  const text = `${name.replaceAll('_', ' ')}: ${message}`;
  return {
    key: `${kind} ${name} ${subject} ${at}`,
    at,
    kind,
    record: subject.split(' ')[0] ?? null,
    text,
    actor: null,
  };
}
