/** The section `check` of a record, and the same keys under `defaults`. */
import * as z from 'zod';
import { bodyExpectation, statusRanges } from './expect.ts';
import { headers } from './headers.ts';
import { hostName, readHttpUrl, sourceAddresses } from './network.ts';
import { boolean, duration, integer, oneOf, section, size, text, value } from './values.ts';

/** Every key of a check; all are optional, because a record's are completed by `defaults` and those by {@link CHECK_DEFAULTS}. */
export const checkKeys = {
  /** What is fetched over http or https. The connection goes to each address of the targets, whatever the host resolves to. */
  url: value(readHttpUrl).exactOptional(),
  /** Instead of `url`: the port to which a TCP connection must succeed. */
  tcp: integer(1, 65535).exactOptional(),
  /** Connect to this port instead of the URL's. */
  port: integer(1, 65535).nullable().exactOptional(),
  /** Host header, SNI and certificate name instead of the URL's host. */
  host: hostName.nullable().exactOptional(),
  /** The local address to probe from: one, or one for each family. */
  source: sourceAddresses.nullable().exactOptional(),
  method: oneOf('GET', 'HEAD', 'OPTIONS', 'POST').exactOptional(),
  /** Sent with each request. */
  headers: headers.exactOptional(),
  /** What makes a response good. */
  expect: section({
    /** A code, a range, or a list of them. */
    status: statusRanges.exactOptional(),
    /** A text that occurs in the body, or /a pattern/ that matches it. */
    body: bodyExpectation.nullable().exactOptional(),
    /** For `tcp`: the same for what the server sends first. */
    greeting: bodyExpectation.nullable().exactOptional(),
  }).exactOptional(),
  /** Keep one idle connection open; its end triggers a probe at once. */
  sentinel: boolean.exactOptional(),
  tls: section({
    /** Whether the server's certificate must be valid. */
    verify: boolean.exactOptional(),
    /** SNI, and the name in the certificate; the URL's host when null. */
    server_name: hostName.nullable().exactOptional(),
    /** PEM files, relative to the config's folder. Authorities to trust instead of those of Node.js. */
    ca_file: text.nullable().exactOptional(),
    /** The client certificate and its key. */
    cert_file: text.nullable().exactOptional(),
    key_file: text.nullable().exactOptional(),
  }).exactOptional(),
  /** From the start of one probe to the start of the next. */
  interval: duration('1s', '1d').exactOptional(),
  /** For the whole attempt, connect to last byte judged. */
  timeout: duration('10ms', '1h').exactOptional(),
  /** From the start of one probe that confirms a first fail to that of the next. */
  confirm: duration('10ms', '1h').exactOptional(),
  /** Consecutive fails that take an endpoint down. */
  fall: integer(1, 100).exactOptional(),
  /** Consecutive passes that bring it up again. */
  rise: integer(1, 100).exactOptional(),
  /** How much of a body is read. */
  max_body: size('1B', '16MiB').exactOptional(),
};

const BESIDE = ['ttl', 'families', 'all_down', 'failback', 'primary', 'backup', 'maintenance'];
const checkMap = section(checkKeys, {
  elsewhere: Object.fromEntries(BESIDE.map((key) => [key, 'it belongs beside "check"'])),
  kind: 'a URL or a map',
});

/** A map, or the URL alone. */
export const checkSchema = z.preprocess((raw) => (typeof raw === 'string' ? { url: raw } : raw), checkMap);

/** A check as written, by a record or by `defaults`. */
export type WrittenCheck = z.output<typeof checkMap>;

type Optionals = Omit<WrittenCheck, 'url' | 'tcp' | 'expect' | 'tls'>;

/** A check with every key but `url` and `tcp`, of which one is there. */
export type CompleteCheck = Pick<WrittenCheck, 'url' | 'tcp'> &
  Required<Optionals> & {
    readonly expect: Required<NonNullable<WrittenCheck['expect']>>;
    readonly tls: Required<NonNullable<WrittenCheck['tls']>>;
  };

/** What holds where neither the record nor `defaults` says otherwise. */
export const CHECK_DEFAULTS: CompleteCheck = {
  port: null,
  host: null,
  source: null,
  method: 'GET',
  headers: {},
  expect: { status: [{ from: 200, to: 299 }], body: null, greeting: null },
  sentinel: false,
  tls: { verify: true, server_name: null, ca_file: null, cert_file: null, key_file: null },
  interval: 5_000,
  timeout: 2_000,
  confirm: 1_000,
  fall: 3,
  rise: 3,
  max_body: 64 * 1024,
};

/** Completes a record's check. What it probes (`url` or `tcp`) comes from one place, the nearest that says it. */
export function completeCheck(own: WrittenCheck, defaults: WrittenCheck): CompleteCheck {
  const { url, tcp, ...shared } = defaults;
  const subject = own.url === undefined && own.tcp === undefined ? defaults : own;
  return {
    ...CHECK_DEFAULTS,
    ...shared,
    ...own,
    ...(subject.url === undefined ? {} : { url: subject.url }),
    ...(subject.tcp === undefined ? {} : { tcp: subject.tcp }),
    headers: { ...defaults.headers, ...own.headers },
    expect: { ...CHECK_DEFAULTS.expect, ...defaults.expect, ...own.expect },
    tls: { ...CHECK_DEFAULTS.tls, ...defaults.tls, ...own.tls },
  };
}
