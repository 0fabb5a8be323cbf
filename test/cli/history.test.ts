import { join } from 'node:path';
import t, { type Test } from 'tap';
import { createHistory } from '../../src/history/history.ts';
import type { TransitionView } from '../../src/runtime/history-report.ts';
import { clock, commitEntry, memoryLog, transition, until } from '../history/helpers.ts';
import { cli } from './io.ts';

const CONFIG = `zones:
  example.com:
    nameservers: {ns1.example.com: 203.0.113.53}
    records:
      app: {primary: 192.0.2.10, backup: 198.51.100.20, check: http://app.example.com/healthz}
      new: {primary: 192.0.2.10, backup: 198.51.100.20, check: http://app.example.com/healthz}
`;

const OLD_MS = Date.UTC(2020, 0, 1);

/** A config beside a database with a start long ago and a failover now. */
async function withHistory(t: Test): Promise<string> {
  const dir = t.testdir({ 'failoverd.yaml': CONFIG });
  const history = createHistory({ path: join(dir, 'failoverd.db'), clock, log: memoryLog() });
  t.teardown(() => history.close());
  await history.restore();
  const start = transition(1, {
    atEpochMs: OLD_MS,
    cause: 'start',
    fromTarget: null,
    fromAddresses: null,
    toTarget: 'primary',
    toAddresses: ['192.0.2.10'],
    reason: 'first probe passed',
    firstFailAtEpochMs: null,
    detectedMs: null,
  });
  await history.commit(commitEntry(1, { transition: start }));
  await history.commit(commitEntry(2, { transition: transition(2, { atEpochMs: Date.now() }) }));
  await until(() => history.stats().queuedCommits === 0, 'both rows are written');
  return join(dir, 'failoverd.yaml');
}

t.test('history prints the transitions beside a running server, the newest first', async (t) => {
  const { code, stdout, stderr } = await cli('history', '--config', await withHistory(t));
  t.equal(code, 0);
  t.equal(stderr, '');
  const [header, newest, oldest, end] = stdout.split('\n');
  t.match(header, /^ID {2}AT {20}RECORD {11}CAUSE {5}TARGET {12}ADDRESSES {6}DETECTED {2}WHY$/);
  t.match(
    newest,
    /^2 {3}20.*Z {2}app.example.com {2}failover {2}primary → backup {2}198.51.100.20 {2}in 3.3 s {2}primary 192.0.2.10: status 503 ×3$/,
  );
  t.match(
    oldest,
    /^1 {3}2020-01-01 00:00:00Z {2}app.example.com {2}start {5}primary {11}192.0.2.10 .* first probe passed$/,
  );
  t.equal(end, '');
});

t.test('history --since, --limit and a record choose among them', async (t) => {
  const path = await withHistory(t);
  const idsOf = async (...args: string[]) => {
    const { code, stdout } = await cli('history', '--json', '--config', path, ...args);
    t.equal(code, 0);
    return (JSON.parse(stdout) as TransitionView[]).map(({ id }) => id);
  };
  t.same(await idsOf(), [2, 1]);
  t.same(await idsOf('--since', '24h'), [2]);
  t.same(await idsOf('--limit', '1'), [2]);
  t.same(await idsOf('APP.example.com.'), [2, 1]);
  t.same(await idsOf('new.example.com'), [], 'a record of the config that has none');
});

t.test('history says "No transitions." where there are none', async (t) => {
  t.same(await cli('history', 'new.example.com', '--config', await withHistory(t)), {
    code: 0,
    stdout: 'No transitions.\n',
    stderr: '',
  });
});

t.test('history fails for a record that neither the config nor the database has', async (t) => {
  t.same(await cli('history', 'ap.example.com', '--config', await withHistory(t)), {
    code: 1,
    stdout: '',
    stderr:
      'failoverd: no transitions, and no record "ap.example.com" in the config; did you mean "app.example.com"?\n',
  });
});

t.test('history fails in one line where there is no database', async (t) => {
  const dir = t.testdir({ 'failoverd.yaml': CONFIG });
  t.same(await cli('history', '--config', join(dir, 'failoverd.yaml')), {
    code: 1,
    stdout: '',
    stderr: `failoverd: ${join(dir, 'failoverd.db')}: there is no database yet\n`,
  });
});

const refused: readonly (readonly [args: string, message: string])[] = [
  ['--since yesterday', '--since must be a duration such as 30m, 24h or 7d, found "yesterday"'],
  ['--limit 0', '--limit must be a whole number above 0, found "0"'],
  ['--limit 1.5', '--limit must be a whole number above 0, found "1.5"'],
  ['--limit ten', '--limit must be a whole number above 0, found "ten"'],
  ['app..example.com', '"app..example.com" is no domain name: it has an empty label'],
];

for (const [args, message] of refused) {
  t.test(`history refuses ${args}`, async (t) => {
    t.same(await cli('history', ...args.split(' ')), {
      code: 2,
      stdout: '',
      stderr: `failoverd: ${message}\nSee "failoverd history --help".\n`,
    });
  });
}
