import { readFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';
import type { Transition } from '../../src/core/transition.ts';
import { openForWriting } from '../../src/history/database.ts';
import { pruneBatch } from '../../src/history/prune.ts';
import { readHistory } from '../../src/history/queries.ts';
import { createWriter } from '../../src/history/writer.ts';
import type { Explanation } from '../../src/runtime/explanation.ts';
import type { SerialFact } from '../../src/runtime/ports.ts';
import { ENDPOINT, EVIDENCE, PROBE, RECORD, STATE, transition, ZONE } from './helpers.ts';

const DECIDED_MS = STATE.sinceEpochMs;
const PASSED = { ...PROBE, outcome: { outcome: 'pass' }, startedAtEpochMs: DECIDED_MS - 9_000 } as const;
const PROBE_AT = new Date(PROBE.startedAtEpochMs).toISOString();
const COUNTER = { status: 'up', count: 0, of: 3 } as const;

const fact = (
  afterMs: number,
  serial: number,
  event: SerialFact['event'],
  over: Partial<SerialFact> = {},
): SerialFact => ({
  ...{ atEpochMs: DECIDED_MS + afterMs, zone: ZONE, serial, event },
  secondary: event === 'published' ? null : '198.51.100.53:53',
  ...over,
});

function make(t: Test, transitions: readonly Transition[], serials: readonly SerialFact[]) {
  const file = path.join(t.testdir(), 'failoverd.db');
  const opened = openForWriting(file);
  if (opened.kind !== 'open') throw new Error(opened.reason);
  const writer = createWriter(opened.db);
  writer.commit(
    'run',
    transitions.map((each, i) => ({ transition: each, state: null, seq: i + 1 })),
    null,
    0,
  );
  writer.probes({ reports: [], healths: [], serials });
  t.teardown(() => opened.db.close());
  return { file, db: opened.db };
}

function explain(file: string, id = 1): Explanation | null {
  const read = readHistory(file, (queries) => queries.explanation(id));
  if (!read.ok) throw new Error(read.reason);
  return read.value;
}

const failover = (serial: number, over: Partial<Transition> = {}) =>
  transition(serial, { evidence: { ...EVIDENCE, lastPass: { ...PASSED, counter: COUNTER } }, ...over });

t.test('explanation() tells the way of the serial, and measures the outage with the TTL', async (t) => {
  const { file } = make(
    t,
    [failover(7)],
    [
      fact(-1000, 6, 'published'),
      fact(-900, 6, 'served'),
      fact(20, 7, 'published'),
      fact(30, 7, 'published', { zone: RECORD }),
      fact(80, 7, 'acknowledged'),
      fact(400, 9, 'served'),
    ],
  );
  const at = (afterMs: number) => new Date(DECIDED_MS + afterMs).toISOString();
  t.match(explain(file), {
    zone: 'example.com',
    publishedAt: at(20),
    secondaries: [{ secondary: '198.51.100.53:53', acknowledgedAt: at(80), servedAt: at(400) }],
    movedBy: at(10_400),
    outage: { lastGoodAt: at(-9000), firstBadAt: PROBE_AT, decidedAt: at(0), publishedAt: at(20), atMostMs: 19_400 },
    probes: [{ target: 'primary', address: '192.0.2.10', httpStatus: 503, bodySample: PROBE.bodySample }],
    endpoints: [{ endpoint: ENDPOINT, before: { status: 'up', count: 2, of: 3 }, fall: 3 }],
  });
});

t.test('explanation() does not say when clients had moved while a secondary was not seen to serve it', async (t) => {
  const { file } = make(t, [failover(7)], [fact(-1000, 6, 'served'), fact(20, 7, 'published'), fact(50, 6, 'served')]);
  t.match(explain(file), {
    secondaries: [{ secondary: '198.51.100.53:53', acknowledgedAt: null, servedAt: null }],
    movedBy: null,
    outage: { atMostMs: null },
  });
});

t.test('explanation() orders serials in their circle (RFC 1982 §3.2)', async (t) => {
  const { file } = make(t, [failover(2 ** 32 - 1)], [fact(20, 1, 'published')]);
  t.equal(explain(file)?.publishedAt, new Date(DECIDED_MS + 20).toISOString());
});

t.test('explanation() names the transitions before and after, of the same family', async (t) => {
  const of = (serial: number, family: '' | '4' | '6') => failover(serial, { evidence: { ...EVIDENCE, family } });
  const { file } = make(t, [of(1, '4'), of(2, '6'), of(3, '4'), of(4, '6')], []);
  t.match(explain(file, 3), { previous: { id: 1 }, next: null });
  t.match(explain(file, 2), { previous: null, next: { id: 4, cause: 'failover', toTarget: 'backup' } });
  t.equal(explain(file, 9), null);
});

t.test('explanation() of what an earlier release has written says what it knows', async (t) => {
  const file = path.join(t.testdir(), 'failoverd.db');
  new Database(file).exec(readFileSync(path.join(import.meta.dirname, 'schemas', '2.sql'), 'utf8')).close();
  const opened = openForWriting(file);
  if (opened.kind !== 'open') return t.fail(opened.reason);
  opened.db.close();
  t.match(explain(file), {
    rule: 'active down, another up',
    ...{ row: null, zone: null, ttlSeconds: null, generation: null, publishedAt: null, movedBy: null, isDrill: false },
    outage: { lastGoodAt: null, atMostMs: null },
    probes: [{ endpoint: ENDPOINT, address: '192.0.2.10', target: null, counter: null }],
    endpoints: [],
  });
});

t.test('pruneBatch() lets go of serials with the transitions, and of none before', async (t) => {
  const { db } = make(t, [failover(7)], [fact(20, 7, 'published')]);
  const left = () => db.prepare('SELECT count(*) FROM serial_log').pluck().get();
  const prune = (transitionsMs: number | 'forever') =>
    pruneBatch(db, 'run', {
      kind: 'prune',
      nowEpochMs: DECIDED_MS + 60_000,
      probesMs: 0,
      transitionsMs,
      afterEndpoint: 0,
    });
  prune('forever');
  t.equal(left(), 1);
  prune(90_000);
  t.equal(left(), 1);
  prune(30_000);
  t.equal(left(), 0);
});
