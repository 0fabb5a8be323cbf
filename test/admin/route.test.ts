import t from 'tap';
import { matchRoute, type Route } from '../../src/admin/route.ts';

const handle = async () => ({ status: 200, body: null });
const doc = { summary: 'a test' };
const routes: readonly Route[] = [
  { method: 'GET', path: '/livez', access: 'open', doc, handle },
  { method: 'GET', path: '/api/v1/records/{record}', access: 'read', doc, handle },
  { method: 'DELETE', path: '/api/v1/records/{record}/override', access: 'write', doc, handle },
  { method: 'PUT', path: '/api/v1/records/{record}/override', access: 'write', doc, handle },
];

const cases = [
  ['GET', '/livez', { kind: 'found', params: {} }],
  ['HEAD', '/livez', { kind: 'found', route: { method: 'GET' } }],
  ['GET', '/api/v1/records/app.example.com', { kind: 'found', params: { record: 'app.example.com' } }],
  ['GET', '/api/v1/records/a%2Fb', { kind: 'found', params: { record: 'a/b' } }],
  ['PUT', '/api/v1/records/x/override', { kind: 'found', route: { method: 'PUT' }, params: { record: 'x' } }],
  ['POST', '/livez', { kind: 'wrong_method', allow: 'GET, HEAD' }],
  ['GET', '/api/v1/records/x/override', { kind: 'wrong_method', allow: 'DELETE, PUT' }],
  ['GET', '/api/v1/records/', { kind: 'not_found' }],
  ['GET', '/api/v1/records/%E0', { kind: 'not_found' }],
  ['GET', '/livez/', { kind: 'not_found' }],
  ['GET', '/', { kind: 'not_found' }],
] as const;

for (const [method, pathname, expected] of cases) {
  t.test(`matchRoute() ${method} ${pathname}: ${expected.kind}`, async (t) => {
    t.match(matchRoute(routes, method, pathname), expected);
  });
}
