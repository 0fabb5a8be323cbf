import t from 'tap';
import { createCourier } from '../../src/notify/courier.ts';
import { render } from '../../src/notify/formats.ts';
import { clock, memoryLog } from '../history/helpers.ts';
import { FAILOVER, NOW, SOURCE, sinkOf } from './samples.ts';
import { HANG, startSink } from './sink-server.ts';
import { startSmtp } from './smtp-server.ts';

const AT = { source: SOURCE, nowEpochMs: NOW };

t.test('deliver() delivers in a thread of its own, many at once', async (t) => {
  const sink = await startSink();
  const courier = createCourier({ clock, log: memoryLog() });
  t.teardown(() => Promise.all([sink.close(), courier.stop()]));
  const message = render(sinkOf({ url: sink.url, secret: 's' }), [FAILOVER], AT);
  const results = await Promise.all([1, 2, 3].map(() => courier.deliver(message)));
  t.same(results, [{ ok: true }, { ok: true }, { ok: true }]);
  t.same(JSON.parse(sink.received[2]?.body ?? ''), JSON.parse('body' in message ? message.body : ''));
  t.match(sink.received[0]?.headers, { 'webhook-id': FAILOVER.id, 'webhook-signature': /^v1,/ });
});

t.test('deliver() sends mail, too', async (t) => {
  const server = await startSmtp();
  const courier = createCourier({ clock, log: memoryLog() });
  t.teardown(() => Promise.all([server.close(), courier.stop()]));
  const mail = { from: 'failoverd@example.com', to: ['ops@example.com'] };
  const sink = sinkOf({ format: 'email', url: `smtp://127.0.0.1:${server.port}`, mail });
  t.same(await courier.deliver(render(sink, [FAILOVER], AT)), { ok: true });
  t.match(server.mails, [{ from: mail.from, to: mail.to, auth: null }]);
  t.match(server.mails[0]?.text, /^Subject: app\.example\.com: failover to backup$/m);
});

t.test('deliver() settles when the courier is stopped in the middle of it, and from then on at once', async (t) => {
  const sink = await startSink(HANG);
  const courier = createCourier({ clock, log: memoryLog() });
  t.teardown(sink.close);
  const message = render(sinkOf({ url: sink.url }), [FAILOVER], AT);
  const delivery = courier.deliver(message);
  await sink.count(1);
  await courier.stop();
  t.match(await delivery, { ok: false, reason: 'failoverd is stopping' });
  t.match(await courier.deliver(message), { ok: false, reason: 'failoverd is stopping' });
});
