// Brought into failoverd from outside (NODE_OPTIONS): with SIGUSR2 the main thread does nothing for 2 s, as in a long pause.
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.on('SIGUSR2', () => {
    process.stderr.write('{"stall":"begins"}\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000);
    process.stderr.write('{"stall":"ends"}\n');
  });
}
