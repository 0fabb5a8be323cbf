import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '../runtime/ports.ts';
import { readBody } from './body.ts';
import { limitConnections } from './connections.ts';
import { carriesToken, hostOfOrigin, isOwnHost } from './guard.ts';
import { problem } from './problem.ts';
import { matchRoute, type Response, type Route } from './route.ts';
import { send } from './send.ts';

const MAX_CONNECTIONS = 64;
const MAX_BODY_BYTES = 64 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 5_000;
const TIMEOUT_PRECISION_MS = 500;

export interface AdminOptions {
  readonly listen: { readonly host: string; readonly port: number };
  /** The bearer token that all but the `open` routes need; null: none is needed. */
  readonly token: string | null;
  /** Reading needs no token. */
  readonly publicRead: boolean;
  /** Whether a request comes from somebody who has signed in: that is as good as the token. */
  readonly isSignedIn: (headers: IncomingHttpHeaders) => boolean;
  /** For the Server header. */
  readonly version: string;
  readonly log: Log;
  readonly routes: readonly Route[];
}

export interface AdminServer {
  readonly address: { readonly host: string; readonly port: number };
  /** Ends what waits at once and finishes the requests under way, 1 s at most. */
  close(): Promise<void>;
}

export type AdminStart =
  | { readonly ok: true; readonly server: AdminServer }
  /** One line for the operator. */
  | { readonly ok: false; readonly reason: string };

/** Serves the admin API. */
export async function createAdminServer(options: AdminOptions): Promise<AdminStart> {
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: IDLE_TIMEOUT_MS,
    connectionsCheckingInterval: TIMEOUT_PRECISION_MS,
  });
  limitConnections(server, MAX_CONNECTIONS);
  const closing = new AbortController();
  server.on('request', (request, response) => void serve(options, request, response, closing.signal));
  const failure = await listen(server, options.listen);
  if (failure !== null) return { ok: false, reason: failure };
  const { address: host, port } = server.address() as AddressInfo;
  return { ok: true, server: { address: { host, port }, close: () => close(server, closing) } };
}

/** @returns why it cannot listen; null when it does */
function listen(server: Server, { host, port }: AdminOptions['listen']): Promise<string | null> {
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(whyNot(error, `${host}:${port}`)));
    server.listen({ host, port }, () => resolve(null));
  });
}

function whyNot(error: NodeJS.ErrnoException, address: string): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `${address} (admin API) is taken by another process; stop it or change "admin.listen"`;
    case 'EACCES':
      return `${address} (admin API): no permission to listen there; change "admin.listen"`;
    case 'EADDRNOTAVAIL':
      return `${address} (admin API): this machine does not have that address; change "admin.listen"`;
    default:
      return `${address} (admin API): ${error.message}; change "admin.listen"`;
  }
}

async function close(server: Server, closing: AbortController): Promise<void> {
  closing.abort();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const force = setTimeout(() => server.closeAllConnections(), 1_000);
  await closed;
  clearTimeout(force);
}

async function serve(
  options: AdminOptions,
  request: IncomingMessage,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  const sender = { version: options.version, closing };
  try {
    send(response, request, sender, await answer(options, request));
  } catch (error) {
    if (request.destroyed && !request.complete) return; // the client went away in the middle of its request
    options.log.error({ err: error, url: request.url }, 'admin API: a request failed');
    send(response, request, sender, problem(500, 'an internal error; the log has the details'));
  }
}

async function answer(options: AdminOptions, request: IncomingMessage): Promise<Response> {
  const refused = guard(options, request);
  if (refused !== null) return refused;
  const target = request.url ?? '';
  if (!target.startsWith('/') || !URL.canParse(`http://host${target}`))
    return problem(400, 'the request target is no path');
  const { pathname, searchParams: query } = new URL(`http://host${target}`);
  const match = matchRoute(options.routes, request.method ?? '', pathname);
  if (match.kind === 'not_found') return problem(404, `there is nothing at ${pathname}`);
  if (match.kind === 'wrong_method') {
    return problem(405, `${pathname} takes ${match.allow}`, { Allow: match.allow });
  }
  const { route, params } = match;
  if (needsToken(options, route) && !isAuthorized(options, request)) {
    return problem(401, 'this needs the token of the config, as a bearer token', { 'WWW-Authenticate': 'Bearer' });
  }
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body === null) return problem(413, `a body has at most ${MAX_BODY_BYTES} bytes`, { Connection: 'close' });
  return route.handle({ params, query, headers: request.headers, body });
}

function needsToken({ token, publicRead }: AdminOptions, { access }: Route): boolean {
  return token !== null && access !== 'open' && !(publicRead && access === 'read');
}

function isAuthorized({ token, isSignedIn }: AdminOptions, { headers }: IncomingMessage): boolean {
  return carriesToken(headers.authorization, token ?? '') || isSignedIn(headers);
}

/** Refuses what a page of another site could make a browser send. */
function guard({ listen: { host } }: AdminOptions, { headers, socket }: IncomingMessage): Response | null {
  const isOwn = (name: string): boolean => isOwnHost(name, host, socket.localAddress ?? '');
  if (!isOwn(headers.host ?? '')) return problem(421, `this is not the server of ${headers.host ?? 'an unnamed host'}`);
  if (headers.origin === undefined) return null;
  return isOwn(hostOfOrigin(headers.origin) ?? '')
    ? null
    : problem(403, `requests from ${headers.origin} are not taken`);
}
