import { isIPv4, isIPv6, type Socket } from 'node:net';
import type { buildConnector as Connector, Dispatcher } from 'undici';
import type { HttpCheck } from '../core/check.ts';
import { type Outcome, PASS } from '../core/outcome.ts';
import type { Attempt, Place, Probe } from './attempt.ts';
import { closedEarly } from './errors.ts';
import { type Expectation, expectation } from './expectation.ts';
import type { OpenConnection } from './sentinel.ts';
import { certificateExpiry, tlsConnectionOptions } from './tls.ts';
import { buildConnector, Client } from './undici.ts';

/** How long a response whose status is wrong is read on, for its body as evidence. */
const EVIDENCE_MS = 100;

type Connect = (options: Connector.Options, callback: Connector.Callback) => Socket;

/**
 * An HTTP/1.1 probe, through undici: a fresh Client and connection for each attempt, no redirect followed,
 * no content decoded. undici's own timeouts are off, because they are coarse and do not cover connecting: the attempt's
 * deadline destroys client and socket.
 */
export function httpProbe(check: HttpCheck, version: string): Probe {
  const expect = expectation(check.expectBody);
  const connect = connectorOf(check);
  return (attempt, place) => {
    const client = new Client(originOf(check), {
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (options, callback) => connectOnce(attempt, () => connect(place, options, callback), options),
    });
    const exchange = new Exchange(attempt, check, expect);
    attempt.onEnd(() => {
      if (!exchange.complete) client.destroy(null, () => {});
    });
    client.dispatch(requestOf(check, version), exchange);
  };
}

/** Opens connections as the probes do, TLS included, and sends nothing. */
export function httpConnection(place: Place, check: HttpCheck): OpenConnection {
  const { protocol, host, hostname, port } = originOf(check);
  const connect = connectorOf(check);
  return (onOpen) =>
    connect(place, { protocol, host, hostname, port }, (...[error]) => {
      if (error === null) onOpen();
    });
}

/** Scheme, host name and port as the check says: what Host and the certificate go by, not what is connected to. */
function originOf(check: HttpCheck): URL {
  const origin = new URL(new URL(check.url).origin);
  if (check.host !== null) origin.host = check.host;
  return origin;
}

function requestOf(check: HttpCheck, version: string): Dispatcher.DispatchOptions {
  const url = new URL(check.url);
  const headers: Record<string, string> = { 'user-agent': `failoverd/${version}` };
  for (const [name, value] of Object.entries(check.headers)) headers[name.toLowerCase()] = value;
  return { path: url.pathname + url.search, method: check.method, headers, reset: true };
}

const CONNECTOR_OPTIONS = { timeout: 0, allowH2: false, maxCachedSessions: 0, keepAlive: false } as const;

// undici's connector gives back the socket, which its types keep for themselves.
const connectPlain = buildConnector(CONNECTOR_OPTIONS) as Connect;

function tlsConnector(check: HttpCheck): Connect {
  const tls = tlsConnectionOptions(check.tls, hostNameOf(originOf(check)));
  return buildConnector({ ...CONNECTOR_OPTIONS, ...tls }) as Connect;
}

/**
 * Connects to a place's address whatever the URL's host is. The address stands in the place of the host name,
 * rather than behind a `lookup`: that is never asked when the URL's host is itself an address.
 */
function connectorOf(check: HttpCheck): (place: Place, ...args: Parameters<Connect>) => Socket {
  let connectTls: Connect | undefined;
  return ({ address, family }, options, callback) => {
    if (options.protocol === 'https:') connectTls ??= tlsConnector(check);
    const connect = connectTls ?? connectPlain;
    const isOwnFamily = family === 4 ? isIPv4 : isIPv6;
    const { sourceAddress } = check;
    const localAddress = sourceAddress !== null && isOwnFamily(sourceAddress) ? sourceAddress : null;
    const port = check.port === null ? options.port : String(check.port);
    const { servername: _, ...rest } = options;
    return connect({ ...rest, hostname: address, port, localAddress }, callback);
  };
}

function hostNameOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

/** undici connects again when a connection dies before its request is written: one attempt is one connection. */
function connectOnce(attempt: Attempt, connect: () => Socket, { protocol }: Connector.Options): void {
  if (attempt.holds || attempt.ended) {
    attempt.settle(closedEarly(attempt.phase));
    return;
  }
  const socket = connect();
  attempt.hold(socket);
  // The first error is the cause: undici reports the last, which after a TLS alert is only that the connection closed.
  socket.once('error', (error) => attempt.fail(error));
  if (protocol !== 'https:') return;
  socket.once('connect', () => attempt.enter('tls'));
  socket.once('secureConnect', () => {
    attempt.certificateExpiresAtEpochMs = certificateExpiry(socket);
  });
}

/** One request and its response, as undici tells of them. */
class Exchange implements Dispatcher.DispatchHandler {
  /** Whether the response was read to its end, so that undici has nothing left to do. */
  complete = false;
  readonly #attempt: Attempt;
  readonly #check: HttpCheck;
  readonly #expect: Expectation;

  constructor(attempt: Attempt, check: HttpCheck, expect: Expectation) {
    this.#attempt = attempt;
    this.#check = check;
    this.#expect = expect;
  }

  onRequestStart(): void {
    this.#attempt.enter('headers');
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) return;
    this.#attempt.status = status;
    this.#attempt.enter('body');
    if (this.#check.expectStatus.some(({ from, to }) => status >= from && status <= to)) return;
    const outcome: Outcome = { outcome: 'fail', reason: 'status', phase: 'headers', detail: String(status) };
    this.#attempt.settleWithin(outcome, EVIDENCE_MS);
  }

  /** The body is read up to its cap; what lies beyond is not judged, so nor is it waited for. */
  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#attempt.received.add(chunk);
    if (this.#attempt.received.full) this.#judge();
  }

  onResponseEnd(): void {
    this.complete = true;
    this.#judge();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#attempt.fail(error);
  }

  #judge(): void {
    if (this.#attempt.ended) return;
    this.#attempt.settle(this.#expect(this.#attempt.received.bytes()) ?? PASS);
  }
}
