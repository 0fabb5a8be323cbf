import { conditionOf, hasSpare, titleOf } from './record.js';
/**
 * The one answer to "is it all right?".
 *
 * @typedef {import('./state.js').State} State
 * @typedef {import('./state.js').RecordStatus} RecordStatus
 * @typedef {{ tone: 'ok' | 'warn' | 'bad' | 'lost', word: string, sentence: string, sinceMs: number | null }} Verdict
 *   `sinceMs` by the server's clock
 */

/** @param {State} state @returns {Verdict} */
export function verdictOf(state) {
  const { connection, report, offsetMs } = state;
  if (connection.phase === 'refused') return silent('Signed out', 'Sign in to see what is answered');
  if (connection.phase === 'lost') {
    const sentence = report ? 'What is shown was true then and may have changed' : 'failoverd does not answer';
    return { tone: 'lost', word: 'Connection lost', sentence, sinceMs: connection.sinceMs + offsetMs };
  }
  if (!report) return silent('Connecting', 'Asking failoverd what is answered');
  const records = [...state.records.values()];
  return worst(state, records) ?? quiet(records);
}

/** @param {string} word @param {string} sentence @returns {Verdict} */
function silent(word, sentence) {
  return { tone: 'lost', word, sentence, sinceMs: null };
}

/** The same order as in the status of the API: the worst first. @param {State} state @param {readonly RecordStatus[]} records @returns {Verdict | null} */
function worst({ alarms }, records) {
  const down = records.filter(({ allDown }) => allDown);
  if (down.length > 0) {
    return about('bad', 'All down', 'no target is up', down, records);
  }
  const blind = alarms.find(({ name }) => name === 'prober_blind');
  if (blind) {
    const sentence = 'The prober cannot trust its own network: nothing moves until that works again';
    return { tone: 'bad', word: 'Prober blind', sentence, sinceMs: Date.parse(blind.since) };
  }
  const storage = alarms.find(({ name }) => name === 'history_degraded');
  if (storage) {
    const sentence = `DNS goes on; ${storage.message}`;
    return { tone: 'bad', word: 'Storage degraded', sentence, sinceMs: Date.parse(storage.since) };
  }
  const moved = records.filter((record) => conditionOf(record) === 'backup');
  return moved.length > 0 ? about('warn', 'On backup', 'answered with a backup', moved, records) : null;
}

/**
 * @param {Verdict['tone']} tone @param {string} word @param {string} what
 * @param {readonly RecordStatus[]} some @param {readonly RecordStatus[]} all @returns {Verdict}
 */
function about(tone, word, what, some, all) {
  const [only, ...others] = some;
  const sentence =
    only && others.length === 0
      ? `${titleOf(only)}: ${only.reason || what}`
      : `${some.length.toLocaleString('en')} of ${all.length.toLocaleString('en')} records: ${what}`;
  return { tone, word, sentence, sinceMs: Math.min(...some.map(({ since }) => Date.parse(since))) };
}

/** @param {readonly RecordStatus[]} records @returns {Verdict} */
function quiet(records) {
  const [first] = records;
  if (!first) return { tone: 'ok', word: 'OK', sentence: 'No record has been decided yet', sinceMs: null };
  const who = records.length === 1 ? `${titleOf(first)} is` : `All ${records.length.toLocaleString('en')} records are`;
  const exposed = records.filter((record) => !hasSpare(record));
  const rest =
    exposed.length === 0
      ? ''
      : `; ${exposed.length === records.length ? 'no' : exposed.length} ${exposed.length === records.length ? 'backup is ready' : 'without a backup that is ready'}`;
  const sinceMs = Math.max(...records.map(({ since }) => Date.parse(since)));
  return {
    tone: 'ok',
    word: 'OK',
    sentence: `${who} answered with ${records.length === 1 ? 'its' : 'their'} primary${rest}`,
    sinceMs,
  };
}
