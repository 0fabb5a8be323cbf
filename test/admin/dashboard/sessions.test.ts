import t from 'tap';
import { sessionRoutes } from '../../../src/admin/dashboard/session-routes.ts';
import { createSessions, SESSION_IDLE_MS } from '../../../src/admin/dashboard/sessions.ts';
import { serveAdmin } from '../../helpers/admin.ts';

function sessionsAt() {
  let nowMs = 0;
  let id = 0;
  const randomId = (): string => `id${++id}`;
  const sessions = createSessions({ clock: { nowMs: () => nowMs }, randomId, cookieName: 'failoverd_8053' });
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { sessions, pass };
}

const pair = (setCookie: string): string => setCookie.split(';')[0] ?? '';

t.test('begin() gives a cookie that no script reads and no other site sends', async (t) => {
  const { sessions } = sessionsAt();
  t.equal(sessions.begin(), `failoverd_8053=id1; Path=/; HttpOnly; SameSite=Strict; Max-Age=${SESSION_IDLE_MS / 1000}`);
});

t.test('isSignedIn() knows the sessions that have begun, until they end', async (t) => {
  const { sessions } = sessionsAt();
  const cookie = pair(sessions.begin());
  t.ok(sessions.isSignedIn({ cookie }));
  t.ok(sessions.isSignedIn({ cookie: `other=1; ${cookie}` }));
  t.notOk(sessions.isSignedIn({ cookie: 'failoverd_8053=id2' }));
  t.notOk(sessions.isSignedIn({ cookie: 'failoverd_8053=' }));
  t.notOk(sessions.isSignedIn({}));
  t.match(sessions.end({ cookie }), /^failoverd_8053=; .*Max-Age=0$/);
  t.notOk(sessions.isSignedIn({ cookie }));
});

t.test('a session ends when it is idle for long; each request renews it', async (t) => {
  const { sessions, pass } = sessionsAt();
  const cookie = pair(sessions.begin());
  pass(SESSION_IDLE_MS);
  t.ok(sessions.isSignedIn({ cookie }));
  pass(SESSION_IDLE_MS);
  t.ok(sessions.isSignedIn({ cookie }));
  t.match(sessions.renew({ cookie }), cookie);
  pass(SESSION_IDLE_MS + 1);
  t.equal(sessions.renew({ cookie }), null);
  t.notOk(sessions.isSignedIn({ cookie }));
});

t.test('there are 256 sessions at most: the longest idle one gives way', async (t) => {
  const { sessions } = sessionsAt();
  const cookies = Array.from({ length: 256 }, () => pair(sessions.begin()));
  t.ok(sessions.isSignedIn({ cookie: cookies[0] ?? '' }));
  sessions.begin();
  t.ok(sessions.isSignedIn({ cookie: cookies[0] ?? '' }), 'it was used');
  t.notOk(sessions.isSignedIn({ cookie: cookies[1] ?? '' }));
});

t.test('a session does not count in what a page of another origin has sent', async (t) => {
  const { sessions } = sessionsAt();
  const cookie = pair(sessions.begin());
  const host = '127.0.0.1:8053';
  const cases: [Record<string, string>, boolean][] = [
    [{ origin: 'http://127.0.0.1:8053', 'sec-fetch-site': 'same-origin' }, true],
    [{ 'sec-fetch-site': 'none' }, true],
    [{ origin: 'http://127.0.0.1:3000' }, false],
    [{ 'sec-fetch-site': 'same-site' }, false],
    [{ 'sec-fetch-site': 'cross-site' }, false],
    [{ origin: 'null' }, false],
  ];
  for (const [headers, expected] of cases) {
    t.equal(sessions.isSignedIn({ cookie, host, ...headers }), expected, JSON.stringify(headers));
  }
});

t.test('POST /api/v1/session takes the token once; its cookie is as good from then on', async (t) => {
  const { sessions } = sessionsAt();
  const token = 'secret';
  const routes = sessionRoutes({ token, publicRead: false, sessions });
  const needy = { method: 'GET', path: '/api/v1/needy', access: 'read', doc: null } as const;
  const { url } = await serveAdmin(t, undefined, {
    token,
    isSignedIn: sessions.isSignedIn,
    routes: [...routes, { ...needy, handle: async () => ({ status: 200, body: {} }) }],
  });
  const post = (body: unknown, type = 'application/json') =>
    fetch(`${url}/api/v1/session`, { method: 'POST', headers: { 'content-type': type }, body: JSON.stringify(body) });

  t.same(await (await fetch(`${url}/api/v1/session`)).json(), { required: 'all', signedIn: false });
  t.equal((await fetch(`${url}/api/v1/needy`)).status, 401);
  for (const body of [{ token: 'wrong' }, { token: 1 }, {}, null, 'secret']) t.equal((await post(body)).status, 403);
  t.equal((await post({ token }, 'text/plain')).status, 403, 'no form can send it');
  const signedIn = await post({ token });
  t.same(await signedIn.json(), { required: 'all', signedIn: true });
  const cookie = pair(signedIn.headers.get('set-cookie') ?? '');
  t.equal((await fetch(`${url}/api/v1/needy`, { headers: { cookie } })).status, 200);
  await fetch(`${url}/api/v1/session`, { method: 'DELETE', headers: { cookie } });
  t.equal((await fetch(`${url}/api/v1/needy`, { headers: { cookie } })).status, 401);
});
