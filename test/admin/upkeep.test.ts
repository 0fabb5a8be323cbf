import t from 'tap';
import type { AuditEntry } from '../../src/runtime/ports.ts';
import type { ReloadOutcome } from '../../src/runtime/reload.ts';
import { auditInto, fakeHandlers, serveAdmin } from '../helpers/admin.ts';

const BY = { reason: 'a new backup', actor: 'alice' };

function post(url: string, body: object, more: Record<string, string> = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...more };
  return fetch(url, { method: 'POST', body: JSON.stringify(body), headers });
}

t.test('POST /api/v1/reload answers what has changed, or every problem with its place', async (t) => {
  const problems = [{ file: 'failoverd.yaml', line: 9, column: 5, severity: 'error', message: 'unknown key' }] as const;
  const outcomes: ReloadOutcome[] = [
    { ok: true, message: 'reloaded failoverd.yaml: 1 record added', changes: '1 record added', notes: [] },
    { ok: false, message: '1 error in failoverd.yaml; the old config stays in force', problems },
    { ok: false, message: '127.0.0.1:53 is taken; the old config stays in force', problems: [] },
  ];
  const audited: AuditEntry[] = [];
  const reload = async (): Promise<ReloadOutcome> => outcomes.shift() as ReloadOutcome;
  const { url } = await serveAdmin(t, fakeHandlers({ reload, audit: auditInto(audited) }));
  const done = await post(`${url}/api/v1/reload`, BY);
  t.same([done.status, await done.json()], [200, { ok: true, changes: '1 record added', notes: [] }]);
  const refused = await post(`${url}/api/v1/reload`, BY);
  t.match([refused.status, await refused.json()], [422, { detail: /^1 error in failoverd.yaml/, problems }]);
  const taken = await post(`${url}/api/v1/reload`, BY);
  t.match([taken.status, await taken.json()], [422, { detail: /^127.0.0.1:53 is taken/ }]);
  t.match(audited, [
    { ...BY, action: 'reload', record: null, outcome: 'done' },
    { outcome: /^refused: 1 error/ },
    { outcome: /^refused: 127/ },
  ]);
  t.equal((await post(`${url}/api/v1/reload`, {})).status, 400, 'who orders it, and why, must be said');
});

t.test('POST /api/v1/check probes the endpoints of a record now', async (t) => {
  const audited: AuditEntry[] = [];
  const probeNow = (record: string): readonly string[] | null =>
    record === 'app.example.com.' ? ['192.0.2.10 tcp 80'] : null;
  const { url } = await serveAdmin(t, fakeHandlers({ probeNow, audit: auditInto(audited) }));
  const done = await post(`${url}/api/v1/check`, { ...BY, record: 'App.example.com' });
  t.same(await done.json(), { record: 'app.example.com', endpoints: ['192.0.2.10 tcp 80'] });
  t.equal((await post(`${url}/api/v1/check`, { ...BY, record: 'other.example.com' })).status, 404);
  t.equal((await post(`${url}/api/v1/check`, BY)).status, 400);
  t.match(audited, [
    { action: 'check', outcome: 'done' },
    { action: 'check', outcome: /^refused/ },
  ]);
});

t.test('a stale If-Match is refused with 412, and stands in the audit (RFC 9110 §13.1.1)', async (t) => {
  const audited: AuditEntry[] = [];
  const reload = async (): Promise<ReloadOutcome> => ({ ok: true, message: 'reloaded', changes: 'none', notes: [] });
  const handlers = {
    reload,
    probeNow: () => ['192.0.2.10 tcp 80'],
    audit: auditInto(audited),
  };
  const { url } = await serveAdmin(t, fakeHandlers(handlers));
  const check = { ...BY, record: 'app.example.com' };
  const stale = [
    await post(`${url}/api/v1/reload`, BY, { 'if-match': '"2"' }),
    await post(`${url}/api/v1/check`, check, { 'if-match': '"2"' }),
  ];
  t.same(
    stale.map(({ status, headers }) => [status, headers.get('etag')]),
    [
      [412, '"3"'],
      [412, '"7"'],
    ],
  );
  t.match(audited, [
    { action: 'reload', outcome: 'refused: the config has changed since' },
    { action: 'check', outcome: 'refused: the record has changed since' },
  ]);
  t.equal((await post(`${url}/api/v1/reload`, BY, { 'if-match': '"3"' })).status, 200);
  t.equal((await post(`${url}/api/v1/check`, check, { 'if-match': '"7"' })).status, 200);
});
