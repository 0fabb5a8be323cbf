import t, { type Test } from 'tap';
import type { AdminHandlers } from '../../src/admin/routes.ts';
import type { Orders } from '../../src/runtime/orders.ts';
import type { AuditEntry } from '../../src/runtime/ports.ts';
import { auditInto, fakeHandlers, serveAdmin } from '../helpers/admin.ts';
import { fakeOrders } from '../helpers/orders.ts';

const BY = { reason: 'kernel update', actor: 'alice' };

async function serve(
  t: Test,
  orders: Orders,
  token: string | null = null,
  over: Partial<AdminHandlers> = {},
): Promise<string> {
  const server = await serveAdmin(t, fakeHandlers({ orders, ...over }), { token, publicRead: true });
  return `${server.url}/api/v1/records`;
}

function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(url, { method: 'POST', body: text, headers: { 'content-type': 'application/json', ...headers } });
}

t.test('each order reaches the record that its path names, with who and why', async (t) => {
  const orders = fakeOrders();
  const base = await serve(t, orders);
  const wanted: readonly (readonly [string, object, unknown[]])[] = [
    [
      'switch',
      { target: 'backup' },
      ['switchTo', 'app.example.com.', { ...BY, target: 'backup', forMs: null, force: false }],
    ],
    [
      'switch',
      { target: 'backup', forMs: 60_000, force: true },
      ['switchTo', 'app.example.com.', { ...BY, target: 'backup', forMs: 60_000, force: true }],
    ],
    ['release', {}, ['release', 'app.example.com.', BY]],
    ['failback', {}, ['failback', 'app.example.com.', BY]],
    ['targets/primary/drain', {}, ['drain', 'app.example.com.', 'primary', BY]],
    ['targets/primary/undrain', {}, ['undrain', 'app.example.com.', 'primary', BY]],
    ['drill', { forMs: 60_000 }, ['drill', 'app.example.com.', { ...BY, forMs: 60_000 }]],
  ];
  for (const [path, body, call] of wanted) {
    const response = await post(`${base}/APP.example.com/${path}`, { ...body, ...BY });
    t.equal(response.status, 200, path);
    t.same(orders.calls.at(-1), call, path);
    t.equal(((await response.json()) as { record: string }).record, 'app.example.com', 'as people write it');
  }
});

t.test('an order that cannot be carried out is 409 with the reason (RFC 9457)', async (t) => {
  const base = await serve(t, fakeOrders('backup is down; force the switch if you must'));
  const response = await post(`${base}/app.example.com/switch`, { target: 'backup', ...BY });
  t.equal(response.status, 409);
  t.equal(response.headers.get('content-type'), 'application/problem+json');
  t.match(await response.json(), { status: 409, detail: 'backup is down; force the switch if you must' });
});

t.test('what is no order is refused with what it lacks, and orders nothing', async (t) => {
  const orders = fakeOrders();
  const base = await serve(t, orders);
  const bad: readonly (readonly [string, unknown, number, RegExp])[] = [
    ['app.example.com/release', 'nonsense', 400, /not JSON/],
    ['app.example.com/release', [], 400, /JSON object/],
    ['app.example.com/release', { actor: 'alice' }, 400, /"reason"/],
    ['app.example.com/release', { reason: 'x' }, 400, /"actor"/],
    ['app.example.com/release', { ...BY, reason: 'two\nlines' }, 400, /one line/],
    ['app.example.com/switch', BY, 400, /"target"/],
    ['app.example.com/switch', { ...BY, target: 'backup', forMs: 1 }, 400, /"forMs"/],
    ['app.example.com/switch', { ...BY, target: 'backup', force: 'yes' }, 400, /"force"/],
    ['a..b/release', BY, 404, /no domain name/],
  ];
  for (const [path, body, status, detail] of bad) {
    const response = await post(`${base}/${path}`, body);
    t.equal(response.status, status, path);
    t.match(((await response.json()) as { detail: string }).detail, detail);
  }
  const form = await post(`${base}/app.example.com/release`, BY, { 'content-type': 'text/plain' });
  t.equal(form.status, 400, 'what a form of another site could send');
  t.equal((await fetch(`${base}/app.example.com/release`)).status, 405);
  t.same(orders.calls, []);
});

t.test('an order needs the token, also where reading is public, and none from another origin', async (t) => {
  const orders = fakeOrders();
  const base = await serve(t, orders, 'a-long-enough-token-for-a-test');
  t.equal((await post(`${base}/app.example.com/release`, BY)).status, 401);
  const authorization = 'Bearer a-long-enough-token-for-a-test';
  const foreign = await post(`${base}/app.example.com/release`, BY, { authorization, origin: 'http://evil.example' });
  t.equal(foreign.status, 403);
  t.same(orders.calls, []);
  t.equal((await post(`${base}/app.example.com/release`, BY, { authorization })).status, 200);
});

t.test(
  'an order with the generation that was seen is carried out, a stale one is 412 (RFC 9110 §13.1.1)',
  async (t) => {
    const orders = fakeOrders(null, 7);
    const audited: AuditEntry[] = [];
    const base = await serve(t, orders, null, { audit: auditInto(audited) });
    const release = (tag: string) => post(`${base}/app.example.com/release`, BY, { 'if-match': tag });
    const stale = await release('"6"');
    t.equal(stale.status, 412);
    t.equal(stale.headers.get('etag'), '"7"');
    t.match(await stale.json(), { detail: /its generation is 7 now; look again/ });
    t.same(orders.calls, []);
    for (const tag of ['"7"', '"6", "7"', '*']) t.equal((await release(tag)).status, 200, tag);
    t.equal(orders.calls.length, 3);
    t.match(audited, [{ outcome: 'refused: the record has changed since' }, { outcome: 'done' }, {}, {}]);
  },
);

t.test('a dry run says what would be answered, changes nothing and is in no audit', async (t) => {
  const orders = fakeOrders();
  const base = await serve(t, orders);
  const response = await post(`${base}/app.example.com/switch`, { ...BY, target: 'backup', dryRun: true });
  t.match(await response.json(), { from: { target: 'primary' }, wouldAnswer: { target: 'backup' }, warnings: [] });
  t.match(orders.calls, [['preview switchTo', 'app.example.com.']]);
});

t.test('every order is in the audit with who, why and what came of it', async (t) => {
  const audited: AuditEntry[] = [];
  const audit = auditInto(audited);
  const done = await serve(t, fakeOrders(), null, { audit });
  await post(`${done}/app.example.com/switch`, { ...BY, target: 'backup', forMs: 60_000, note: 'kept nowhere' });
  await post(`${done}/app.example.com/targets/primary/drain`, BY);
  const refusing = await serve(t, fakeOrders('backup is down'), null, { audit });
  await post(`${refusing}/app.example.com/switch`, { ...BY, target: 'backup' });
  t.match(audited, [
    {
      ...BY,
      action: 'switch',
      record: 'app.example.com',
      detail: { target: 'backup', forMs: 60_000 },
      outcome: 'done',
    },
    { ...BY, action: 'drain', record: 'app.example.com', detail: { target: 'primary' }, outcome: 'done' },
    { ...BY, action: 'switch', detail: { target: 'backup' }, outcome: 'refused: backup is down' },
  ]);
  t.notHas(audited[0]?.detail, 'note');
});

t.test('an order for a record that does not exist is 404', async (t) => {
  const base = await serve(t, fakeOrders(null, null));
  t.equal((await post(`${base}/other.example.com/release`, BY)).status, 404);
});

t.test('an order is answered when its commit has settled, and says whether it is on the disk', async (t) => {
  const disk = Promise.withResolvers<'committed' | 'queued'>();
  const base = await serve(t, fakeOrders(), null, { audit: () => disk.promise });
  let isAnswered = false;
  const asked = post(`${base}/app.example.com/release`, BY).finally(() => {
    isAnswered = true;
  });
  t.equal(
    (await post(`${base}/app.example.com/release`, { ...BY, dryRun: true })).status,
    200,
    'a later one is answered',
  );
  t.notOk(isAnswered);
  disk.resolve('queued');
  t.match(await (await asked).json(), { order: 'release', committed: false });
  t.match(await (await post(`${await serve(t, fakeOrders())}/app.example.com/release`, BY)).json(), {
    committed: true,
  });
});
