import { createHmac } from 'node:crypto';
import t from 'tap';
import { webhookHeaders } from '../../src/notify/signature.ts';

t.test('webhookHeaders() signs as Standard Webhooks 1.0 says: the sample of its documentation', async (t) => {
  const signed = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestampSeconds: 1614265330, body: '{"test": 2432232314}' };
  t.same(webhookHeaders(signed, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'), {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

t.test('webhookHeaders() takes another secret as it is written, and signs nothing without one', async (t) => {
  const signed = { id: 'msg_1', timestampSeconds: 1, body: 'ü' };
  const expected = createHmac('sha256', 'hunter2').update('msg_1.1.ü').digest('base64');
  t.equal(webhookHeaders(signed, 'hunter2')['webhook-signature'], `v1,${expected}`);
  t.same(webhookHeaders(signed, null), { 'webhook-id': 'msg_1', 'webhook-timestamp': '1' });
});
