/**
 * Tells an endpoint that fails from one that flaps: where half of the probes get lost, three fails in a row come by
 * every minute and mean nothing. The decision does not move from one flapping target to another.
 */

/** Outcomes looked at. They fit into the bits of one number. */
const WINDOW = 32;
/** So many setbacks in the window are not an outage, but flapping. */
const MANY_SETBACKS = 3;
/** So many equal outcomes in a row are trusted whatever was before: 16 fails are an outage. */
const SETTLED = 16;
const SETTLED_MASK = 2 ** SETTLED - 1;

/** Appends to the last 32 outcomes: one bit each, the newest the lowest, 1 for a fail. 0 is a spotless past. */
export function remember(recent: number, outcome: 'pass' | 'fail'): number {
  return ((recent << 1) | (outcome === 'fail' ? 1 : 0)) >>> 0;
}

/**
 * Whether the outcomes are those of an endpoint that passes and fails by turns. A setback is a fail after a pass; it
 * counts twice when the passes before it were fewer than `rise`, a recovery that came to nothing. An endpoint that dies
 * and comes back has one, one that loses a probe in a hundred rarely has two in 32.
 */
export function isFlapping(recent: number, rise: number): boolean {
  return (recent & SETTLED_MASK) !== SETTLED_MASK && setbacks(recent, rise) >= MANY_SETBACKS;
}

function setbacks(recent: number, rise: number): number {
  let count = 0;
  let passes = rise;
  for (let age = WINDOW - 1; age >= 0; age--) {
    if (((recent >>> age) & 1) === 0) {
      passes++;
      continue;
    }
    if (passes > 0) count += passes < rise ? 2 : 1;
    passes = 0;
  }
  return count;
}
