/** Serials of zones: unsigned 32-bit numbers in a circle (RFC 1982). */

const MODULUS = 2 ** 32;
const HALF = 2 ** 31;

/**
 * Orders two SOA serials (RFC 1982 §3.2).
 * @returns 'incomparable' when they differ by exactly 2^31.
 * @throws RangeError when either is not an unsigned 32-bit integer.
 */
export function compareSerials(a: number, b: number): 'less' | 'equal' | 'greater' | 'incomparable' {
  requireSerial(a);
  requireSerial(b);
  const ahead = (a - b + MODULUS) % MODULUS;
  if (ahead === 0) return 'equal';
  if (ahead === HALF) return 'incomparable';
  return ahead < HALF ? 'greater' : 'less';
}

/**
 * The serial of the next publication: the epoch seconds, or one above the last where the clock is not ahead of it.
 * Every result is greater than `last` by RFC 1982, also when the clock stepped back or the 32 bits have wrapped.
 * @param last the zone's serial up to now; null when it has none.
 * @throws RangeError when `last` is not an unsigned 32-bit integer.
 */
export function nextSerial(last: number | null, epochMs: number): number {
  const seconds = Math.floor(epochMs / 1000) % MODULUS;
  if (last === null) return seconds;
  return compareSerials(seconds, last) === 'greater' ? seconds : (last + 1) % MODULUS;
}

function requireSerial(value: number): void {
  if (!Number.isInteger(value) || value < 0 || value >= MODULUS) throw new RangeError(`${value} is not a serial`);
}
