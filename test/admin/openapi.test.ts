import t from 'tap';
import type * as z from 'zod';
import { openApi } from '../../src/admin/openapi.ts';
import { openApiRoute } from '../../src/admin/openapi-route.ts';
import { adminRoutes } from '../../src/admin/routes.ts';
import { fakeHandlers, serveAdmin } from '../helpers/admin.ts';

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly summary: string;
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: object;
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema?: z.core.JSONSchema.BaseSchema }>> }>
  >;
}

const routes = adminRoutes(fakeHandlers());
const document = openApi(routes, '0.1.0') as Document;

t.test('GET /openapi.json describes every route, and nothing else (OpenAPI 3.1)', async (t) => {
  const { url } = await serveAdmin(t);
  const served = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
  t.equal(served.openapi, '3.1.0');
  const described = Object.entries(served.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  t.same(described.sort(), routes.map(({ method, path }) => `${method} ${path}`).sort());
});

t.test('every operation has a summary, an id of its own, its path parameters and a shape for its answer', async (t) => {
  const ids = new Set<string>();
  for (const { method, path, doc } of routes) {
    const operation = document.paths[path]?.[method.toLowerCase()];
    t.ok(operation?.summary, `${method} ${path}`);
    ids.add(operation?.operationId ?? '');
    const inPath = operation?.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
    t.same(inPath, path.match(/\{\w+\}/g) ?? [], `${path}: its parameters`);
    t.equal(operation?.requestBody !== undefined, method === 'POST', `${path}: a body`);
    const media = doc?.type ?? 'application/json';
    t.ok(operation?.responses[200]?.content[media], `${path}: ${media}`);
    if (media === 'application/json') t.ok(doc?.answer, `${path}: the shape of its answer`);
  }
  t.equal(ids.size, routes.length);
});

t.test('what needs a token says so', async (t) => {
  for (const { method, path, access } of routes) {
    const responses = document.paths[path]?.[method.toLowerCase()]?.responses ?? {};
    t.equal('401' in responses, access !== 'open', `${method} ${path}`);
  }
});

t.test('the document is made once, however often it is asked for', async (t) => {
  let made = 0;
  const route = openApiRoute(() => {
    made += 1;
    return routes;
  }, '0.1.0');
  const request = { params: {}, query: new URLSearchParams(), headers: {}, body: Buffer.alloc(0) };
  const [one, two] = await Promise.all([route.handle(request), route.handle(request)]);
  t.same(one, two);
  t.equal(made, 1);
});
