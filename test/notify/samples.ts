/** What there is to tell, for tests and for the samples of docs/notifications.md. */
import type { Notification } from '../../src/notify/notification.ts';
import type { OutboxItem, SinkSpec } from '../../src/runtime/outbox.ts';

export const SOURCE = 'ns1.example.com';
export const NOW = Date.UTC(2026, 6, 31, 12, 0, 41);

export const FAILOVER: Notification = {
  id: 'msg_0198600d9f2c7d6ab1a4c1f2e3d4b5a6',
  at: '2026-07-31T12:00:40.512Z',
  news: {
    kind: 'transition',
    record: 'app.example.com',
    zone: 'example.com',
    family: '',
    cause: 'failover',
    fromTarget: 'primary',
    toTarget: 'backup',
    fromAddresses: ['192.0.2.10'],
    toAddresses: ['198.51.100.20'],
    reason: 'primary 192.0.2.10: refused ×3',
    actor: 'prober',
    serial: 1785499240,
    firstFailAt: '2026-07-31T12:00:38.400Z',
    detectedMs: 2112,
    isNormal: false,
    isDrill: false,
  },
};

export const ALARM: Notification = {
  id: 'msg_0198600d9f2c7d6ab1a4c1f2e3d4b5a7',
  at: '2026-07-31T12:00:41.000Z',
  news: {
    kind: 'alarm',
    name: 'prober_blind',
    subject: 'prober',
    message: 'the witnesses are down: the prober cannot trust its own network',
    since: '2026-07-31T12:00:41.000Z',
    resolvedAt: null,
  },
};

/** @param over of the news */
export function transitionOf(id: string, over: object = {}): Notification {
  return { ...FAILOVER, id, news: { ...FAILOVER.news, ...over } as Notification['news'] };
}

export function sinkOf(over: Partial<SinkSpec> = {}): SinkSpec {
  return {
    id: 'hook',
    format: 'webhook',
    url: 'https://hooks.example.com/T0/B1/canary',
    secret: null,
    headers: {},
    mail: null,
    on: ['start', 'failover', 'failback', 'all_down', 'override', 'config', 'alarm'],
    maxAgeMs: 86_400_000,
    timeoutMs: 10_000,
    ...over,
  };
}

export function itemOf(id: string, over: Partial<OutboxItem> = {}): OutboxItem {
  const body = JSON.stringify(FAILOVER.news);
  return { id, sink: 'hook', atEpochMs: NOW, event: 'failover', subject: 'app.example.com', body, ...over };
}
