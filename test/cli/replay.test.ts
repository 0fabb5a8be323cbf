import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { ReplayReport } from '../../src/cli/replay/run.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { ProbeReport } from '../../src/core/outcome.ts';
import { openForWriting } from '../../src/history/database.ts';
import { createWriter } from '../../src/history/writer.ts';
import { transition } from '../history/helpers.ts';
import { cli } from './io.ts';

const CONFIG = `zones:
  example.com:
    nameservers: {ns1.example.com: 203.0.113.53, ns2.example.com: 203.0.113.54}
    records:
      app: {primary: 192.0.2.10, backup: 198.51.100.20, check: {url: "http://app.example.com/healthz", interval: 5s}}
      new: {primary: 192.0.2.11, backup: 198.51.100.21, check: http://new.example.com/healthz}
`;
const SECOND_MS = 1000;

/** An hour, an hour ago: the primary refused three probes in it, and the name went to the backup and back. */
async function withRecording(t: Test, isChanged = false): Promise<string> {
  const dir = t.testdir({ 'failoverd.yaml': CONFIG });
  const path = join(dir, 'failoverd.yaml');
  const loaded = await loadConfig(path, {});
  if (!loaded.ok) throw new Error('the config has errors');
  const record = loaded.config.zones[0]?.records[0];
  const opened = openForWriting(join(dir, 'failoverd.db'));
  if (opened.kind !== 'open' || !record) throw new Error('no database, or no record');
  const startMs = Math.floor((Date.now() - 2 * 3_600_000) / 1000) * 1000;
  const failMs = startMs + 1_800_000;
  const ids = record.targets.flatMap(({ endpoints }) => endpoints.map(({ id }) => id));
  const probe = (endpointId: string, atMs: number, isFail: boolean, trigger: ProbeReport['trigger'] = 'interval') => ({
    ...{ endpointId, trigger, startedAtEpochMs: atMs, startedAtMs: 0, elapsedMs: 2, phasesMs: {} },
    outcome: isFail
      ? ({ outcome: 'fail', reason: 'refused', phase: 'connect', detail: 'ECONNREFUSED' } as const)
      : ({ outcome: 'pass' } as const),
  });
  const reports: ProbeReport[] = [];
  for (let atMs = startMs; atMs < startMs + 3_600_000; atMs += 5 * SECOND_MS) {
    ids.forEach((id, index) => {
      const isFail = index === 0 && atMs === failMs;
      const of = isChanged && atMs < failMs ? id.replace(/#.*/, '#00000000') : id;
      reports.push(probe(of, atMs + 300 * index, isFail));
      if (isFail) reports.push(probe(id, atMs + 1000, true, 'confirm'), probe(id, atMs + 2000, true, 'confirm'));
    });
  }
  const at = (ms: number) => ({ atEpochMs: ms, firstFailAtEpochMs: null, detectedMs: null });
  const moves = [
    transition(1, {
      ...at(startMs),
      cause: 'start',
      fromTarget: null,
      toTarget: 'primary',
      toAddresses: ['192.0.2.10'],
    }),
    transition(2, { ...at(failMs + 2002), firstFailAtEpochMs: failMs, detectedMs: 2002 }),
    transition(3, {
      ...at(failMs + 75_002),
      cause: 'failback',
      fromTarget: 'backup',
      toTarget: 'primary',
      toAddresses: ['192.0.2.10'],
    }),
  ];
  const writer = createWriter(opened.db);
  const entries = moves.map((move, i) => ({ transition: move, state: null, seq: i + 1 }));
  writer.commit('run', entries, null, startMs);
  writer.probes({ reports, healths: [], serials: [] });
  opened.db.close();
  return path;
}

const replay = (path: string, ...args: string[]) => cli('replay', 'app.example.com', '--config', path, ...args);
const reportOf = async (path: string, ...args: string[]) =>
  JSON.parse((await replay(path, '--json', ...args)).stdout) as ReplayReport;

t.test('replay under the policy of the config meets what has happened', async (t) => {
  const { recorded, replayed, probes } = await reportOf(await withRecording(t), '--since', '3h');
  t.same(probes, { recorded: 1442, counted: 1442, inferred: 0, undecided: 0, gaps: 0, gapMs: 0 });
  t.match(recorded.listed, [
    { cause: 'start' },
    { cause: 'failover', detectedMs: 2002, passedAgainMs: 2998 },
    { cause: 'failback' },
  ]);
  const [start, failover, failback] = replayed.listed;
  t.match(start, { cause: 'start', toTarget: 'primary' });
  t.match(failover, { at: recorded.listed[1]?.at, cause: 'failover', detectedMs: 2002, inferredFails: 0 });
  t.match(failback, { cause: 'failback', toTarget: 'primary', at: recorded.listed[2]?.at });
  t.match([recorded.failovers, recorded.looksWrong, recorded.awayMs], [1, 1, 73_000]);
  t.match([replayed.failovers, replayed.looksWrong], [1, 1]);
});

t.test('replay under another policy prints both, and what a recording cannot tell', async (t) => {
  const path = await withRecording(t);
  const { code, stdout, stderr } = await replay(
    path,
    '--since',
    '3h',
    '--fall',
    '5',
    '--interval',
    '2s',
    '--timeout',
    '1s',
  );
  t.same([code, stderr], [0, '']);
  t.match(stdout, /^interval +5s +2s$/m);
  t.match(stdout, /^fall +3 +5$/m);
  t.match(stdout, /^failovers +1 +0$/m);
  t.match(stdout, /^of them look wrong +1 +0$/m);
  t.match(stdout, /failover +primary → backup +detected in 2\.0 s; looks wrong: primary passed again 3\.0 s later/);
  t.match(stdout, /Probes were recorded every 5s: what a shorter interval would have seen in between is not known\./);
  t.match(stdout, /Probes are recorded since 20\S+ \d\d:\d\d only\./);
  t.match(stdout, /1 transition then came of an order, a start or a config/);
});

t.test('replay takes what was recorded under another policy of the same check as well', async (t) => {
  const { probes, recordedPolicies } = await reportOf(await withRecording(t, true), '--since', '3h');
  t.match([probes.counted, recordedPolicies], [1442, 2]);
});

t.test('replay --since begins with what was answered then', async (t) => {
  const { recorded, replayed } = await reportOf(await withRecording(t), '--since', '80m');
  t.match([recorded.transitions, replayed.transitions], [0, 0]);
  t.same(recorded.awayMs, 0);
});

t.test('replay compares then and now over the time of which probes are there', async (t) => {
  const path = await withRecording(t);
  const opened = openForWriting(path.replace('.yaml', '.db'));
  if (opened.kind !== 'open') return t.fail(opened.reason);
  opened.db.exec(
    'DELETE FROM probe_log WHERE at_ms < (SELECT unixepoch(at) * 1000 + 600000 FROM failover_history WHERE id = 2)',
  );
  opened.db.close();
  const { recorded, replayed } = await reportOf(path, '--since', '3h');
  t.match([recorded.transitions, replayed.transitions], [0, 0]);
});

t.test('replay says so where nothing is recorded', async (t) => {
  const { code, stdout } = await cli('replay', 'new.example.com', '--config', await withRecording(t));
  t.equal(code, 0);
  t.match(stdout, /Nothing is recorded of this record in this time\./);
});

const refused: readonly (readonly [args: string, message: string])[] = [
  ['--fall 0', '--fall must be a whole number above 0, found "0"'],
  ['--interval soon', '--interval must be a duration such as 500ms, 10s or 5m, found "soon"'],
  ['--since ever', '--since must be a duration such as 30m, 24h or 7d, found "ever"'],
  ['--timeout 6s', 'the timeout (6s) must be shorter than the interval (5s)'],
];

for (const [args, message] of refused) {
  t.test(`replay refuses ${args}`, async (t) => {
    t.same(await replay(await withRecording(t), ...args.split(' ')), {
      code: 2,
      stdout: '',
      stderr: `failoverd: ${message}\nSee "failoverd replay --help".\n`,
    });
  });
}
