import t from 'tap';
import { formatStatus } from '../../src/cli/status-text.ts';
import type { RecordStatus, StatusReport, TargetStatus } from '../../src/runtime/status.ts';
import { REPORT, record, target } from './report.ts';

const plain = { write() {}, isTerminal: false, hasColour: false };

const PRIMARY_DOWN: TargetStatus = target('primary', '192.0.2.10', {
  status: 'down',
  progress: { count: 2, of: 3 },
  lastProbe: { at: '2026-01-31T12:03:52.000Z', outcome: 'refused (connect) ECONNREFUSED', elapsedMs: 1 },
});

const ON_BACKUP: RecordStatus = record('app.example.com', {
  activeTarget: 'backup',
  addresses: ['198.51.100.20'],
  cause: 'failover',
  reason: 'primary 192.0.2.10: refused ×3',
  targets: [PRIMARY_DOWN, target('backup', '198.51.100.20')],
});

t.test('formatStatus() says on a backup what is answered, since when and why, and how each target does', async (t) => {
  const report: StatusReport = {
    ...REPORT,
    verdict: 'on_backup',
    records: [ON_BACKUP, record('b.example.com')],
    alarms: [
      { name: 'backup_down', subject: 'b.example.com', message: 'no use of backup', since: '2026-01-31T12:02:53Z' },
    ],
  };
  t.equal(
    formatStatus(report, plain),
    `ON BACKUP  1 of 2 records: app.example.com; 1 alarm
failoverd 0.1.0, up 1h 3m, DNS on 127.0.0.1:53, [::1]:53, config /etc/failoverd.yaml

RECORD           ANSWERS  ADDRESSES      SINCE                             WHY
app.example.com  backup   198.51.100.20  2026-01-31 12:00:41Z  3m 12s ago  failover: primary 192.0.2.10: refused ×3; no other target is ready
b.example.com    primary  192.0.2.10     2026-01-31 12:00:41Z  3m 12s ago  start: first probe passed; no other target is ready

RECORD           TARGET   ADDRESS        HEALTH                SINCE       LAST PROBE
app.example.com  primary  192.0.2.10     down, passing 2 of 3  3m 12s ago  refused (connect) ECONNREFUSED in 1 ms, 1s ago: GET http://app.example.com/healthz
app.example.com  backup   198.51.100.20  up                    3m 12s ago  pass in 12 ms, 2s ago: GET http://app.example.com/healthz
b.example.com    primary  192.0.2.10     up                    3m 12s ago  pass in 12 ms, 2s ago: GET http://app.example.com/healthz

ALARM        SUBJECT        SINCE   MESSAGE
backup_down  b.example.com  1m ago  no use of backup
`,
  );
});

t.test('formatStatus() says at once who is not reached, since when and why', (t) => {
  const counts = { delivered: 0, failedAttempts: 0, expired: 0 };
  const report: StatusReport = {
    ...REPORT,
    sinks: [
      {
        ...{ sink: 'pager', format: 'pagerduty', ...counts, waiting: 3, lastDeliveredAt: '2026-01-31T11:03:53.000Z' },
        failing: { since: '2026-01-31T12:03:23.000Z', reason: 'it answered 503' },
      },
      { ...{ sink: 'team', format: 'slack', ...counts, waiting: 0, lastDeliveredAt: REPORT.now }, failing: null },
      { ...{ sink: 'mail', format: 'email', ...counts, waiting: 0, lastDeliveredAt: null }, failing: null },
    ],
  };
  const text = formatStatus(report, plain);
  t.match(text, /^OK {2}1 record on the primary; not reached: pager\n/);
  t.match(
    text,
    `
SINK   FORMAT     STATE            WAITING  LAST DELIVERY  PROBLEM
pager  pagerduty  failing for 30s  3        1h ago         it answered 503
team   slack      ok               0        now
mail   email      not used         0
`,
  );
  t.end();
});

const allDown = { ...ON_BACKUP, allDown: true };
const verdicts: readonly (readonly [Partial<StatusReport>, string])[] = [
  [{ verdict: 'ok' }, 'OK  1 record on the primary'],
  [{ verdict: 'ok', records: [] }, 'OK  0 records on the primary'],
  [{ verdict: 'all_down', records: [allDown] }, 'ALL DOWN  no target is up: 1 of 1 record: app.example.com'],
  [
    { verdict: 'all_down', records: ['a', 'b', 'c', 'd'].map((name) => ({ ...allDown, record: name })) },
    'ALL DOWN  no target is up: 4 of 4 records: a, b, 2 more',
  ],
  [
    { verdict: 'on_backup', records: [{ ...ON_BACKUP, family: '6' }] },
    'ON BACKUP  1 of 1 record: app.example.com AAAA',
  ],
  [{ verdict: 'prober_blind' }, 'PROBER BLIND  its own network is down: nothing moves until that works again'],
  [
    { verdict: 'storage_degraded', history: { status: 'degraded', reason: 'disk full', sinceEpochMs: 0, queued: 1 } },
    'STORAGE DEGRADED  disk full',
  ],
];

for (const [over, line] of verdicts) {
  t.test(`formatStatus() begins with "${line}"`, async (t) => {
    t.equal(formatStatus({ ...REPORT, ...over }, plain).split('\n')[0], line);
  });
}

t.test('formatStatus() shows who ordered an override, why, and for how long', async (t) => {
  const override = {
    target: 'backup',
    reason: 'kernel update',
    actor: 'alice',
    isDrill: false,
    expiresAt: '2026-01-31T12:23:53.000Z',
  };
  const of = (over: Partial<RecordStatus>) => formatStatus({ ...REPORT, records: [record('a', over)] }, plain);
  t.match(of({ override }), 'override to backup by alice, for 20m more: kernel update');
  t.match(of({ override: { ...override, expiresAt: null } }), 'by alice, until it is released: kernel update');
});

t.test('formatStatus() shows what is drained, not yet probed, not answered', async (t) => {
  const drained = {
    ...target('primary', '192.0.2.10', { status: 'unknown', since: null, lastProbe: null }),
    drained: true,
  };
  const text = formatStatus({ ...REPORT, records: [record('a', { addresses: [], targets: [drained] })] }, plain);
  t.match(text, /^a {7}primary {2}none /m);
  t.match(
    text,
    /^a {7}primary \(drained\) {2}192\.0\.2\.10 {2}unknown {9}not yet: GET http:\/\/app.example.com\/healthz$/m,
  );
});

t.test('formatStatus() says that a record has no ready backup, unless all are down', async (t) => {
  const backup = (over: Partial<TargetStatus>): TargetStatus => ({ ...target('backup', '198.51.100.20'), ...over });
  const primary = target('primary', '192.0.2.10');
  const whyOf = (spare: TargetStatus, over: Partial<RecordStatus> = {}): string => {
    const records = [record('a', { targets: [primary, spare], ...over })];
    return formatStatus({ ...REPORT, records }, plain);
  };
  const missing = /no other target is ready/;
  t.notMatch(whyOf(backup({})), missing);
  t.match(whyOf(backup({ status: 'down' })), missing);
  t.match(whyOf(backup({ status: 'unknown' })), missing);
  t.match(whyOf(backup({ drained: true })), missing);
  t.notMatch(whyOf(backup({ status: 'down' }), { allDown: true }), missing);
});

t.test('formatStatus() paints the verdict, the active target and the healths', async (t) => {
  const text = formatStatus({ ...REPORT, verdict: 'on_backup', records: [ON_BACKUP] }, { ...plain, hasColour: true });
  t.match(text, '\u001b[33m\u001b[1mON BACKUP\u001b[22m\u001b[39m  1 of');
  t.match(text, '\u001b[33mbackup\u001b[39m');
  t.match(text, '\u001b[31mdown\u001b[39m, passing');
  t.match(text, '\u001b[32mup\u001b[39m');
});
