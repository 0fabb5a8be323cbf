/** The section `notify`: who is told of what happens. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { SinkSpec } from '../runtime/outbox.ts';
import { headers } from './headers.ts';
import { readHttpUrl } from './network.ts';
import { quote } from './quote.ts';
import { mustBe, Refusal, refuse } from './refusal.ts';
import { label } from './report.ts';
import type { Scope } from './scope.ts';
import type { Path } from './source.ts';
import { duration, type EditorHint, oneOf, section, value } from './values.ts';

/** All but `start`: what is answered first is no news to whoever has just started it. */
const DEFAULT_EVENTS = ['failover', 'failback', 'all_down', 'override', 'config', 'alarm'] as const;
const EVENTS = ['start', ...DEFAULT_EVENTS] as const;

const TEXT: EditorHint = { type: 'string', minLength: 1 };

const FORMATS = ['webhook', 'slack', 'ntfy', 'pagerduty', 'email'] as const;

/** PagerDuty's Events API v2. */
const PAGERDUTY_URL = 'https://events.pagerduty.com/v2/enqueue';

/** Each sink is delivered to by itself: so many at once at most. */
const MAX_SINKS = 32;

/** The whole URL is a secret: those of Slack and ntfy are, and one for mail holds a password. */
function readSinkUrl(raw: unknown): string | Refusal {
  if (typeof raw === 'string' && /^smtps?:/i.test(raw)) return readMailUrl(raw);
  const url = readHttpUrl(raw);
  return url instanceof Refusal && url.showsFound ? refuse('must be an http, https, smtp or smtps URL') : url;
}

function readMailUrl(raw: string): string | Refusal {
  const url = URL.parse(raw);
  const isPlain = url !== null && url.hostname !== '' && url.port !== '0' && /^\/?$/.test(url.pathname) && !url.search;
  return isPlain ? url.href : refuse('must be a URL such as smtps://user:password@mail.example.com');
}

/** `whsec_` and base64 (Standard Webhooks), or any other text. */
function readSecret(raw: unknown): string | Refusal {
  if (typeof raw !== 'string' || raw === '') return mustBe('a text that is not empty');
  const [, base64] = /^whsec_(.*)$/s.exec(raw) ?? [];
  const isBase64 =
    base64 === undefined || (base64 !== '' && Buffer.from(base64, 'base64').toString('base64') === base64);
  return isBase64 ? raw : refuse('begins with whsec_, but what follows is not base64');
}

/** `ops@example.com` or `failoverd <ops@example.com>`, in one line. */
function readMailAddress(raw: unknown): string | Refusal {
  const isAddress = typeof raw === 'string' && /^(?:[^<>\p{Cc}]* <)?[^\s<>@,;\p{Cc}]+@[^\s<>@,;\p{Cc}]+>?$/u.test(raw);
  return isAddress && raw.includes('<') === raw.endsWith('>') ? raw : mustBe('a mail address');
}

const mailAddresses = value(
  (raw): readonly string[] | Refusal => {
    const list = (Array.isArray(raw) ? raw : [raw]).map(readMailAddress);
    const addresses = list.filter((item) => typeof item === 'string');
    const fits = addresses.length === list.length && list.length > 0;
    return fits ? addresses : mustBe('a mail address or a list of them');
  },
  { editor: { type: ['string', 'array'], items: TEXT } },
);

function readName(raw: unknown): string | Refusal {
  return typeof raw === 'string' && /^[\w][\w .-]{0,62}$/.test(raw)
    ? raw
    : mustBe('a name of letters, digits, space and ._-');
}

export const notifySchema = z
  .array(
    section({
      /** What it is called in the log, in alarms and in metrics; else its format and a hash of its URL. */
      name: value(readName, { editor: TEXT }).nullable().default(null),
      /** Where the deliveries are posted, or the mail server. PagerDuty has a default. */
      url: value(readSinkUrl, { secret: true, editor: TEXT }).nullable().default(null),
      /** Signs the deliveries (Standard Webhooks); null: unsigned. For PagerDuty the routing key, which it must have. */
      secret: value(readSecret, { secret: true, editor: TEXT }).nullable().default(null),
      /** What the receiver understands. */
      format: oneOf(...FORMATS).default('webhook'),
      /** Sent with every delivery, for a token that the receiver wants. */
      headers: headers.prefault({}),
      /** Which events it gets. */
      on: z
        .array(value((raw) => EVENTS.find((event) => event === raw) ?? mustBe(`one of ${EVENTS.join(', ')}`)))
        .default([...DEFAULT_EVENTS]),
      /** Of mail: the sender. */
      from: value(readMailAddress, { editor: TEXT }).nullable().default(null),
      /** Of mail: who gets it. */
      to: mailAddresses.nullable().default(null),
      /** What could not be delivered for so long is given up. */
      max_age: duration('1m', '30d').default(24 * 3_600_000),
      /** Of one attempt. */
      timeout: duration('1s', '60s').default(10_000),
    }),
  )
  .default([]);

type Written = z.output<typeof notifySchema>[number];

/** What a sink needs and cannot use depends on its format. */
export function resolveNotify({ report }: Scope, sinks: readonly Written[]): readonly SinkSpec[] {
  if (sinks.length > MAX_SINKS) report.error(['notify'], `notify has ${sinks.length} sinks; ${MAX_SINKS} are possible`);
  const resolved = sinks.flatMap((written, i) => resolveSink(report, ['notify', i], written) ?? []);
  const seen = new Set<string>();
  for (const [i, { id }] of resolved.entries()) {
    if (seen.has(id))
      report.error(['notify', i], `${label(['notify', i])} is the same sink as another one: ${quote(id)}`);
    seen.add(id);
  }
  return resolved;
}

function resolveSink(report: Scope['report'], path: Path, written: Written): SinkSpec | null {
  const { name, format, secret, from, to, max_age: maxAgeMs, timeout: timeoutMs, on } = written;
  const isMail = format === 'email';
  const url = written.url ?? (format === 'pagerduty' ? PAGERDUTY_URL : null);
  const missing = (key: string): void =>
    report.error(path, `${key} is missing in ${label(path)}: the format ${format} needs it`, 'key');
  const useless = (key: string): void =>
    report.error([...path, key], `${key} has no use with the format ${format}`, 'key');

  if (url === null) missing('url');
  else if (/^smtps?:/.test(url) !== isMail)
    report.refuse(
      [...path, 'url'],
      `must be ${isMail ? 'an smtp or smtps' : 'an http or https'} URL for the format ${format}`,
    );
  if (format === 'pagerduty' && secret === null) missing('secret');
  if (isMail && from === null) missing('from');
  if (isMail && to === null) missing('to');
  if (isMail && secret !== null) useless('secret');
  if (isMail && Object.keys(written.headers).length > 0) useless('headers');
  if (!isMail && from !== null) useless('from');
  if (!isMail && to !== null) useless('to');
  if (url === null) return null;
  const id = name ?? `${format} #${hashOf([url, format === 'pagerduty' ? secret : null, to])}`;
  const mail = from !== null && to !== null ? { from, to } : null;
  return { id, format, url, secret, headers: written.headers, mail, on, maxAgeMs, timeoutMs };
}

/** Names a sink without saying what it is. */
function hashOf(secrets: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(secrets)).digest('hex').slice(0, 8);
}
