import t, { type Test } from 'tap';
import type { HistoryReader } from '../../src/runtime/ports.ts';
import { fakeHandlers, fakeReader, serveAdmin } from '../helpers/admin.ts';
import { fakeOrders } from '../helpers/orders.ts';

async function serve(t: Test, over: Partial<HistoryReader>, token: string | null = null): Promise<string> {
  const server = await serveAdmin(t, fakeHandlers({ reader: fakeReader(over) }), { token, publicRead: false });
  return `${server.url}/api/v1`;
}

t.test('a transition is explained by its number', async (t) => {
  const asked: number[] = [];
  const base = await serve(t, {
    async explanation(id) {
      asked.push(id);
      return { ok: true, value: { id, cause: 'failover' } as never };
    },
  });
  const response = await fetch(`${base}/transitions/42`);
  t.same([response.status, await response.json(), asked], [200, { id: 42, cause: 'failover' }, [42]]);
});

t.test('a number that no transition has, and what is no number, are 404 (RFC 9110 §15.5.5)', async (t) => {
  const base = await serve(t, {});
  for (const id of ['42', '0', '-1', '1e3', '9'.repeat(40), '%2e%2e']) {
    const response = await fetch(`${base}/transitions/${id}`);
    t.equal(response.status, 404, id);
    t.equal(response.headers.get('content-type'), 'application/problem+json');
  }
});

t.test('a database that cannot be read is 503 with the reason', async (t) => {
  const refused = async () => ({ ok: false, reason: 'failoverd.db: it is locked by another process' }) as const;
  const base = await serve(t, { explanation: refused, drill: refused });
  for (const path of ['transitions/1', 'records/app.example.com/drill']) {
    const response = await fetch(`${base}/${path}`);
    t.equal(response.status, 503, path);
    t.match(await response.json(), { detail: /locked/ });
  }
});

t.test('the last drill of a record is reported, by its name in any letter case', async (t) => {
  const base = await serve(t, {
    drill: async (record) => ({ ok: true, value: record === 'app.example.com.' ? ({ record } as never) : null }),
  });
  t.equal((await fetch(`${base}/records/APP.example.com/drill`)).status, 200);
  t.equal((await fetch(`${base}/records/new.example.com/drill`)).status, 404);
  t.equal((await fetch(`${base}/records/a..b/drill`)).status, 404);
});

t.test('explanations need the token where reads do', async (t) => {
  const base = await serve(t, {}, 'a-long-enough-token-for-a-test');
  for (const path of ['transitions/1', 'records/app.example.com/drill']) {
    t.equal((await fetch(`${base}/${path}`)).status, 401, path);
  }
});

t.test('a drill is ordered with its time, who and why', async (t) => {
  const orders = fakeOrders();
  const server = await serveAdmin(t, fakeHandlers({ orders }), { publicRead: true });
  const post = (body: object) =>
    fetch(`${server.url}/api/v1/records/app.example.com/drill`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'quarterly drill', actor: 'alice', ...body }),
    });
  for (const forMs of [undefined, null, 999, '2m', 1.5]) t.equal((await post({ forMs })).status, 400, `${forMs}`);
  t.same(orders.calls, []);
  t.equal((await post({ forMs: 120_000 })).status, 200);
  t.same(orders.calls, [['drill', 'app.example.com.', { reason: 'quarterly drill', actor: 'alice', forMs: 120_000 }]]);
});
