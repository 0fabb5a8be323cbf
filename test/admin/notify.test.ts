import t from 'tap';
import type { AuditEntry } from '../../src/runtime/ports.ts';
import { auditInto, fakeHandlers, serveAdmin } from '../helpers/admin.ts';

const DELIVERY = { sink: 'team', format: 'slack', delivered: false, reason: 'it answered 404', elapsedMs: 12 };

t.test('POST /api/v1/notify/test sends the test in the name of who asks, and answers what became of it', async (t) => {
  const actors: string[] = [];
  const testNotify = async (actor: string) => {
    actors.push(actor);
    return [DELIVERY];
  };
  const audited: AuditEntry[] = [];
  const { url } = await serveAdmin(t, fakeHandlers({ testNotify, audit: auditInto(audited) }));
  const post = (body: object) =>
    fetch(`${url}/api/v1/notify/test`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const response = await post({ actor: 'ann', reason: 'new channel' });
  t.equal(response.status, 200);
  t.same(await response.json(), { deliveries: [DELIVERY] });
  t.equal((await post({ actor: 'ann' })).status, 400);
  t.same(actors, ['ann']);
  t.match(audited, [{ actor: 'ann', action: 'notify test', detail: { sinks: 1, delivered: 0 }, outcome: 'done' }]);
});
