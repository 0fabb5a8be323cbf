/** How much memory V8 may take for its comfort. */
import { setFlagsFromString } from 'node:v8';

/**
 * Lets the old generation grow by half before it is collected, in place of fourfold: nearly everything that probes leave behind
 * dies young, so that the rest is worth a collection (docs/performance.md has what the process takes). It holds for all threads.
 */
export function growSlowly(): void {
  setFlagsFromString('--heap-growing-percent=50');
}
