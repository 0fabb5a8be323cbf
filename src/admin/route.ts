/** What the admin API can be asked: a table of routes, matched in one place. */
import type { ShapeName } from './shapes.ts';

/** A request that has passed every guard. */
export interface Request {
  /** What stands at the `{names}` of the route's path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

interface Head {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The body becomes JSON. */
export interface JsonResponse extends Head {
  readonly body: unknown;
}

/** Sent as it is. */
export interface ContentResponse extends Head {
  /** The media type (RFC 9110 §8.3.1): `text/html; charset=utf-8`. */
  readonly type: string;
  readonly content: string | Uint8Array;
}

/** Goes on until one side ends it. */
export interface StreamResponse extends Head {
  readonly type: string;
  /** Begins to send; the function that it returns is called once, when nobody listens any more. */
  readonly stream: (outlet: Outlet) => () => void;
}

/** What a stream writes to. Its client is cut off when it does not read: nothing is kept for it without bound. */
export interface Outlet {
  write(text: string): void;
  end(): void;
}

export type Response = JsonResponse | ContentResponse | StreamResponse;

/** What the API says of a route about itself, at /openapi.json. */
export interface RouteDoc {
  /** A few words. */
  readonly summary: string;
  /** What each parameter behind the `?` means. */
  readonly query?: Readonly<Record<string, string>>;
  /** The body that it takes. */
  readonly body?: ShapeName;
  /** The body of its 200; absent where that is no JSON. */
  readonly answer?: ShapeName;
  /** The media type of its 200, where that is no JSON. */
  readonly type?: string;
  /** The statuses of its problems, beyond those that every route has. */
  readonly problems?: readonly number[];
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `/api/v1/records/{record}`: a name in braces matches one segment. */
  readonly path: string;
  /** `open` routes say nothing that needs a token: they are for load balancers and supervisors. `read` can be made open by the config. */
  readonly access: 'open' | 'read' | 'write';
  /** Null: no part of the API, but of the page for people. */
  readonly doc: RouteDoc | null;
  readonly handle: (request: Request) => Promise<Response>;
}

export type Match =
  | { readonly kind: 'found'; readonly route: Route; readonly params: Readonly<Record<string, string>> }
  /** The path is known; `allow` is the value of the Allow header (RFC 9110 §10.2.1). */
  | { readonly kind: 'wrong_method'; readonly allow: string }
  | { readonly kind: 'not_found' };

/** Finds the route of a request. HEAD is answered wherever GET is. */
export function matchRoute(routes: readonly Route[], method: string, pathname: string): Match {
  const matches = routes.flatMap((route) => {
    const params = matchPath(route.path, pathname);
    return params === null ? [] : [{ route, params }];
  });
  if (matches.length === 0) return { kind: 'not_found' };
  const found = matches.find(({ route }) => route.method === (method === 'HEAD' ? 'GET' : method));
  return found
    ? { kind: 'found', ...found }
    : { kind: 'wrong_method', allow: allowOf(matches.map(({ route }) => route)) };
}

function matchPath(path: string, pathname: string): Record<string, string> | null {
  const wanted = path.split('/');
  const given = pathname.split('/');
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? '';
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    if (name === undefined ? segment !== value : value === '') return null;
    if (name === undefined) continue;
    const decoded = decode(value);
    if (decoded === null) return null;
    params[name] = decoded;
  }
  return params;
}

function decode(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null; // a lone % or no UTF-8: no name that we know
  }
}

function allowOf(routes: readonly Route[]): string {
  const methods = routes.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return [...new Set(methods)].join(', ');
}
