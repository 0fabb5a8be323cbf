/** The section `dns`: how queries are answered. */
import type * as z from 'zod';
import type { DnsOptions } from '../runtime/ports.ts';
import { mustBe, type Refusal } from './refusal.ts';
import { boolean, duration, integer, oneOf, section, value } from './values.ts';

export const dnsSchema = section({
  /** Which UDP sockets: the native ones, node:dgram, or the native ones where they can be had. */
  sockets: oneOf('auto', 'batched', 'dgram').default('auto'),
  /** The largest UDP response that is sent, and what EDNS announces (RFC 6891). */
  edns_size: integer(512, 4096).default(1232),
  /** Response rate limiting, by the client's network. */
  rate_limit: section({
    /** 0 turns it off. */
    responses_per_second: integer(0, 1_000_000).default(50),
    /** Every so many-th limited response is sent truncated, so that a real client can come by TCP; 0: none. */
    slip: integer(0, 100).default(2),
    /** Clients whose addresses begin with the same bits share a limit. */
    ipv4_prefix: integer(1, 32).default(32),
    ipv6_prefix: integer(1, 128).default(64),
  }).prefault({}),
  /** DNS cookies (RFC 7873). */
  cookies: boolean.default(true),
  /** 16 bytes in hex, the same on servers that answer on one address; the first of a list makes cookies, all verify. Null: each process makes its own. */
  cookie_secret: value(readCookieSecrets, { secret: true }).nullable().default(null),
  /** What to send to those who ask which server answers (RFC 5001); null: nothing. */
  nsid: value(readShortText).nullable().default(null),
  /** Answer to CHAOS TXT `version.bind`; null: refused. `id.server` answers the NSID. */
  version: value(readShortText).nullable().default(null),
  tcp: section({
    /** Connections at once, in all and from one address. */
    max_connections: integer(1, 65_535).default(512),
    max_per_client: integer(1, 65_535).default(32),
    /** When a connection without a query is closed. */
    idle_timeout: duration('100ms', '1h').default(10_000),
  }).prefault({}),
}).prefault({});

function readCookieSecrets(raw: unknown): readonly string[] | Refusal {
  const list: unknown[] = Array.isArray(raw) ? raw : [raw];
  const secrets = list.filter((item) => typeof item === 'string' && /^[0-9a-f]{32}$/i.test(item));
  const fits = secrets.length === list.length && secrets.length > 0;
  return fits
    ? secrets.map((secret) => String(secret).toLowerCase())
    : mustBe('16 bytes in hex, 32 digits, or a list of such');
}

function readShortText(raw: unknown) {
  const fits = typeof raw === 'string' && raw !== '' && Buffer.byteLength(raw) <= 255;
  return fits ? raw : mustBe('a text of 1 to 255 bytes');
}

export function resolveDns(written: z.output<typeof dnsSchema>): DnsOptions {
  return {
    sockets: written.sockets,
    ednsSizeBytes: written.edns_size,
    rateLimit: {
      responsesPerSecond: written.rate_limit.responses_per_second,
      slip: written.rate_limit.slip,
      ipv4PrefixBits: written.rate_limit.ipv4_prefix,
      ipv6PrefixBits: written.rate_limit.ipv6_prefix,
    },
    cookies: written.cookies,
    cookieSecrets: written.cookie_secret ?? [],
    nsid: written.nsid,
    chaosVersion: written.version,
    tcp: {
      maxConnections: written.tcp.max_connections,
      maxPerClient: written.tcp.max_per_client,
      idleTimeoutMs: written.tcp.idle_timeout,
    },
  };
}
