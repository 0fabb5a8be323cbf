/**
 * Where in its interval an endpoint is probed: a hash of its id, so that endpoints are spread evenly, and at the same place
 * after a restart. FNV-1a with the finaliser of MurmurHash3, whose high bits depend on every character.
 *
 * @returns from 0, below 1.
 */
export function spreadOf(endpointId: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < endpointId.length; index++) {
    hash = Math.imul(hash ^ endpointId.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** The first time after `afterMs` that lies a whole number of intervals from `originMs`. */
export function nextOnGrid(originMs: number, intervalMs: number, afterMs: number): number {
  return originMs + (Math.floor((afterMs - originMs) / intervalMs) + 1) * intervalMs;
}
