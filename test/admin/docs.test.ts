/** docs/api.md, held against the API: its examples have the shapes of their routes, and it names every route. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { matchRoute } from '../../src/admin/route.ts';
import { adminRoutes } from '../../src/admin/routes.ts';
import { SHAPES } from '../../src/admin/shapes.ts';
import { fakeHandlers } from '../helpers/admin.ts';

const text = readFileSync(path.resolve('docs/api.md'), 'utf8');
const routes = adminRoutes(fakeHandlers());

t.test('every example has the shape of its route', async (t) => {
  const examples = [...text.matchAll(/^`GET ([^`?]+)[^`]*`(?:(?!^`GET).)*?```json\n(.*?)```/gms)];
  t.equal(examples.length, text.match(/```json/g)?.length, 'each stands below its route');
  for (const [, pathname = '', json = ''] of examples) {
    const match = matchRoute(routes, 'GET', pathname);
    const name = match.kind === 'found' ? match.route.doc?.answer : undefined;
    const schema = name === undefined ? undefined : SHAPES[name];
    t.same(schema?.safeParse(JSON.parse(json)).error?.issues ?? [], [], pathname);
    t.ok(schema, `${pathname} has a shape`);
  }
});

t.test('every route of the API is named, and none that does not exist', async (t) => {
  for (const { path: where } of routes.filter((route) => route.path.startsWith('/api/'))) {
    const shown = where.replace('/undrain', '/drain'); // they stand in one line
    t.ok(text.includes(shown), where);
  }
  for (const [, method = '', pathname = ''] of text.matchAll(/(GET|POST) (\/[^\s`?]+)/g)) {
    t.equal(matchRoute(routes, method, pathname).kind, 'found', `${method} ${pathname}`);
  }
});
