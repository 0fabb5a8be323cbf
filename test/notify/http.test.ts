import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import t from 'tap';
import { post } from '../../src/notify/http.ts';
import type { HttpMessage } from '../../src/notify/message.ts';
import { ACCEPT, answer, CLOSE, HANG, startSink } from './sink-server.ts';

const CANARY = 'canary-5e7d1c';

function messageTo(url: string, over: Partial<HttpMessage> = {}): HttpMessage {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${CANARY}` };
  return { kind: 'http', url, secrets: ['hunter2'], timeoutMs: 30_000, headers, body: '{"a":1}', ...over };
}

t.test('post() delivers what a receiver answers with 2xx', async (t) => {
  const sink = await startSink(ACCEPT);
  t.teardown(sink.close);
  t.same(await post(messageTo(`${sink.url}?key=1`)), { ok: true });
  t.match(sink.received, [
    {
      path: `/hook/${CANARY}?key=1`,
      body: '{"a":1}',
      headers: { authorization: `Bearer ${CANARY}`, 'content-length': '7' },
    },
  ]);
});

t.test('post() says what went wrong, whether it was the message, and when to come again', async (t) => {
  const sink = await startSink();
  t.teardown(sink.close);
  const rows = [
    [answer(500, 'oops'), { reason: 'it answered 500: oops', isRejected: false, retryAfterMs: null }],
    [answer(404), { reason: 'it answered 404', isRejected: true, retryAfterMs: null }],
    [answer(429, '', { 'retry-after': '30' }), { reason: 'it answered 429', isRejected: false, retryAfterMs: 30_000 }],
    [
      answer(302, '', { location: 'http://127.0.0.1:1/' }),
      { reason: 'it answered 302', isRejected: false, retryAfterMs: null },
    ],
    [CLOSE, { reason: 'it closed the connection', isRejected: false, retryAfterMs: null }],
  ] as const;
  for (const [behaviour, expected] of rows) {
    sink.behave(behaviour);
    t.same(await post(messageTo(sink.url)), { ok: false, ...expected });
  }
});

t.test('post() gives up a receiver that hangs, before the answer or in it, within its timeout', async (t) => {
  const sink = await startSink(HANG);
  t.teardown(sink.close);
  const late = { ok: false, reason: 'no answer within 0.2 s', isRejected: false, retryAfterMs: null };
  t.same(await post(messageTo(sink.url, { timeoutMs: 200 })), late);
  sink.behave((response) => response.writeHead(500, { 'content-length': '100' }).write('x'));
  t.same(await post(messageTo(sink.url, { timeoutMs: 200 })), late);
});

t.test('post() gives up a receiver that never finishes a TLS handshake', async (t) => {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  t.match(await post(messageTo(url, { timeoutMs: 200 })), { ok: false, reason: 'no answer within 0.2 s' });
});

t.test('post() says when nobody listens', async (t) => {
  const sink = await startSink();
  await sink.close();
  t.match(await post(messageTo(sink.url)), { ok: false, reason: 'connection refused', isRejected: false });
});

t.test('post() repeats no secret that a receiver sends back, and nothing without bound', async (t) => {
  const sink = await startSink(answer(400, `no ${CANARY}\n/hook/${CANARY} for hunter2 ${'x'.repeat(100_000)}`));
  t.teardown(sink.close);
  const result = await post(messageTo(sink.url));
  t.notMatch(JSON.stringify(result), new RegExp(`${CANARY}|hunter2`));
  t.match(result, { reason: /^it answered 400: no … … for … xxx/ });
  t.ok(JSON.stringify(result).length < 400);
});
