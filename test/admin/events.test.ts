import { once } from 'node:events';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { createEvents, type Events } from '../../src/runtime/events.ts';
import { fakeHandlers, type ServedAdmin, serveAdmin } from '../helpers/admin.ts';
import { createFakeClock, type FakeClock } from '../helpers/fake-clock.ts';

interface Told {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
}

interface Serving {
  readonly server: ServedAdmin;
  readonly events: Events;
  readonly clock: FakeClock;
}

async function serve(t: Test): Promise<Serving> {
  const clock = createFakeClock();
  const events = createEvents(clock);
  return { server: await serveAdmin(t, fakeHandlers({ events, clock })), events, clock };
}

/** Follows the stream; `next` gives one block after the other as its fields, a heartbeat as an empty one. */
async function follow(t: Test, { server }: Serving, query = '', headers: Record<string, string> = {}) {
  const leaving = new AbortController();
  t.teardown(() => leaving.abort());
  const response = await fetch(`${server.url}/api/v1/events${query}`, { headers, signal: leaving.signal });
  const chunks = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const next = async (): Promise<Told> => {
    while (!text.includes('\n\n')) text += (await chunks?.read())?.value ?? '\n\n';
    const end = text.indexOf('\n\n');
    const block = text.slice(0, end);
    text = text.slice(end + 2);
    return Object.fromEntries(
      block.split('\n').flatMap((line) => (line.startsWith(':') ? [] : [line.split(/: (.*)/).slice(0, 2)])),
    );
  };
  return { response, next, leave: () => leaving.abort() };
}

t.test('GET /api/v1/events tells what happens, each with its id (WHATWG HTML §9.2)', async (t) => {
  const serving = await serve(t);
  const { response, next } = await follow(t, serving);
  t.equal(response.headers.get('content-type'), 'text/event-stream');
  t.match(
    await next(),
    { retry: '2000', id: serving.events.lastId() },
    'an id to come back with, before anything happens',
  );
  serving.events.emit('prober', { sight: 'blind' });
  t.same(await next(), { id: serving.events.lastId(), event: 'prober', data: '{"sight":"blind"}' });
  serving.events.emit('probes', [['192.0.2.10 tcp 80', 0, 'pass', 1.5]]);
  t.same(await next(), { event: 'probes', data: '[["192.0.2.10 tcp 80",0,"pass",1.5]]' });
});

t.test('who comes back with Last-Event-ID gets what was missed, then what happens', async (t) => {
  const serving = await serve(t);
  const { events } = serving;
  const lastSeen = events.lastId();
  events.emit('prober', { sight: 'blind' });
  events.emit('prober', { sight: 'clear' });
  const { next } = await follow(t, serving, '', { 'last-event-id': lastSeen });
  t.equal((await next()).id, lastSeen);
  t.match(await next(), { data: '{"sight":"blind"}' });
  t.match(await next(), { data: '{"sight":"clear"}' });
  events.emit('prober', { sight: 'blind' });
  t.match(await next(), { id: events.lastId(), data: '{"sight":"blind"}' });
});

t.test('a gap that cannot be filled is told by a reset', async (t) => {
  const serving = await serve(t);
  const { next } = await follow(t, serving, '', { 'last-event-id': '1-1' });
  t.match(await next(), { event: 'reset', data: '{}', id: serving.events.lastId() });
});

t.test('kinds chooses; one that does not exist is 400', async (t) => {
  const serving = await serve(t);
  const { next } = await follow(t, serving, '?kinds=reload,prober');
  await next();
  serving.events.emit('probes', []);
  serving.events.emit('reload', { ok: true, generation: 2, message: 'nothing changed' });
  t.match(await next(), { event: 'reload' });
  const wrong = await fetch(`${serving.server.url}/api/v1/events?kinds=transition,other`);
  t.equal(wrong.status, 400);
  t.match(await wrong.json(), { detail: /there is no kind "other"; there are transition, record, / });
});

t.test('a heartbeat comes every 10 s', async (t) => {
  const serving = await serve(t);
  const { next } = await follow(t, serving);
  await next();
  serving.clock.advance(9_999);
  serving.events.emit('prober', { sight: 'clear' });
  t.match(await next(), { event: 'prober' });
  serving.clock.advance(1);
  t.same(await next(), {});
  serving.clock.advance(10_000);
  t.same(await next(), {});
});

t.test('32 clients may listen; who leaves makes room, and its timer is gone', async (t) => {
  const serving = await serve(t);
  const clients = [];
  for (let i = 0; i < 32; i++) clients.push(await follow(t, serving));
  const refused = await fetch(`${serving.server.url}/api/v1/events`);
  t.match([refused.status, await refused.json()], [503, { detail: '32 clients listen already' }]);
  t.equal((await fetch(`${serving.server.url}/livez`)).status, 200, 'everything else goes on');
  t.equal(serving.clock.pendingTimers(), 32);
  for (const client of clients) client.leave();
  while (serving.clock.pendingTimers() > 0) await new Promise((resolve) => setImmediate(resolve));
  const { response } = await follow(t, serving);
  t.equal(response.status, 200);
});

t.test('a client that does not read is closed, and nothing is kept for it', async (t) => {
  const serving = await serve(t);
  const { host, port } = serving.server.address;
  const socket = connect(port, host);
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write('GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  while (serving.clock.pendingTimers() === 0) await new Promise((resolve) => setImmediate(resolve));
  const message = 'x'.repeat(64 * 1024);
  for (let i = 0; i < 200; i++) serving.events.emit('reload', { ok: false, generation: 1, message });
  while (serving.clock.pendingTimers() > 0) await new Promise((resolve) => setImmediate(resolve));
  t.pass('its place is free again');
  socket.destroy();
});
