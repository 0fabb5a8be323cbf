/** Asks the running failoverd, through its admin API. */
import { request } from 'undici';
import type { Config, Problem, SocketAddress } from '../config/config.ts';
import { formatHostPort } from '../config/host-port.ts';
import { ExitCode } from './exit-code.ts';

const TIMEOUT_MS = 5_000;

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  /** One line for people. */
  | {
      readonly ok: false;
      readonly code: typeof ExitCode.failure | typeof ExitCode.unreachable;
      readonly message: string;
      /** What HTTP says; absent where nothing answered. */
      readonly status?: number;
      /** What is wrong with a config, each with its place. */
      readonly problems?: readonly Problem[];
    };

/** An admin API, and what opens it. */
export interface Where {
  /** The config that says so; null: the command line does. */
  readonly path: string | null;
  /** `http://127.0.0.1:8053` */
  readonly origin: string;
  readonly token: string | null;
}

/** Where the failoverd of this config is reached from the same machine. */
export function whereOf({ path, admin }: Pick<Config, 'path' | 'admin'>): Where {
  return { path, origin: `http://${formatHostPort(reachable(admin.listen))}`, token: admin.token };
}

/** @param path `/api/v1/status` */
export function get<T>(where: Where, path: string): Promise<Answer<T>> {
  return ask(where, path, { method: 'GET' });
}

/** @param body becomes JSON */
export function post<T>(where: Where, path: string, body: object, timeoutMs = TIMEOUT_MS): Promise<Answer<T>> {
  const headers = { 'content-type': 'application/json' };
  return ask(where, path, { method: 'POST', headers, body: JSON.stringify(body), timeoutMs });
}

interface Message {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs?: number;
}

async function ask<T>(
  { path: configPath, origin, token }: Where,
  path: string,
  { timeoutMs = TIMEOUT_MS, ...message }: Message,
): Promise<Answer<T>> {
  try {
    const response = await request(`${origin}${path}`, {
      ...message,
      headers: { ...message.headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return read(response.statusCode, await response.body.text(), `${origin}${path}`);
  } catch (error) {
    const message = `no failoverd answers on ${origin.replace('http://', '')} (${reasonOf(error, timeoutMs)}): ${remedyFor(configPath)}`;
    return { ok: false, code: ExitCode.unreachable, message };
  }
}

function remedyFor(configPath: string | null): string {
  return configPath === null
    ? 'start "failoverd serve", or name another address with --admin'
    : `start "failoverd serve", or name its config with --config (this is ${configPath})`;
}

/** Where a server that listens everywhere is reached from here. */
function reachable({ host, port }: SocketAddress): SocketAddress {
  if (host === '0.0.0.0') return { host: '127.0.0.1', port };
  return { host: host === '::' ? '::1' : host, port };
}

/** Their details need no more around them: there is no such record, or an order that cannot be carried out. */
const REFUSALS: readonly number[] = [404, 409, 422];

function read<T>(status: number, text: string, url: string): Answer<T> {
  const body = parse(text);
  if (body === undefined) {
    return { ok: false, code: ExitCode.failure, message: `what answers at ${url} is not failoverd (status ${status})` };
  }
  if (status === 200) return { ok: true, value: body as T };
  const { detail, problems } = body as { detail?: unknown; problems?: readonly Problem[] };
  const message =
    REFUSALS.includes(status) && detail !== undefined
      ? String(detail)
      : `${url} answers ${status}: ${detail ?? text.trim()}`;
  return { ok: false, code: ExitCode.failure, message, status, ...(Array.isArray(problems) && { problems }) };
}

/** @returns undefined for what is no JSON object */
function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown, timeoutMs: number): string {
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (name === 'TimeoutError' || code === 'UND_ERR_HEADERS_TIMEOUT') return `nothing came within ${timeoutMs / 1000} s`;
  return code ?? message;
}
