/** Values as people read them. Times are in the zone of whoever reads; UTC is one hover away. */

/** `8 s`, `2 min 10 s`, `3 h 5 min`, `4 days 2 h`. Never negative. @param {number} ms */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 600) return join(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 1440) return join(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const days = Math.floor(minutes / 1440);
  return join(days, days === 1 ? 'day' : 'days', Math.floor((minutes % 1440) / 60), 'h');
}

/** @param {number} whole @param {string} unit @param {number} part @param {string} partUnit */
function join(whole, unit, part, partUnit) {
  return part === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${part} ${partUnit}`;
}

/** `0.4 ms`, `12 ms`, `1.3 s` @param {number} ms */
export function latency(ms) {
  if (ms >= 1000) return `${ms % 1000 === 0 ? ms / 1000 : (ms / 1000).toFixed(1)} s`;
  return ms < 10 && !Number.isInteger(ms) ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

/** `14:03:22` today, `23 Nov 14:03` otherwise. @param {number} epochMs @param {number} nowMs */
export function clock(epochMs, nowMs) {
  const at = new Date(epochMs);
  if (at.toDateString() === new Date(nowMs).toDateString()) return time(at);
  const year = at.getFullYear() === new Date(nowMs).getFullYear() ? '' : ` ${at.getFullYear()}`;
  return `${at.getDate()} ${at.toLocaleString('en', { month: 'short' })}${year} ${time(at).slice(0, 5)}`;
}

/** @param {Date} at */
function time(at) {
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** `2026-01-31 13:03:22.104 UTC` @param {number} epochMs */
export function utc(epochMs) {
  return `${new Date(epochMs).toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}

/** `99.98 %`: rounded down, so that only what is perfect looks so. @param {number | null} fraction */
export function percent(fraction) {
  if (fraction === null) return '–';
  const hundredths = Math.floor(fraction * 10_000 + 1e-6);
  return hundredths === 10_000 ? '100 %' : `${(hundredths / 100).toFixed(2)} %`;
}

/** `1 record`, `3 records` @param {number} number @param {string} noun */
export function count(number, noun) {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
