// Brought into failoverd from outside (NODE_OPTIONS): with SIGUSR2 the main thread says on stderr what keeps it awake, by kind.
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.on('SIGUSR2', () => {
    const counts = {};
    for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
    process.stderr.write(`${JSON.stringify({ resources: counts })}\n`);
  });
}
