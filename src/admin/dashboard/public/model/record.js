/**
 * What a record's status means, in the words that the page uses.
 *
 * @typedef {import('./state.js').RecordStatus} RecordStatus
 * @typedef {import('./state.js').TargetStatus} TargetStatus
 * @typedef {import('./state.js').EndpointStatus} EndpointStatus
 * @typedef {'ok' | 'warn' | 'bad'} Tone
 */

/** @param {RecordStatus} record @returns {'primary' | 'backup' | 'all_down'} */
export function conditionOf({ allDown, activeTarget, targets }) {
  if (allDown) return 'all_down';
  return activeTarget === targets[0]?.name ? 'primary' : 'backup';
}

/**
 * How far what is shown can be believed: `held`: the prober is blind, what it knew is held; `stale`: the connection is gone.
 * @param {import('./state.js').State} state @returns {'live' | 'held' | 'stale'}
 */
export function beliefOf({ connection, alarms }) {
  if (connection.phase !== 'live') return 'stale';
  return alarms.some(({ name }) => name === 'prober_blind') ? 'held' : 'live';
}

/** A word and a tone, never a colour alone. @param {RecordStatus} record @param {ReturnType<typeof beliefOf>} belief @returns {{ tone: Tone | 'lost', word: string }} */
export function badgeOf(record, belief) {
  const { tone, word } = badgeWhenLive(record);
  if (belief === 'stale') return { tone: 'lost', word: `was ${word}` };
  return belief === 'held' && tone === 'ok' ? { tone: 'lost', word: 'not checked' } : { tone, word };
}

/** @param {RecordStatus} record @returns {{ tone: Tone, word: string }} */
function badgeWhenLive(record) {
  switch (conditionOf(record)) {
    case 'all_down':
      return { tone: 'bad', word: 'all down' };
    case 'backup':
      if (record.override?.isDrill) return { tone: 'warn', word: 'drill' };
      return { tone: 'warn', word: record.override ? 'on backup, by order' : 'on backup' };
    case 'primary':
      if (record.override) return { tone: 'warn', word: 'on primary, by order' };
      return hasSpare(record) ? { tone: 'ok', word: 'ok' } : { tone: 'warn', word: 'no spare' };
  }
}

/** Whether another target could take over now. @param {RecordStatus} record */
export function hasSpare({ targets, activeTarget }) {
  return targets.some(({ name, status, drained }) => name !== activeTarget && status === 'up' && !drained);
}

/** `app.example.com`, `app.example.com AAAA` @param {Pick<RecordStatus, 'record' | 'family'>} record */
export function titleOf({ record, family }) {
  return family === '' ? record : `${record} ${typeOf({ family, addresses: [] })}`;
}

/** The type to ask for: of the family, or of the first address. @param {Pick<RecordStatus, 'family' | 'addresses'>} record */
export function typeOf({ family, addresses }) {
  return family === '6' || (family === '' && addresses[0]?.includes(':')) ? 'AAAA' : 'A';
}

/** `up`, `up, 2/3 fails`, `down, 1/2 passes` @param {EndpointStatus} endpoint */
export function healthOf({ status, progress: { count, of } }) {
  return count === 0 || count >= of ? status : `${status}, ${count}/${of} ${status === 'down' ? 'passes' : 'fails'}`;
}

/** @param {TargetStatus | EndpointStatus} subject @returns {Tone | 'unknown'} */
export function toneOf({ status, ...rest }) {
  if (status === 'unknown') return 'unknown';
  if (status === 'down') return 'bad';
  const isFailing = 'progress' in rest && rest.progress.count > 0;
  return isFailing || ('drained' in rest && rest.drained) ? 'warn' : 'ok';
}

/**
 * How long caches may still hold what was answered before.
 * @param {RecordStatus} record @param {number} nowMs by the server's clock
 * @returns {number} milliseconds; 0 when they hold what is answered now
 */
export function cachesHoldMs({ since, ttlSeconds, cause }, nowMs) {
  return cause === 'start' ? 0 : Math.max(0, Date.parse(since) + ttlSeconds * 1000 - nowMs);
}

/**
 * The line that asks this server itself. A server that listens on every address is asked where this page came from.
 * @param {RecordStatus} record @param {readonly string[]} listen @param {string} pageHost
 */
export function digLine(record, listen, pageHost) {
  const [, host = '', port = '53'] = /^\[?(.*?)\]?:(\d+)$/.exec(listen[0] ?? '') ?? [];
  const at = host === '' || host === '0.0.0.0' || host === '::' ? pageHost.replace(/^\[|\]$/g, '') : host;
  const type = typeOf(record) === 'A' ? '' : ' AAAA';
  return `dig @${at}${port === '53' ? '' : ` -p ${port}`} ${record.record}${type} +short`;
}

/** @param {RecordStatus} record @returns {readonly EndpointStatus[]} */
export function endpointsOf({ targets }) {
  return targets.flatMap(({ endpoints }) => endpoints);
}
