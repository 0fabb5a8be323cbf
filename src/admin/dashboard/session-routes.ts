/** Signing in and out: the token goes over the wire once, and no script of the page keeps it. */
import { carriesToken } from '../guard.ts';
import { problem } from '../problem.ts';
import type { Request, Response, Route } from '../route.ts';
import type { Sessions } from './sessions.ts';

const PATH = '/api/v1/session';

/** What needs a session: nothing, only orders (`admin.public_read`), or everything. */
export interface SessionReport {
  readonly required: 'none' | 'write' | 'all';
  readonly signedIn: boolean;
}

export interface SessionOptions {
  readonly token: string | null;
  readonly publicRead: boolean;
  readonly sessions: Sessions;
}

export function sessionRoutes({ token, publicRead, sessions }: SessionOptions): readonly Route[] {
  const required = token === null ? 'none' : publicRead ? 'write' : 'all';
  const report = (signedIn: boolean, cookie: string | null): Response => ({
    status: 200,
    body: { required, signedIn } satisfies SessionReport,
    headers: cookie === null ? {} : { 'Set-Cookie': cookie },
  });
  return [
    {
      method: 'GET',
      path: PATH,
      access: 'open',
      doc: null,
      handle: async ({ headers }) => {
        const cookie = sessions.renew(headers);
        return report(cookie !== null, cookie);
      },
    },
    {
      method: 'POST',
      path: PATH,
      access: 'open',
      doc: null,
      handle: async (request) => {
        if (token === null) return problem(409, 'the config has no token: there is nothing to sign in to');
        return carriesToken(`Bearer ${tokenIn(request)}`, token)
          ? report(true, sessions.begin())
          : problem(403, 'this is not the token of the config');
      },
    },
    {
      method: 'DELETE',
      path: PATH,
      access: 'open',
      doc: null,
      handle: async ({ headers }) => report(false, sessions.end(headers)),
    },
  ];
}

/** JSON only by its own media type: no form of another site's page can send that. */
function tokenIn({ headers, body }: Request): string {
  if (!/^application\/json\b/.test(String(headers['content-type'] ?? ''))) return '';
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && 'token' in value ? String(value.token) : '';
  } catch {
    return '';
  }
}
