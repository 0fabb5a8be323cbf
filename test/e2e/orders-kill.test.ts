/**
 * An order that was answered with `committed: true` outlives the process: it is killed with SIGKILL as soon as the answer is
 * there, and the next start, on the same database, answers as ordered.
 */
import t from 'tap';
import { startBackend } from '../helpers/backend.ts';
import { type Served, serve, status } from '../helpers/serve.ts';

const NAME = 'app.example.com';

const ORDERS = [
  { path: 'switch', body: { target: 'backup', force: true } },
  { path: 'targets/primary/drain', body: {} },
  { path: 'release', body: {} },
] as const;

/** How the record stands after all orders up to this one. */
const STANDS = [
  { override: { target: 'backup', reason: 'order 0' }, targets: [{ drained: false }, {}] },
  { override: { target: 'backup', reason: 'order 0' }, targets: [{ drained: true }, {}] },
  { override: null, targets: [{ drained: true }, {}] },
] as const;

t.test('kill -9 right after the answer of an order: what was committed stands after the restart', async (t) => {
  const primary = await startBackend('127.0.0.34');
  const backup = await startBackend('127.0.0.35', primary.port);
  t.teardown(() => Promise.all([primary.kill(), backup.kill()]));
  const directory = t.testdir();
  const config = `
listen: ["127.0.0.1:0"]
admin: {listen: "127.0.0.1:0"}
zones:
  ${NAME}:
    nameservers: {ns1.${NAME}: 127.0.0.1}
    records:
      "@": {primary: 127.0.0.34, backup: 127.0.0.35, check: {url: "http://${NAME}:${primary.port}/", interval: 1s, timeout: 500ms}}
`;
  for (const [index, { path, body }] of ORDERS.entries()) {
    const served = await serve(directory, config);
    t.teardown(() => served.stop('SIGKILL'));
    const isCommitted = await order(served, path, { ...body, reason: `order ${index}`, actor: 'ann' });
    t.equal(await served.stop('SIGKILL'), 'SIGKILL');
    if (!isCommitted) return t.comment(`the disk took more than 100 ms for order ${index}: nothing was promised`);
    const next = await serve(directory, config);
    t.teardown(() => next.stop('SIGKILL'));
    t.match((await status(next)).records[0], STANDS[index], path);
    await next.stop();
  }
});

/** Asks again while the record waits for its first probe round. @returns whether it was on the disk when it was answered */
async function order({ adminUrl }: Served, path: string, body: object): Promise<boolean> {
  for (;;) {
    const response = await fetch(`${adminUrl}/api/v1/records/${NAME}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as { committed: boolean; detail?: string };
    if (response.status === 200) return answer.committed;
    if (!answer.detail?.includes('first probe round')) throw new Error(`${path}: ${answer.detail}`);
  }
}
