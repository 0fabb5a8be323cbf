/** 10^5 damaged datagrams and 10^4 TCP messages at real workers, with good queries between them: `npm run fuzz`, but shorter. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import t from 'tap';

const PROGRAM = path.resolve(import.meta.dirname, '../../bench/fuzz.ts');

t.test('the data plane survives what no good client sends, and answers the good ones throughout', async (t) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, '100000', '10000', '53'], {
    encoding: 'utf8',
  });
  t.comment(stdout);
  t.equal(status, 0, stderr);
  t.match(stdout, /good queries: (\d+) of \1 answered; workers that ended: 0/);
});
