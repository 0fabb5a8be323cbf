import path from 'node:path';
import Database from 'better-sqlite3';
import t from 'tap';
import type { OwnerName } from '../../src/core/name.ts';
import { createHistory } from '../../src/history/history.ts';
import { readHistory } from '../../src/history/queries.ts';
import {
  clock,
  commitEntry,
  ENDPOINT,
  EVIDENCE,
  memoryLog,
  PROBE,
  RECORD,
  STATE,
  transition,
  ZONE,
} from './helpers.ts';

/** A busy machine must not make a commit wait in vain: the 100 ms become 10 s. */
const patient = { ...clock, setTimer: (delayMs: number, done: () => void) => clock.setTimer(delayMs * 100, done) };

function open(file: string) {
  const log = memoryLog();
  return { history: createHistory({ path: file, clock: patient, log }), log };
}

t.test('restore() of a database that does not exist is empty and makes it', async (t) => {
  const file = path.join(t.testdir(), 'failoverd.db');
  const { history, log } = open(file);
  const { records, serials, endpoints } = await history.restore();
  t.same([records.size, serials.size, endpoints.size], [0, 0, 0]);
  t.same(history.status(), { status: 'ok' });
  await history.close();
  const db = new Database(file, { readonly: true });
  t.equal(db.pragma('application_id', { simple: true }), 0x666f7664);
  t.equal(db.pragma('journal_mode', { simple: true }), 'wal');
  db.close();
  t.same(log.lines, []);
});

t.test('commit() writes the row, the state and the serial in one transaction', async (t) => {
  const file = path.join(t.testdir(), 'failoverd.db');
  const { history } = open(file);
  await history.restore();
  t.equal(await history.commit(commitEntry(2026073101)), 'committed');
  const db = new Database(file, { readonly: true });
  t.same(db.prepare('SELECT * FROM failover_history').all(), [
    {
      id: 1,
      at: '2026-07-31T12:00:03.456Z',
      record: 'app.example.com',
      cause: 'failover',
      from_target: 'primary',
      to_target: 'backup',
      from_addresses: '["192.0.2.10"]',
      to_addresses: '["198.51.100.20"]',
      reason: 'primary 192.0.2.10: status 503 ×3',
      evidence: JSON.stringify({ isDrill: false, ...EVIDENCE }),
      actor: 'prober',
      serial: 2026073101,
      first_fail_at: '2026-07-31T12:00:00.123Z',
      detected_ms: 3333,
    },
  ]);
  t.match(db.prepare('SELECT * FROM record_state').all(), [
    {
      record: 'app.example.com',
      family: '',
      active_target: 'backup',
      since: '2026-07-31T12:00:03.456Z',
      transition_id: 1,
    },
  ]);
  t.match(db.prepare('SELECT * FROM zone_serials').all(), [{ zone: 'example.com', serial: 2026073101 }]);
  db.close();
  await history.close();
});

t.test('restore() brings back what was committed', async (t) => {
  const file = path.join(t.testdir(), 'failoverd.db');
  const first = open(file);
  await first.history.restore();
  const override = {
    target: 'backup',
    reason: 'upgrade',
    actor: 'ann',
    setAtEpochMs: 1_000,
    expiresAtEpochMs: 2_000,
    isDrill: true,
  };
  const rich = {
    ...STATE,
    override,
    drained: ['backup2'],
    failbackPenalty: 2,
    lastFailback: { nowMs: 77, epochMs: 5_000 },
  };
  await first.history.commit(commitEntry(7));
  await first.history.commit({ transition: null, state: { record: RECORD, family: '', state: rich } });
  const other = 'other.example.com.' as OwnerName;
  await first.history.commit({
    transition: transition(8, {
      record: other,
      cause: 'start',
      fromTarget: null,
      fromAddresses: null,
      reason: 'first probes',
    }),
    state: { record: other, family: '6', state: { ...STATE, allDown: true, addresses: [] } },
  });
  const third = 'third.example.' as OwnerName;
  await first.history.commit({ transition: null, state: null, serial: { zone: third, serial: 9 } });
  first.history.recordHealth(ENDPOINT, { status: 'down', sinceEpochMs: 9_000 });
  first.history.recordProbe(PROBE);
  await first.history.close();

  const second = open(file);
  const restored = await second.history.restore();
  t.same(restored.records.get(RECORD), [
    {
      record: RECORD,
      family: '',
      state: { ...rich, lastFailback: { nowMs: 0, epochMs: 5_000 } },
      lastTransition: { atEpochMs: STATE.sinceEpochMs, cause: 'failover', reason: 'primary 192.0.2.10: status 503 ×3' },
    },
  ]);
  t.match(restored.records.get(other), [
    {
      family: '6',
      state: { allDown: true, addresses: [] },
      lastTransition: { cause: 'start', reason: 'first probes' },
    },
  ]);
  t.same([...restored.serials].sort(), [
    [ZONE, 8],
    [third, 9],
  ]);
  t.same(
    [...restored.endpoints],
    [[ENDPOINT, { status: 'down', sinceEpochMs: 9_000, probedAtEpochMs: PROBE.startedAtEpochMs }]],
  );
  await second.history.close();
});

t.test('restore() skips a row that makes no sense, with a line in the log', async (t) => {
  const file = path.join(t.testdir(), 'failoverd.db');
  const first = open(file);
  await first.history.restore();
  await first.history.commit(commitEntry(7));
  await first.history.close();
  const db = new Database(file);
  db.pragma('ignore_check_constraints = ON');
  db.exec(`INSERT INTO record_state SELECT 'bad.example.com', family, active_target, '{"no', all_down, since, NULL, NULL, NULL,
    NULL, NULL, drained, failback_penalty, NULL, NULL, 0 FROM record_state`);
  db.close();
  const { history, log } = open(file);
  const { records } = await history.restore();
  t.same([...records.keys()], [RECORD]);
  t.match(log.lines, [{ level: 'error', message: /skipped a row .* record_state: / }]);
  await history.close();
});

t.test('recordProbe() keeps each probe as it was, readable beside the running daemon', async (t) => {
  const file = path.join(t.testdir(), 'failoverd.db');
  const { history } = open(file);
  await history.restore();
  const { status: _s, bodySample: _b, bodySha256: _h, ...bare } = PROBE;
  history.recordProbe(PROBE);
  history.recordProbe({
    ...bare,
    trigger: 'confirm',
    outcome: { outcome: 'pass' },
    phasesMs: {},
    certificateExpiresAtEpochMs: 0,
  });
  history.recordProbe({ ...bare, outcome: { outcome: 'inconclusive', reason: 'EMFILE', detail: 'too many files' } });
  await history.close();
  const read = readHistory(file, (reader) => reader.probes({ endpointIds: [ENDPOINT], limit: 10 }));
  t.match(read, {
    ok: true,
    value: [
      { trigger: 'interval', outcome: 'inconclusive', reason: 'EMFILE', phase: null, detail: 'too many files' },
      {
        trigger: 'confirm',
        outcome: 'pass',
        reason: null,
        phasesMs: null,
        certificateExpiresAt: '1970-01-01T00:00:00.000Z',
      },
      {
        at: '2026-07-31T12:00:00.123Z',
        endpoint: ENDPOINT,
        outcome: 'fail',
        reason: 'status',
        phase: 'headers',
        detail: '503',
        elapsedMs: 12.3,
        phasesMs: { connect: 1.1, headers: 10.2 },
        httpStatus: 503,
        bodySample: 'down for maintenance',
      },
    ],
  });
});
