/** How much memory V8 may take for its comfort. */
import { setFlagsFromString } from 'node:v8';

/**
 * Lets the old generation grow by half before it is collected, in place of fourfold: nearly everything that probes leave behind
 * dies young, so that the rest is worth a collection (docs/performance.md has what the process takes). It holds for all threads.
 *
 * The bound on the young generation that the command line has given is for this thread, and has done its work. V8 would put it
 * above what each of the other threads is given when it is started.
 */
export function boundHeaps(): void {
  setFlagsFromString('--heap-growing-percent=50');
  setFlagsFromString('--max-semi-space-size=0');
}
