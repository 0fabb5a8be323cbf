/** The small pure parts of the page. */
import fc from 'fast-check';
import t from 'tap';
import { clock, duration, latency, percent } from '../../../src/admin/dashboard/public/lib/format.js';
import { createEventParser } from '../../../src/admin/dashboard/public/lib/sse.js';
import { answerBands, boundsOf, panned, ticksOf, zoomed } from '../../../src/admin/dashboard/public/model/axis.js';
import { newForm, previewText, requestOf } from '../../../src/admin/dashboard/public/model/orders.js';
import { badgeOf, cachesHoldMs, digLine, healthOf } from '../../../src/admin/dashboard/public/model/record.js';
import { select, visibleSlice } from '../../../src/admin/dashboard/public/model/select.js';
import { placeOf } from '../../../src/admin/dashboard/public/model/ui.js';
import { failedOver, recordOf, targetOf } from '../../helpers/dashboard-world.ts';

t.test('duration(), latency() and percent() round so that nothing looks better than it is', async (t) => {
  t.same([-5, 999, 59_999, 130_000, 600_000, 11_100_000, 86_400_000, 180_000_000].map(duration), [
    '0 s',
    '0 s',
    '59 s',
    '2 min 10 s',
    '10 min',
    '3 h 5 min',
    '1 day',
    '2 days 2 h',
  ]);
  t.same([0.42, 9, 12.6, 1_340, 2_000].map(latency), ['0.4 ms', '9 ms', '13 ms', '1.3 s', '2 s']);
  t.same([1, 0.99999, 0.9731, 0, null].map(percent), ['100 %', '99.99 %', '97.31 %', '0.00 %', '–']);
});

t.test('clock() names the day of what is not of today', async (t) => {
  const noon = new Date(2026, 0, 31, 12, 3, 7).getTime();
  t.equal(clock(noon, noon), '12:03:07');
  t.equal(clock(noon, noon + 86_400_000), '31 Jan 12:03');
  t.equal(clock(noon, noon + 400 * 86_400_000), '31 Jan 2026 12:03');
});

t.test('createEventParser() finds the same events wherever the text is cut (WHATWG HTML §9.2.6)', async (t) => {
  const text = ': hello\n\nretry: 2000\nid: 1-1\n\nevent: record\ndata: {"a":\ndata: 1}\n\n:\n\ndata:x\r\n\r\n';
  const whole = createEventParser()(text);
  t.same(whole, [
    { kind: 'record', data: '{"a":\n1}' },
    { kind: 'message', data: 'x' },
  ]);
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), text.length];
      const parse = createEventParser();
      const events = places.slice(1).flatMap((end, index) => parse(text.slice(places[index], end)));
      t.same(events, whole);
    }),
    { numRuns: 60 },
  );
});

t.test('select() finds by every word, filters, and puts the worst first', async (t) => {
  const records = [
    recordOf('b.example.com'),
    recordOf('a.example.com'),
    failedOver('z.example.com'),
    recordOf('y.example.com', { allDown: true }),
    recordOf('x.example.com', { targets: [targetOf('primary', '192.0.2.10')] }),
  ];
  const names = (over: object) =>
    select(records, { search: '', filter: 'all', sort: 'worst', ...over }).map(({ record }) => record[0]);
  t.same(names({}), ['y', 'z', 'x', 'a', 'b']);
  t.same(names({ sort: 'name' }), ['a', 'b', 'x', 'y', 'z']);
  t.same(names({ sort: 'recent' })[0], 'z');
  t.same(names({ search: ' EXAMPLE z' }), ['z']);
  t.same(names({ search: '198.51.100.20', filter: 'backup' }), ['z']);
  t.same(names({ filter: 'down' }), ['y']);
  t.same(names({ filter: 'attention' }), ['y', 'z', 'x']);
});

t.test('visibleSlice() holds all that is in sight, and little more', async (t) => {
  fc.assert(
    fc.property(
      fc.nat(2_000),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: -200_000, max: 500 }),
      (count, columns, topPx) => {
        const { first, end, heightPx } = visibleSlice({ count, columns, stepPx: 64, topPx, viewPx: 900 });
        for (let index = 0; index < count; index++) {
          const y = topPx + Math.floor(index / columns) * 64;
          if (y + 64 > 0 && y < 900) t.ok(index >= first && index < end);
        }
        t.ok(end - first <= 20 * columns && heightPx === Math.ceil(count / columns) * 64);
      },
    ),
    { numRuns: 50 },
  );
});

t.test('zoomed() leaves the time under the pointer where it is, and what follows now following', async (t) => {
  const now = 1_000_000_000;
  const range = { spanMs: 3_600_000, endMs: now - 7_200_000 };
  const around = now - 9_000_000;
  const place = ({ fromMs, toMs }: { fromMs: number; toMs: number }) => (around - fromMs) / (toMs - fromMs);
  const closer = zoomed(range, 0.5, around, now);
  t.ok(Math.abs(place(boundsOf(closer, now)) - place(boundsOf(range, now))) < 1e-9);
  t.equal(zoomed({ spanMs: 3_600_000, endMs: null }, 0.5, now - 9, now).endMs, null);
  t.equal(panned(range, 1e12, now).endMs, null, 'there is no future');
});

t.test('ticksOf() gives round times within the bounds, and not too many', async (t) => {
  const toMs = new Date(2026, 0, 31, 12, 3, 7).getTime();
  for (const spanMs of [60_000, 3_600_000, 86_400_000, 30 * 86_400_000]) {
    const ticks = ticksOf({ fromMs: toMs - spanMs, toMs }, 900);
    t.ok(ticks.length >= 2 && ticks.length <= 11, `${ticks.length} for ${spanMs}`);
    t.ok(ticks.every(({ atMs }) => atMs >= toMs - spanMs && atMs <= toMs && new Date(atMs).getSeconds() % 5 === 0));
  }
});

t.test('answerBands() covers the time from the first that is known to the end', async (t) => {
  const at = (second: number, fromTarget: string, toTarget: string) => ({
    ...{ at: new Date(second * 1_000).toISOString(), fromTarget, toTarget, cause: 'failover', record: 'a', actor: '' },
    ...{ fromAddresses: [], toAddresses: [], reason: '', serial: 1, detectedMs: null },
  });
  const bands = answerBands([at(30, 'backup', 'primary'), at(10, 'primary', 'backup')], { fromMs: 0, toMs: 40_000 });
  t.same(
    bands.map(({ fromMs, toMs, target }) => [fromMs, toMs, target]),
    [
      [0, 10_000, 'primary'],
      [10_000, 30_000, 'backup'],
      [30_000, 40_000, 'primary'],
    ],
  );
});

t.test('a record is told in words: its state, its health, its line for dig', async (t) => {
  t.match(badgeOf(recordOf('a'), 'live'), { tone: 'ok', word: 'ok' });
  t.match(badgeOf(recordOf('a'), 'held'), { tone: 'lost', word: 'not checked' });
  t.match(badgeOf(recordOf('a'), 'stale'), { tone: 'lost', word: 'was ok' });
  t.match(badgeOf(failedOver('a'), 'live'), { tone: 'warn', word: 'on backup' });
  t.match(badgeOf(recordOf('a', { targets: [targetOf('primary', '192.0.2.10')] }), 'live'), { word: 'no spare' });
  const [endpoint] = targetOf('primary', '192.0.2.10').endpoints;
  if (!endpoint) throw new Error('no endpoint');
  t.equal(healthOf({ ...endpoint, progress: { count: 2, of: 3 } }), 'up, 2/3 fails');
  t.equal(healthOf({ ...endpoint, status: 'down', progress: { count: 1, of: 2 } }), 'down, 1/2 passes');
  t.equal(digLine(recordOf('a.b'), ['127.0.0.1:5353'], 'x'), 'dig @127.0.0.1 -p 5353 a.b +short');
  t.equal(digLine(recordOf('a.b', { family: '6' }), ['0.0.0.0:53'], 'dns1'), 'dig @dns1 a.b AAAA +short');
  t.equal(digLine(recordOf('a.b'), ['[::]:53'], '[2001:db8::1]'), 'dig @2001:db8::1 a.b +short');
});

t.test('cachesHoldMs() counts the TTL down from the switch; a start has replaced nothing', async (t) => {
  const record = failedOver('a', { since: new Date(100_000).toISOString(), ttlSeconds: 10 });
  t.same(
    [100_000, 102_000, 110_000, 999_000].map((now) => cachesHoldMs(record, now)),
    [10_000, 8_000, 0, 0],
  );
  t.equal(cachesHoldMs({ ...record, cause: 'start' }, 100_000), 0);
});

t.test('requestOf() and previewText() say what an order does', async (t) => {
  const order = { kind: 'switch', record: 'a', target: 'backup' } as const;
  const form = { ...newForm(order, ' mira '), reason: ' kernel ' };
  t.same(requestOf(order, form), {
    path: ['switch'],
    body: { reason: 'kernel', actor: 'mira', target: 'backup', forMs: 1_800_000, force: false },
  });
  t.same(requestOf({ ...order, kind: 'drain' }, form).path, ['targets', 'backup', 'drain']);
  const primary = { target: 'primary', addresses: ['192.0.2.10'] };
  const backup = { target: 'backup', addresses: ['198.51.100.20'] };
  t.equal(
    previewText({ wouldAnswer: backup, from: primary, warnings: [] }, form, 10, 'switch'),
    'The answer becomes 198.51.100.20 (backup) instead of 192.0.2.10 (primary). Caches follow within 10 s. It ends by itself after 30 min.',
  );
  t.equal(
    previewText({ wouldAnswer: primary, from: primary, warnings: [] }, form, 10, 'drain'),
    'The answer stays 192.0.2.10 (primary).',
  );
});

t.test('placeOf() reads the address', async (t) => {
  t.same(placeOf(''), { page: 'records', key: null });
  t.same(placeOf('#/server'), { page: 'server', key: null });
  t.same(placeOf('#/record/a.example.com%2F6'), { page: 'record', key: 'a.example.com/6' });
  t.same(placeOf('#/record/%'), { page: 'record', key: '%' });
});
