import { readFileSync } from 'node:fs';
import t from 'tap';
import { render } from '../../src/notify/formats.ts';
import type { HttpMessage, MailMessage } from '../../src/notify/message.ts';
import type { Notification } from '../../src/notify/notification.ts';
import type { SinkSpec } from '../../src/runtime/outbox.ts';
import { ALARM, FAILOVER, NOW, SOURCE, sinkOf } from './samples.ts';

const PAGE = readFileSync(new URL('../../docs/notifications.md', import.meta.url), 'utf8');

/** The blocks below a heading, in order. */
function samplesOf(heading: string): readonly string[] {
  const section = PAGE.split(/^##+ /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^```(?:json|text)\n([\s\S]*?)\n```$/gm)].map(([, block = '']) => block);
}

const RESOLVED: Notification = {
  ...ALARM,
  news: { ...ALARM.news, resolvedAt: '2026-07-31T12:03:10.000Z' } as Notification['news'],
};

function sample(format: SinkSpec['format'], batch: readonly Notification[]): HttpMessage | MailMessage {
  const mail = { from: 'failoverd@example.com', to: ['ops@example.com'] };
  const secret = format === 'pagerduty' ? 'the routing key' : 'whsec_czNjcjN0czNjcjN0czNjcjN0';
  return render(sinkOf({ format, mail, secret }), batch, { source: SOURCE, nowEpochMs: NOW });
}

t.test('docs/notifications.md: the samples are what is sent', async (t) => {
  const bodies = (format: SinkSpec['format'], ...batches: readonly (readonly Notification[])[]) =>
    batches.map((batch) => JSON.parse((sample(format, batch) as HttpMessage).body));
  const jsonOf = (heading: string) => samplesOf(heading).map((text) => JSON.parse(text));
  t.same(jsonOf('webhook'), bodies('webhook', [FAILOVER], [RESOLVED], [FAILOVER, ALARM]));
  t.same(jsonOf('slack'), bodies('slack', [FAILOVER]));
  t.same(jsonOf('pagerduty'), bodies('pagerduty', [FAILOVER], [RESOLVED]));
  const { headers, body } = sample('ntfy', [FAILOVER]) as HttpMessage;
  const { Title, Priority, Tags } = headers;
  t.same(samplesOf('ntfy'), [`Title: ${Title}\nPriority: ${Priority}\nTags: ${Tags}\n\n${body}`]);
  const mail = sample('email', [FAILOVER]) as MailMessage;
  t.same(samplesOf('email'), [`Subject: ${mail.subject}\n\n${mail.text}`]);
});

t.test('docs/notifications.md: the headers of the sample are its signature', async (t) => {
  const { headers } = sample('webhook', [FAILOVER]) as HttpMessage;
  const shown = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  t.same(samplesOf('Signatures'), [shown.join('\n')]);
});
