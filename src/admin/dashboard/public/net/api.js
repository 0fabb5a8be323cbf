/**
 * The admin API, as far as the page asks it. What goes wrong is a value: a status and the words of the problem (RFC 9457);
 * status 0 when there was no answer at all.
 *
 * @template T
 * @typedef {{ ok: true, value: T } | { ok: false, status: number, detail: string }} Result
 */

/** @param {string} path @param {RequestInit} [init] @returns {Promise<Result<any>>} */
async function ask(path, init = {}) {
  try {
    const response = await fetch(path, { cache: 'no-store', ...init });
    const body = await response.json();
    if (response.ok) return { ok: true, value: body };
    return { ok: false, status: response.status, detail: body.detail ?? response.statusText };
  } catch (error) {
    return { ok: false, status: 0, detail: /** @type {Error} */ (error).message };
  }
}

/** @param {string} path @param {Record<string, string | number | null>} [query] */
export function get(path, query = {}) {
  const given = Object.entries(query).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]]));
  return ask(given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`);
}

/** @param {string} path @param {object} body @param {Record<string, string>} [headers] */
export function post(path, body, headers = {}) {
  return ask(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

/** @param {string} path */
export function remove(path) {
  return ask(path, { method: 'DELETE' });
}

/** `/api/v1/records/app.example.com/switch` @param {string} record @param {...string} rest */
export function recordPath(record, ...rest) {
  return ['/api/v1/records', ...[record, ...rest].map(encodeURIComponent)].join('/');
}
