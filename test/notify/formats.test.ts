import t from 'tap';
import { foldingOf, idOf, render } from '../../src/notify/formats.ts';
import type { HttpMessage, MailMessage } from '../../src/notify/message.ts';
import type { Notification } from '../../src/notify/notification.ts';
import type { SinkSpec } from '../../src/runtime/outbox.ts';
import { ALARM, FAILOVER, itemOf, NOW, SOURCE, sinkOf, transitionOf } from './samples.ts';

const AT = { source: SOURCE, nowEpochMs: NOW };
const BACK = transitionOf('msg_back', { cause: 'failback', toTarget: 'primary', isNormal: true });
const ALL_DOWN = transitionOf('msg_down', { cause: 'all_down' });
const MANY = Array.from({ length: 30 }, (_, i) => transitionOf(`msg_${i}`, { record: `r${i}.example.com` }));

function http(format: SinkSpec['format'], batch: readonly Notification[], over: Partial<SinkSpec> = {}): HttpMessage {
  return render(sinkOf({ format, ...over }), batch, AT) as HttpMessage;
}

const json = (message: HttpMessage) => JSON.parse(message.body);

t.test('webhook: one is type, timestamp and data; many are a digest that holds each whole', async (t) => {
  const one = json(http('webhook', [FAILOVER]));
  t.match(one, {
    type: 'transition.failover',
    timestamp: FAILOVER.at,
    data: { id: FAILOVER.id, record: 'app.example.com' },
  });
  const digest = json(http('webhook', [FAILOVER, ALARM]));
  t.match(digest, { type: 'digest', timestamp: ALARM.at, data: { id: idOf([FAILOVER, ALARM]) } });
  t.same(digest.data.events, [one, json(http('webhook', [ALARM]))]);
});

t.test('webhook: id, time and signature stand in the headers, and what the config wants beside them', async (t) => {
  const { headers } = http('webhook', [FAILOVER], { secret: 's', headers: { Authorization: 'Bearer x' } });
  t.match(headers, { 'webhook-id': FAILOVER.id, 'webhook-timestamp': String(NOW / 1000), Authorization: 'Bearer x' });
  t.match(headers['webhook-signature'], /^v1,[A-Za-z0-9+/]{43}=$/);
  t.equal(http('webhook', [FAILOVER]).headers['webhook-signature'], undefined);
});

t.test('a batch has the same id at every attempt, and another one has another', async (t) => {
  t.equal(idOf([FAILOVER]), FAILOVER.id);
  t.equal(idOf(MANY), idOf([...MANY]));
  t.not(idOf(MANY), idOf(MANY.slice(1)));
});

t.test('slack: a text in its own markup, with its three characters escaped', async (t) => {
  const { text } = json(http('slack', [transitionOf('msg_1', { reason: 'body <b> & >' })]));
  t.match(text, /^:red_circle: \*app\.example\.com: failover to backup\*\nbody &lt;b&gt; &amp; &gt;\n/);
  t.match(json(http('slack', [BACK])).text, /^:large_green_circle: \*app\.example\.com: failback to primary\*\n/);
});

t.test('ntfy: the text is the body, the title a header of plain ASCII', async (t) => {
  const { headers, body } = http('ntfy', [transitionOf('msg_1', { toTarget: 'zürich' })]);
  t.match(headers, { Title: 'app.example.com: failover to z?rich', Priority: '4', Tags: 'rotating_light' });
  t.match(body, /^primary 192\.0\.2\.10: refused ×3\nprimary → zürich/);
  t.equal(http('ntfy', [ALL_DOWN]).headers.Priority, '5');
  t.match(http('ntfy', [BACK]).headers, { Priority: '3', Tags: 'white_check_mark' });
});

t.test('pagerduty: what is about one record is one incident, which its return to the primary resolves', async (t) => {
  const trigger = json(http('pagerduty', [FAILOVER], { secret: 'key' }));
  const resolve = json(http('pagerduty', [BACK], { secret: 'key' }));
  t.match(trigger, { routing_key: 'key', event_action: 'trigger', payload: { severity: 'error', source: SOURCE } });
  t.same(resolve, { routing_key: 'key', event_action: 'resolve', dedup_key: trigger.dedup_key });
  t.match(json(http('pagerduty', [ALL_DOWN])), { dedup_key: trigger.dedup_key, payload: { severity: 'critical' } });
  const drill = json(http('pagerduty', [transitionOf('msg_1', { cause: 'override', isDrill: true })]));
  t.match(drill, {
    event_action: 'trigger',
    payload: { summary: 'app.example.com: drill, switched to backup', severity: 'info' },
  });
  const ofSix = json(http('pagerduty', [transitionOf('msg_1', { family: '6' })]));
  t.not(ofSix.dedup_key, trigger.dedup_key);
  const news = { ...ALARM.news, resolvedAt: ALARM.at } as Notification['news'];
  t.match(json(http('pagerduty', [{ ...ALARM, news }])), {
    event_action: 'resolve',
    dedup_key: json(http('pagerduty', [ALARM])).dedup_key,
  });
});

t.test('pagerduty: an end is told alone, beginnings together', async (t) => {
  const waiting = (notification: Notification) => ({
    item: itemOf(notification.id),
    notification,
    order: 1,
    bornMs: 0,
    attempts: 0,
  });
  t.equal(foldingOf('pagerduty').isFoldable(waiting(BACK)), false);
  t.equal(foldingOf('pagerduty').isFoldable(waiting(FAILOVER)), true);
  t.equal(foldingOf('slack').isFoldable(waiting(BACK)), true);
  const flood = json(http('pagerduty', MANY));
  t.match(flood, { event_action: 'trigger', payload: { summary: 'failoverd: 30 transitions of 30 records' } });
  t.equal(flood.payload.custom_details.ids.length, 30);
});

t.test('email: a subject and a text', async (t) => {
  const mail = { from: 'f@example.com', to: ['ops@example.com'] };
  const message = render(sinkOf({ format: 'email', mail }), MANY, AT) as MailMessage;
  t.match(message, { kind: 'mail', ...mail, subject: 'failoverd: 30 transitions of 30 records' });
  t.equal(message.text.split('\n').length, 20 + 1 + 2, 'the first 20, how many more, and from where');
});
