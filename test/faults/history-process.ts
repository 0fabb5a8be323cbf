/**
 * A process that commits failovers with growing serials from argv[3] on and prints each serial when it is confirmed; argv[4]: how
 * many. With `queued` as argv[5] it prints those that are not confirmed in time.
 */
import { createHistory } from '../../src/history/history.ts';
import { clock, commitEntry, memoryLog } from '../history/helpers.ts';

const [file = '', first = '1', count = '1', printed = 'committed'] = process.argv.slice(2);
const history = createHistory({ path: file, clock, log: memoryLog() });
const restored = await history.restore();
process.stdout.write(`restored ${[...restored.serials.values()][0] ?? 'nothing'}\n`);
for (let serial = Number(first); serial < Number(first) + Number(count); serial++) {
  if ((await history.commit(commitEntry(serial))) === printed) process.stdout.write(`${serial}\n`);
}
setInterval(() => {}, 1_000); // it lives on until it is killed
