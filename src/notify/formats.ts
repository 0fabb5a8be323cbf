/** What each format makes of notifications: one, or several in one message. */
import { createHash } from 'node:crypto';
import type { SinkSpec } from '../runtime/outbox.ts';
import type { Message } from './message.ts';
import { isTrouble, type News, type Notification } from './notification.ts';
import type { Folding } from './queue.ts';
import { webhookHeaders } from './signature.ts';
import { detailsOfAll, hasTrouble, titleOfAll } from './words.ts';

export interface Rendering {
  /** This failoverd among others: the name of its host. */
  readonly source: string;
  readonly nowEpochMs: number;
}

type Batch = readonly Notification[];

/** @param batch oldest first; not empty */
export function render(sink: SinkSpec, batch: Batch, { source, nowEpochMs }: Rendering): Message {
  const { url, timeoutMs } = sink;
  const secrets = sink.secret === null ? [] : [sink.secret];
  const id = idOf(batch);
  if (sink.format === 'email') {
    const { from, to } = sink.mail ?? { from: '', to: [] };
    const text = [...detailsOfAll(batch), '', `failoverd on ${source}`].join('\n');
    return { kind: 'mail', url, secrets, timeoutMs, id, from, to, subject: titleOfAll(batch), text };
  }
  const { headers, body } = CONTENTS[sink.format](batch, sink, source);
  const timestampSeconds = Math.floor(nowEpochMs / 1000);
  const signature = sink.format === 'pagerduty' ? {} : webhookHeaders({ id, timestampSeconds, body }, sink.secret);
  return { kind: 'http', url, secrets, timeoutMs, headers: { ...headers, ...signature, ...sink.headers }, body };
}

/** What programs read holds each notification whole; people are told the first few, and how many there are. */
const MOST_FOR_PROGRAMS = 200;
const MOST_FOR_PEOPLE = 10_000;
/** Ids in a message for people. */
const MOST_IDS = 100;

/** What a message with several may hold. An incident of PagerDuty ends by a message of its own. */
export function foldingOf(format: SinkSpec['format']): Folding {
  return {
    mostInOne: format === 'webhook' ? MOST_FOR_PROGRAMS : MOST_FOR_PEOPLE,
    isFoldable: ({ notification }) => format !== 'pagerduty' || isTrouble(notification.news),
  };
}

/** The same batch has the same id at every attempt. */
export function idOf(batch: Batch): string {
  const [only] = batch;
  if (batch.length === 1 && only) return only.id;
  const digest = createHash('sha256').update(batch.map(({ id }) => id).join(' '));
  return `msg_${digest.digest('hex').slice(0, 32)}`;
}

interface Content {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const JSON_TYPE = { 'content-type': 'application/json' };

const CONTENTS: Readonly<
  Record<Exclude<SinkSpec['format'], 'email'>, (batch: Batch, sink: SinkSpec, source: string) => Content>
> = {
  webhook: (batch, _sink, source) => ({ headers: JSON_TYPE, body: JSON.stringify(webhookBody(batch, source)) }),
  slack: (batch, _sink, source) => ({ headers: JSON_TYPE, body: JSON.stringify({ text: slackText(batch, source) }) }),
  ntfy: ntfyContent,
  pagerduty: (batch, { secret }, source) => ({
    headers: JSON_TYPE,
    body: JSON.stringify({ routing_key: secret, ...pagerDutyEvent(batch, source) }),
  }),
};

/** Type, timestamp and data, as Standard Webhooks has them; several together are a `digest`. */
function webhookBody(batch: Batch, source: string): object {
  const events = batch.map(({ id, at, news }) => {
    const { kind: _, ...rest } = news;
    return { type: typeOf(news), timestamp: at, data: { id, source, ...rest } };
  });
  const [only] = events;
  if (events.length === 1 && only) return only;
  return { type: 'digest', timestamp: batch.at(-1)?.at, data: { id: idOf(batch), source, events } };
}

function typeOf(news: News): string {
  switch (news.kind) {
    case 'transition':
      return `transition.${news.cause}`;
    case 'alarm':
      return news.resolvedAt === null ? 'alarm.raised' : 'alarm.resolved';
    case 'test':
      return 'test';
  }
}

/** Slack's own three characters (api.slack.com, "Escaping text"). */
function slackText(batch: Batch, source: string): string {
  const plain = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  const sign = hasTrouble(batch) ? ':red_circle:' : ':large_green_circle:';
  const lines = [
    `${sign} *${plain(titleOfAll(batch))}*`,
    ...detailsOfAll(batch).map(plain),
    `_failoverd on ${plain(source)}_`,
  ];
  return lines.join('\n');
}

/** Title, priority (1 to 5) and tags are headers, the text is the body (docs.ntfy.sh, "Publishing"). */
function ntfyContent(batch: Batch, _sink: SinkSpec, source: string): Content {
  const isAllDown = batch.some(({ news }) => news.kind === 'transition' && news.cause === 'all_down');
  const isBad = hasTrouble(batch);
  return {
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      Title: titleOfAll(batch).replace(/[^\x20-\x7e]/g, '?'),
      Priority: isAllDown ? '5' : isBad ? '4' : '3',
      Tags: isBad ? 'rotating_light' : 'white_check_mark',
    },
    body: [...detailsOfAll(batch), `failoverd on ${source}`].join('\n'),
  };
}

/** An event of the Events API v2: what is about one record, or one alarm, is one incident. */
function pagerDutyEvent(batch: Batch, source: string): object {
  const [only] = batch;
  const isOne = batch.length === 1 && only !== undefined;
  const dedup_key = isOne ? incidentOf(only.news, source) : `failoverd ${source} ${idOf(batch)}`;
  if (isOne && !isTrouble(only.news) && only.news.kind !== 'test') return { event_action: 'resolve', dedup_key };
  const isAllDown = batch.some(({ news }) => news.kind === 'transition' && news.cause === 'all_down');
  return {
    event_action: 'trigger',
    dedup_key,
    payload: {
      summary: titleOfAll(batch).slice(0, 1024),
      source,
      severity: isAllDown ? 'critical' : batch.every(isExercise) ? 'info' : 'error',
      timestamp: batch.at(-1)?.at,
      component: 'failoverd',
      custom_details: { details: detailsOfAll(batch).join('\n'), ids: batch.slice(0, MOST_IDS).map(({ id }) => id) },
    },
  };
}

/** A test or a drill: nobody needs to get up for it. */
function isExercise({ news }: Notification): boolean {
  return news.kind === 'test' || (news.kind === 'transition' && news.isDrill);
}

function incidentOf(news: News, source: string): string {
  switch (news.kind) {
    case 'transition':
      return `failoverd ${news.record}${news.family === '' ? '' : ` IPv${news.family}`}`;
    case 'alarm':
      return `failoverd ${source} ${news.name} ${news.subject}`;
    case 'test':
      return `failoverd ${source} test`;
  }
}
