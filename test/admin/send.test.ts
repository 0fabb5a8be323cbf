import { once } from 'node:events';
import { connect } from 'node:net';
import t from 'tap';
import type { Outlet, Route } from '../../src/admin/route.ts';
import { fakeHandlers, serveAdmin } from '../helpers/admin.ts';

const reading = { method: 'GET', access: 'read', doc: { summary: 'a test' } } as const;

t.test('a route answers bytes with their own media type', async (t) => {
  const handle: Route['handle'] = async () => ({ status: 200, type: 'text/plain; version=0.0.4', content: 'up 1\n' });
  const { url } = await serveAdmin(t, fakeHandlers(), { routes: [{ ...reading, path: '/metrics', handle }] });
  const response = await fetch(`${url}/metrics`);
  t.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4');
  t.equal(response.headers.get('content-length'), '5');
  t.equal(await response.text(), 'up 1\n');
  const head = await fetch(`${url}/metrics`, { method: 'HEAD' });
  t.equal(head.headers.get('content-length'), '5');
  t.equal(await head.text(), '');
});

interface Opened {
  readonly outlet: Outlet;
  readonly stopped: Promise<void>;
}

/** A route that streams what the test writes. */
function streaming(): { readonly routes: readonly Route[]; readonly opened: Promise<Opened> } {
  const { promise: opened, resolve } = Promise.withResolvers<Opened>();
  const stream = (outlet: Outlet): (() => void) => {
    const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
    resolve({ outlet, stopped });
    return stop;
  };
  const handle: Route['handle'] = async () => ({ status: 200, type: 'text/event-stream', stream });
  return { routes: [{ ...reading, path: '/stream', handle }], opened };
}

t.test('a stream goes on until the client leaves', async (t) => {
  const { routes, opened } = streaming();
  const { url } = await serveAdmin(t, fakeHandlers(), { routes });
  const response = await fetch(`${url}/stream`); // its headers come before there is anything to tell
  t.equal(response.headers.get('content-type'), 'text/event-stream');
  const { outlet, stopped } = await opened;
  const reader = response.body?.getReader();
  outlet.write('one');
  t.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), 'one');
  await reader?.cancel();
  await stopped;
  t.pass('it was told');
});

t.test('a stream ends when the server closes', async (t) => {
  const { routes, opened } = streaming();
  const server = await serveAdmin(t, fakeHandlers(), { routes });
  const response = await fetch(`${server.url}/stream`);
  const { stopped } = await opened;
  const ended = response.text();
  await server.close();
  await stopped;
  t.equal(await ended, '', 'in order, not cut off');
});

t.test('a client that does not read its stream is cut off, whatever is sent', async (t) => {
  const { routes, opened } = streaming();
  const { address } = await serveAdmin(t, fakeHandlers(), { routes });
  const socket = connect(address.port, address.host);
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write('GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const { outlet, stopped } = await opened;
  const before = process.memoryUsage().arrayBuffers;
  for (let sent = 0; sent < 1_000; sent++) outlet.write('x'.repeat(64 * 1024));
  await stopped;
  t.ok(process.memoryUsage().arrayBuffers - before < 8 * 1024 * 1024, 'nothing is kept for it');
  socket.destroy();
});
