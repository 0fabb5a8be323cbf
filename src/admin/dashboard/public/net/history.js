import { WINDOWS } from '../model/availability.js';
import { alarmNote, outcomeOf } from '../model/state.js';
import { get } from './api.js';

/**
 * What the database remembers, asked for when it comes into sight.
 *
 * @typedef {import('../model/state.js').Probe} Probe
 * @typedef {import('../model/state.js').Note} Note
 * @typedef {import('../model/state.js').RecordStatus} RecordStatus
 */

const AT_ONCE = 3;
const PROBES_EACH = 60;
const PROBES_AT_MOST = 1_000;
const TRANSITIONS = 200;
const ORDERS = 100;

/** @param {{ record?: string | null, cursor?: string | null }} [of] @returns {Promise<{ transitions: import('../model/state.js').Transition[], next: string | null }>} none when it cannot be read */
export async function readTransitions({ record = null, cursor = null } = {}) {
  const result = await get('/api/v1/transitions', { record, cursor, limit: TRANSITIONS });
  return result.ok ? result.value : { transitions: [], next: null };
}

/** Orders that were carried out. @returns {Promise<Note[]>} */
export async function readOrders() {
  const result = await get('/api/v1/audit', { limit: ORDERS });
  if (!result.ok) return [];
  return result.value.entries.map((/** @type {any} */ { id, at, actor, reason, action, record, detail, outcome }) => {
    const what = [action, typeof detail === 'string' ? detail : null].filter(Boolean).join(' ');
    const failed = outcome === 'done' ? '' : ` (${outcome})`;
    const kind = action === 'reload' ? 'config' : 'order';
    return { key: `audit ${id}`, at, kind, record, actor, text: `${what}${failed}: ${reason}` };
  });
}

/** The alarms that are over, each with its beginning. @returns {Promise<Note[]>} */
export async function readPastAlarms() {
  const result = await get('/api/v1/alarms');
  if (!result.ok) return [];
  return result.value.resolved.flatMap((/** @type {any} */ alarm) => [
    alarmNote(alarm),
    alarmNote({ ...alarm, resolvedAt: null }),
  ]);
}

/** @param {string} record @returns {Promise<import('../view/detail.js').Windows>} */
export async function readAvailability(record) {
  const results = await Promise.all(WINDOWS.map((window) => get('/api/v1/availability', { record, window })));
  return Object.fromEntries(
    results.map((result, index) => [WINDOWS[index], result.ok ? (result.value.records[0] ?? null) : null]),
  );
}

/**
 * Reads each record's last probes once, a few records at a time.
 * @param {(probes: ReadonlyMap<string, readonly Probe[]>) => void} onProbes
 * @returns {{ want(records: readonly RecordStatus[]): void, forget(): void }} `want` replaces what is still waited for
 */
export function createProbeLoader(onProbes) {
  /** @type {Set<string>} */
  let asked = new Set();
  /** @type {readonly RecordStatus[]} */
  let wanted = [];
  let running = 0;

  async function next() {
    const record = wanted.find(({ record: name }) => !asked.has(name));
    if (!record || running >= AT_ONCE) return;
    asked.add(record.record);
    running += 1;
    const endpoints = new Set(record.targets.flatMap((target) => target.endpoints.map(({ id }) => id)));
    const result = await get('/api/v1/probes', {
      record: record.record,
      limit: Math.min(PROBES_EACH * endpoints.size, PROBES_AT_MOST),
    });
    running -= 1;
    if (result.ok) onProbes(byEndpoint(result.value.probes));
    void next();
  }

  return {
    want(records) {
      wanted = records;
      for (let free = AT_ONCE - running; free > 0; free -= 1) void next();
    },
    forget() {
      asked = new Set();
    },
  };
}

/** @param {readonly { at: string, endpoint: string, outcome: string, elapsedMs: number }[]} probes newest first @returns {Map<string, Probe[]>} */
function byEndpoint(probes) {
  /** @type {Map<string, Probe[]>} */
  const lists = new Map();
  for (const { at, endpoint, outcome, elapsedMs } of [...probes].reverse()) {
    const list = lists.get(endpoint) ?? [];
    list.push({ atMs: Date.parse(at), outcome: outcomeOf(outcome), elapsedMs });
    lists.set(endpoint, list);
  }
  return lists;
}
