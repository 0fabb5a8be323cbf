import t from 'tap';
import { createProbeBuffer, MAX_WAITING_PROBES } from '../../src/history/probe-buffer.ts';
import { ENDPOINT, PROBE, ZONE } from './helpers.ts';

const at = (startedAtEpochMs: number) => ({ ...PROBE, startedAtEpochMs });

t.test('the oldest probes are dropped, and counted, when the database is away for too long', async (t) => {
  const buffer = createProbeBuffer();
  for (let n = 0; n < MAX_WAITING_PROBES * 2; n++) buffer.probe(at(n));
  buffer.putBack(buffer.take({ all: false }));
  t.ok(buffer.waitingCount <= MAX_WAITING_PROBES);
  t.equal(buffer.droppedCount + buffer.waitingCount, MAX_WAITING_PROBES * 2);
  t.equal(buffer.take({ all: false }).reports[0]?.startedAtEpochMs, buffer.droppedCount);
});

t.test('take() gives batches in order, and putBack() puts one in front again', async (t) => {
  const buffer = createProbeBuffer();
  for (let n = 0; n < 7_000; n++) buffer.probe(at(n));
  const first = buffer.take({ all: false });
  t.equal(first.reports.length, 5_000);
  buffer.putBack(first);
  t.same(
    [...buffer.take({ all: false }).reports, ...buffer.take({ all: false }).reports].map(
      (report) => report.startedAtEpochMs,
    ),
    Array.from({ length: 7_000 }, (_, index) => index),
  );
});

t.test('a verdict is written when it changes, its age every 30 s, and all ages at the end', async (t) => {
  const buffer = createProbeBuffer();
  const up = { status: 'up', sinceEpochMs: 1_000 } as const;
  buffer.health(ENDPOINT, up);
  t.same(buffer.take({ all: false }).healths, [{ endpointId: ENDPOINT, health: { ...up, probedAtEpochMs: 1_000 } }]);
  buffer.probe(at(20_000));
  t.same(buffer.take({ all: false }).healths, []);
  t.match(buffer.take({ all: true }).healths, [{ health: { probedAtEpochMs: 20_000 } }]);
  buffer.probe(at(50_000));
  t.match(buffer.take({ all: false }).healths, [{ health: { status: 'up', probedAtEpochMs: 50_000 } }]);
  buffer.probe({ ...at(99_000), outcome: { outcome: 'inconclusive', reason: 'late', detail: '' } });
  t.same(buffer.take({ all: true }).healths, [], 'an inconclusive probe says nothing of the endpoint');
});

t.test('verdicts that could not be written, or were lost with their database, are written again', async (t) => {
  const buffer = createProbeBuffer();
  buffer.health(ENDPOINT, { status: 'down', sinceEpochMs: 1_000 });
  buffer.putBack(buffer.take({ all: false }));
  t.equal(buffer.take({ all: false }).healths.length, 1);
  t.equal(buffer.take({ all: false }).healths.length, 0);
  buffer.forgetWritten();
  t.equal(buffer.take({ all: false }).healths.length, 1);
});

t.test(
  'what is known of serials is handed on once, and again when it could not be written, the newest 1,000',
  async (t) => {
    const buffer = createProbeBuffer();
    const fact = (serial: number) => ({
      atEpochMs: 1,
      zone: ZONE,
      serial,
      event: 'published' as const,
      secondary: null,
    });
    buffer.serial(fact(1));
    const batch = buffer.take({ all: false });
    buffer.serial(fact(2));
    buffer.putBack(batch);
    t.same(
      buffer.take({ all: false }).serials.map(({ serial }) => serial),
      [1, 2],
    );
    t.same(buffer.take({ all: false }).serials, []);
    for (let serial = 1; serial <= 1_500; serial++) buffer.serial(fact(serial));
    const { serials } = buffer.take({ all: false });
    t.same([serials.length, serials[0]?.serial], [1_000, 501]);
  },
);
