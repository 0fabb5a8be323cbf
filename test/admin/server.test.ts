import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { type AdminOptions, type AdminServer, createAdminServer } from '../../src/admin/server.ts';
import type { StatusReport } from '../../src/runtime/status.ts';
import { fakeHandlers, type ServedAdmin, serveAdmin } from '../helpers/admin.ts';
import { memoryLog } from '../history/helpers.ts';

const REPORT: StatusReport = {
  version: '0.1.0',
  startedAt: '2026-07-31T12:00:00.000Z',
  now: '2026-07-31T12:00:01.000Z',
  verdict: 'ok',
  listen: ['127.0.0.1:53'],
  configPath: null,
  generation: 1,
  reloads: { succeeded: 0, failed: 0 },
  records: [],
  zones: [{ zone: 'example.com', serial: 7 }],
  secondaries: [],
  alarms: [],
  sinks: [],
  prober: { endpoints: 0, running: 0, waiting: 0, lagMs: 0 },
  sight: 'clear',
  witnesses: [],
  history: { status: 'ok' },
  dataPlane: {
    workers: 1,
    sockets: 'dgram',
    queries: { udp: 0, tcp: 0 },
    responses: {},
    drops: {},
    responsesOverTcp: {},
    slips: 0,
    latency: { counts: [], sumMs: 0 },
    tcpConnections: 0,
    workerRestarts: 0,
  },
};

const HANDLERS = fakeHandlers({
  status: async () => REPORT,
  ready: async () => ({ ok: false, failing: ['app.example.com has no answer yet'] }),
});

const serve = (t: Test, over: Partial<AdminOptions> = {}): Promise<ServedAdmin> => serveAdmin(t, HANDLERS, over);

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function ask(
  server: AdminServer,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const { host, port } = server.address;
  const sent = httpRequest({ host, port, path, agent: false, ...options });
  sent.end(options.body);
  const [response] = await once(sent, 'response');
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

async function raw(server: AdminServer, bytes = ''): Promise<Socket> {
  const socket = connect(server.address.port, server.address.host);
  socket.on('error', () => {}); // a reset is one way to be turned away
  await once(socket, 'connect');
  socket.write(bytes);
  return socket;
}

t.test('GET /api/v1/status gives the report as JSON that is not to be stored', async (t) => {
  const server = await serve(t);
  const answer = await ask(server, '/api/v1/status');
  t.equal(answer.status, 200);
  t.same(JSON.parse(answer.body), REPORT);
  t.match(answer.headers, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    server: 'failoverd/0.1.0',
  });
});

t.test('GET /livez and /readyz say 200 or 503, with what fails, and never need the token', async (t) => {
  const server = await serve(t, { token: 's3cret' });
  t.match(await ask(server, '/livez'), { status: 200, body: '{"ok":true,"failing":[]}\n' });
  t.match(await ask(server, '/readyz'), { status: 503, body: /app\.example\.com has no answer yet/ });
});

t.test('HEAD answers as GET does, without the body (RFC 9110 §9.3.2)', async (t) => {
  const server = await serve(t);
  const answer = await ask(server, '/livez', { method: 'HEAD' });
  t.match(answer, { status: 200, body: '', headers: { 'content-length': '25' } });
});

t.test('errors are problem details (RFC 9457)', async (t) => {
  const server = await serve(t, { token: 's3cret' });
  const cases = [
    ['/nowhere', {}, 404, 'Not Found', {}],
    ['/api/v1/status', { method: 'POST' }, 405, 'Method Not Allowed', { allow: 'GET, HEAD' }],
    ['/api/v1/status', {}, 401, 'Unauthorized', { 'www-authenticate': 'Bearer' }],
    ['/api/v1/status', { headers: { authorization: 'Bearer wrong' } }, 401, 'Unauthorized', {}],
    ['/livez', { headers: { host: 'evil.example' } }, 421, 'Misdirected Request', {}],
    ['/livez', { headers: { origin: 'http://evil.example' } }, 403, 'Forbidden', {}],
    ['*', { method: 'OPTIONS' }, 400, 'Bad Request', {}],
    [
      '/livez',
      { method: 'GET', headers: { 'content-length': '65537' } },
      413,
      'Content Too Large',
      { connection: 'close' },
    ],
  ] as const;
  for (const [path, options, status, title, headers] of cases) {
    const answer = await ask(server, path, options);
    t.match(answer.headers, { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers });
    t.match(JSON.parse(answer.body), { type: 'about:blank', status, title, detail: String }, `${status} ${path}`);
    t.equal(answer.status, status);
  }
  t.notMatch(await ask(server, '/api/v1/status'), { body: /s3cret/ });
});

t.test('the token opens what needs it, and publicRead opens reading', async (t) => {
  const closed = await serve(t, { token: 's3cret' });
  t.match(await ask(closed, '/api/v1/status', { headers: { authorization: 'Bearer s3cret' } }), { status: 200 });
  const open = await serve(t, { token: 's3cret', publicRead: true });
  t.match(await ask(open, '/api/v1/status'), { status: 200 });
});

t.test('an Origin of its own is taken', async (t) => {
  const server = await serve(t);
  const headers = { origin: `http://127.0.0.1:${server.address.port}` };
  t.match(await ask(server, '/livez', { headers }), { status: 200 });
});

t.test('a handler that fails is answered with 500 that tells nothing, and logged', async (t) => {
  const status = async () => {
    throw new Error('secret detail');
  };
  const server = await serveAdmin(t, { ...HANDLERS, status });
  const answer = await ask(server, '/api/v1/status');
  t.equal(answer.status, 500);
  t.notMatch(answer.body, /secret detail/);
  t.match(server.log.lines, [{ level: 'error', fields: { err: { message: 'secret detail' } } }]);
});

t.test('an endless body is cut at 64 KiB', async (t) => {
  const server = await serve(t);
  const socket = await raw(server, 'GET /livez HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
  const drip = setInterval(() => socket.write(`1000\r\n${'x'.repeat(4096)}\r\n`), 1);
  t.teardown(() => clearInterval(drip));
  const [answer] = await once(socket, 'data');
  t.match(String(answer), /^HTTP\/1\.1 413 /);
  await new Promise((resolve) => socket.on('close', resolve)); // perhaps after an error: it was still writing
});

t.test('a connection is kept for the next request, also after an error', async (t) => {
  const server = await serve(t);
  const one = 'GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const socket = await raw(server, one);
  t.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 404 .*Connection: keep-alive/s);
  socket.write(one);
  t.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 404 /);
  socket.destroy();
});

t.test('1,000 slow connections lock nobody out: the oldest that wait give way', async (t) => {
  const server = await serve(t);
  const slow: Socket[] = [];
  for (let n = 0; n < 1_000; n++) slow.push(await raw(server, 'GET /livez HTTP/1.1\r\nHost: loc'));
  t.teardown(() => {
    for (const socket of slow) socket.destroy();
  });
  t.match(await ask(server, '/livez'), { status: 200 });
  let told = 0; // those that are given up for their slow headers, after 5 s, are told so
  for (const socket of slow) socket.on('data', () => (told += 1));
  await Promise.all(slow.slice(0, -64).map((socket) => socket.closed || once(socket, 'close')));
  t.equal(told, 0, 'they gave way to newer ones');
});

t.test('headers that never end are given up after 5 s', async (t) => {
  const server = await serve(t);
  const socket = await raw(server, 'GET /livez HTTP/1.1\r\nHost: loc');
  const [answer] = await once(socket, 'data');
  t.match(String(answer), /^HTTP\/1\.1 408 /);
});

t.test('createAdminServer() says in one line why it cannot listen', async (t) => {
  const first = await serve(t);
  const options = {
    token: null,
    publicRead: false,
    isSignedIn: () => false,
    version: '0.1.0',
    log: memoryLog(),
    routes: [],
  };
  const { port } = first.address;
  t.same(await createAdminServer({ ...options, listen: { host: '127.0.0.1', port } }), {
    ok: false,
    reason: `127.0.0.1:${port} (admin API) is taken by another process; stop it or change "admin.listen"`,
  });
  t.match(await createAdminServer({ ...options, listen: { host: '192.0.2.1', port: 0 } }), {
    ok: false,
    reason: /^192\.0\.2\.1:0 \(admin API\): this machine does not have that address/,
  });
});

t.test('close() ends idle connections at once', async (t) => {
  const server = await serve(t);
  const idle = await raw(server);
  const busy = await raw(server, 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(busy, 'data');
  const closed = Promise.all([once(idle.resume(), 'close'), once(busy.resume(), 'close')]);
  await server.close();
  await closed;
});
