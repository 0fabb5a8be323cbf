import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { boundHeaps } from '../../src/cli/heap.ts';

const LIMIT =
  "require('node:worker_threads').parentPort.postMessage(require('node:v8').getHeapStatistics().heap_size_limit)";
const OLD_MIB = 100;

/** What V8 lets the young generation of a thread grow to that asks for so much, by its own account. */
async function youngMib(wantedMib: number): Promise<number> {
  const resourceLimits = { maxOldGenerationSizeMb: OLD_MIB, maxYoungGenerationSizeMb: wantedMib };
  const [limitBytes] = await once(new Worker(LIMIT, { eval: true, resourceLimits }), 'message');
  return limitBytes / 2 ** 20 - OLD_MIB;
}

t.test('boundHeaps() gives each later thread its own young generation, whatever the command line says', async (t) => {
  setFlagsFromString('--max-semi-space-size=4'); // as the launcher does
  t.same([await youngMib(3), await youngMib(48)], [12, 12], 'three semispaces of that size');
  boundHeaps();
  t.same([await youngMib(3), await youngMib(48)], [3, 48]);
});
