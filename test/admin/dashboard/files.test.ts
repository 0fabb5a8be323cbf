import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { fileRoutes, loadDashboard } from '../../../src/admin/dashboard/files.ts';
import type { ContentResponse } from '../../../src/admin/route.ts';

const files = await loadDashboard();
const routes = fileRoutes(files);

async function get(path: string, headers: Record<string, string> = {}): Promise<Required<ContentResponse>> {
  const route = routes.find((each) => each.path === path);
  if (!route) throw new Error(`no route for ${path}`);
  const request = { params: {}, query: new URLSearchParams(), headers, body: Buffer.alloc(0) };
  return (await route.handle(request)) as Required<ContentResponse>;
}

t.test('fileRoutes() serves the page at / and what it loads below /dashboard/, all open', async (t) => {
  const paths = routes.map(({ path }) => path);
  t.ok(
    ['/', '/dashboard/main.js', '/dashboard/styles/base.css', '/dashboard/uplot.js'].every((p) => paths.includes(p)),
  );
  t.ok(routes.every(({ access, method }) => access === 'open' && method === 'GET'));
  const page = await get('/');
  t.equal(page.type, 'text/html; charset=utf-8');
  for (const [, path = ''] of String(page.content).matchAll(/(?:src|href)="(\/[^"]+)"/g))
    t.ok(paths.includes(path), path);
});

t.test('every file is served under a policy that lets nothing in from elsewhere', async (t) => {
  for (const { path } of routes) {
    const policy = (await get(path)).headers['Content-Security-Policy'] ?? '';
    t.match(policy, "default-src 'none'", path);
    t.notMatch(policy, /unsafe|http|\*|data:/, path);
  }
  for (const { path, type, plain } of files) {
    if (type.startsWith('text/html'))
      t.notMatch(plain.content, /<style|<script>|\son\w+=|style=/, `${path} has nothing inline`);
  }
});

t.test('a module imports only modules that are served', async (t) => {
  const paths = new Set(routes.map(({ path }) => path));
  for (const { path, plain } of files) {
    if (!path.endsWith('.js') || path.endsWith('uplot.js')) continue;
    for (const [, from = ''] of String(plain.content).matchAll(/^(?:import|export) (?:.*? from )?'([^']+)';/gms)) {
      t.ok(paths.has(new URL(from, `http://host${path}`).pathname), `${path}: ${from}`);
    }
  }
});

t.test('the page names every module, so that none waits for the one that imports it', async (t) => {
  const page = String((await get('/')).content);
  for (const { path } of routes) {
    if (path.endsWith('.js')) t.match(page, `"${path}"`);
  }
});

t.test('a client that takes gzip gets it, with a tag of its own (RFC 9110 §8.8.3)', async (t) => {
  const plain = await get('/dashboard/main.js');
  const gzipped = await get('/dashboard/main.js', { 'accept-encoding': 'br, gzip;q=0.8' });
  t.equal(plain.headers['Content-Encoding'], undefined);
  t.equal(gzipped.headers['Content-Encoding'], 'gzip');
  t.same(gunzipSync(gzipped.content), plain.content);
  t.not(plain.headers.ETag, gzipped.headers.ETag);
  t.match([plain.headers.Vary, gzipped.headers.Vary], ['Accept-Encoding', 'Accept-Encoding']);
  const refused = await get('/dashboard/main.js', { 'accept-encoding': 'gzip;q=0' });
  t.equal(refused.headers['Content-Encoding'], undefined);
});

t.test('what the client has already is answered with 304 (RFC 9110 §13.1.2)', async (t) => {
  const { headers } = await get('/');
  const tag = headers.ETag ?? '';
  t.match(await get('/', { 'if-none-match': `"other", W/${tag}` }), { status: 304, content: '' });
  t.match(await get('/', { 'if-none-match': '"other"' }), { status: 200 });
  t.equal(headers['Cache-Control'], 'no-cache');
});

t.test('all of it is under 150 KB on the wire', async (t) => {
  const bytes = files.reduce((sum, { gzipped }) => sum + gzipped.content.length, 0);
  t.ok(bytes < 150_000, `${bytes} bytes`);
});
