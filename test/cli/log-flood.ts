/** A process that writes more lines than a pipe holds. */
import { openLogDestination } from '../../src/cli/log-destination.ts';

const [lines, mode] = process.argv.slice(2);
const destination = openLogDestination(process.stdout.fd);
destination.onLoss((lost) => destination.write(`lost ${lost}\n`));
for (let i = 0; i < Number(lines); i++) destination.write(`line ${i}${' '.repeat(100)}\n`);

if (mode === 'end') {
  await destination.close();
  process.disconnect();
} else {
  process.once('message', async () => {
    await destination.close();
    process.disconnect();
  });
  setTimeout(() => process.send?.({ isLoopAlive: true }), 100);
}
