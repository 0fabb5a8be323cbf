/** `failoverd backup`, beside a history that commits and without one. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createHistory } from '../../src/history/history.ts';
import { readHistory } from '../../src/history/queries.ts';
import { clock, commitAll, commitEntry, memoryLog } from '../history/helpers.ts';
import { cli } from './io.ts';

const CONFIG = `zones:
  app.example.com:
    nameservers: {ns1.app.example.com: 203.0.113.53, ns2.app.example.com: 203.0.113.54}
    records:
      "@": {primary: 192.0.2.10, backup: 198.51.100.20, check: http://app.example.com/}
`;

function serials(file: string): readonly number[] {
  const read = readHistory(file, (reader) => reader.transitions({ limit: 100 }).map(({ serial }) => serial));
  if (!read.ok) throw new Error(read.reason);
  return read.value;
}

t.test('backup copies the database of a running failoverd, which goes on, and of one that has ended', async (t) => {
  const directory = t.testdir({ 'failoverd.yaml': CONFIG });
  const config = ['--config', join(directory, 'failoverd.yaml')];
  const history = createHistory({ path: join(directory, 'failoverd.db'), clock, log: memoryLog() });
  await history.restore();
  await commitAll(history, 2);
  const [first, second] = [join(directory, 'first.db'), join(directory, 'second.db')];
  t.same(await cli('backup', first, ...config), {
    code: 0,
    stdout: `${join(directory, 'failoverd.db')} was copied to ${first}\n`,
    stderr: '',
  });
  t.equal(await history.commit(commitEntry(3)), 'committed');
  await history.close();
  t.equal((await cli('backup', second, ...config)).code, 0);
  t.same(serials(first), [2]);
  t.same(serials(second), [3, 2]);
});

t.test('backup overwrites nothing, and says why it cannot', async (t) => {
  const directory = t.testdir({ 'failoverd.yaml': CONFIG });
  const config = ['--config', join(directory, 'failoverd.yaml')];
  const to = join(directory, 'copy.db');
  t.match(await cli('backup', to, ...config), { code: 1, stderr: /failoverd\.db: there is no database yet/ });
  writeFileSync(to, 'mine');
  t.match(await cli('backup', to, ...config), { code: 1, stderr: /copy\.db: it exists already/ });
  t.notOk(existsSync(`${to}.unfinished`));
  t.match(await cli('backup', ...config), { code: 2, stderr: /<file> is missing/ });
});
