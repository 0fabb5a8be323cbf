import t from 'tap';
import { addLatency, createLatencyCounter, NO_LATENCY } from '../../src/core/latency.ts';

t.test('createLatencyCounter() counts by ranges, upper ends inclusive, and beyond them', async (t) => {
  const counter = createLatencyCounter([1, 10]);
  counter.count(1, 1);
  counter.count(1.5, 3);
  counter.count(11, 2);
  t.same(counter.read(), { counts: [1, 3, 2], sumMs: 1 + 4.5 + 22 });
});

t.test('addLatency() adds range by range; one of nothing changes nothing', async (t) => {
  const a = { counts: [1, 2], sumMs: 3 };
  t.same(addLatency(a, { counts: [4, 5], sumMs: 6 }), { counts: [5, 7], sumMs: 9 });
  t.same(addLatency(NO_LATENCY, a), a);
  t.same(addLatency(a, NO_LATENCY), a);
});
