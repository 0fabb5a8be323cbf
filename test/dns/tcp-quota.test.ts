import t from 'tap';
import { clearRow, createQuota, createQuotaMemory } from '../../src/dns/tcp-quota.ts';

const client = (n: number): Buffer => Buffer.from([192, 0, n >> 8, n & 255]);

t.test('total() and ofClient() count the connections of all workers', async (t) => {
  const memory = createQuotaMemory();
  for (const row of [0, 1]) clearRow(memory, row);
  const [first, second] = [createQuota(memory, 0), createQuota(memory, 1)];
  first.add(client(1));
  first.add(client(1));
  second.add(client(1));
  second.add(client(2));
  for (const quota of [first, second]) {
    t.equal(quota.total(), 4);
    t.equal(quota.ofClient(client(1)), 3);
    t.equal(quota.ofClient(client(2)), 1);
    t.equal(quota.ofClient(client(3)), 0);
  }
  first.remove(client(1));
  t.equal(second.ofClient(client(1)), 2);
});

t.test('clearRow() takes back what a dead worker had counted, and nothing else', async (t) => {
  const memory = createQuotaMemory();
  for (const row of [0, 1, 2]) clearRow(memory, row);
  for (const row of [0, 1, 2]) createQuota(memory, row).add(client(1));
  clearRow(memory, 1);
  const quota = createQuota(memory, 1);
  t.equal(quota.total(), 2);
  t.equal(quota.ofClient(client(1)), 2);
  t.throws(() => clearRow(memory, 100_000), RangeError);
});

t.test(
  'ofClient() is never too low, and hardly ever too high, with as many clients as the config allows',
  async (t) => {
    const memory = createQuotaMemory();
    clearRow(memory, 0);
    const quota = createQuota(memory, 0);
    for (let n = 0; n < 512; n++) quota.add(client(n));
    const counts = Array.from({ length: 512 }, (_, n) => quota.ofClient(client(n)));
    t.ok(counts.every((count) => count >= 1));
    t.ok(counts.filter((count) => count > 1).length < 200, 'of two buckets the emptier one is its count');
  },
);
