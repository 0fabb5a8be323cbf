/** Who has signed in with the token: a session is a random id in a cookie that no script can read. */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { hostOfOrigin } from '../guard.ts';

/** Without a request for so long, a session ends. */
export const SESSION_IDLE_MS = 7 * 86_400_000;
const MAX_SESSIONS = 256;

export interface Sessions {
  /** Begins a session. @returns the value of Set-Cookie */
  begin(): string;
  /** @returns the value of Set-Cookie that lets a browser keep the session for another while; null when there is none */
  renew(headers: IncomingHttpHeaders): string | null;
  /** Ends the session that these headers carry, if they do. @returns the value of Set-Cookie that removes it */
  end(headers: IncomingHttpHeaders): string;
  /** Whether the headers carry a session, and are no other site's doing. Renews it. */
  isSignedIn(headers: IncomingHttpHeaders): boolean;
}

export interface SessionsDeps {
  readonly clock: { nowMs(): number };
  /** Not to be guessed: 128 bits at least, in visible ASCII. */
  readonly randomId: () => string;
  /** Browsers keep cookies by host alone; with the port in its name, two failoverds on one host do not sign each other out. */
  readonly cookieName: string;
}

/** Keeps them in memory: a restart ends all sessions, and so does the 257th the one that has been idle for longest. */
export function createSessions({ clock, randomId, cookieName }: SessionsDeps): Sessions {
  const lastSeenMs = new Map<string, number>(); // by the hash of the id, the longest idle first
  const attributes = 'Path=/; HttpOnly; SameSite=Strict';

  const touch = (key: string): void => {
    lastSeenMs.delete(key);
    lastSeenMs.set(key, clock.nowMs());
  };
  const cookieOf = (id: string): string => `${cookieName}=${id}; ${attributes}; Max-Age=${SESSION_IDLE_MS / 1000}`;
  const isSignedIn = (headers: IncomingHttpHeaders): boolean => {
    const id = idIn(headers, cookieName);
    if (id === null || !isSameOrigin(headers)) return false;
    const key = hash(id);
    const seenMs = lastSeenMs.get(key);
    if (seenMs === undefined) return false;
    if (clock.nowMs() - seenMs > SESSION_IDLE_MS) {
      lastSeenMs.delete(key);
      return false;
    }
    touch(key);
    return true;
  };

  return {
    isSignedIn,
    begin() {
      const id = randomId();
      touch(hash(id));
      const [oldest] = lastSeenMs.keys();
      if (lastSeenMs.size > MAX_SESSIONS && oldest !== undefined) lastSeenMs.delete(oldest);
      return cookieOf(id);
    },
    renew: (headers) => (isSignedIn(headers) ? cookieOf(idIn(headers, cookieName) ?? '') : null),
    end(headers) {
      const id = idIn(headers, cookieName);
      if (id !== null) lastSeenMs.delete(hash(id));
      return `${cookieName}=; ${attributes}; Max-Age=0`;
    },
  };
}

/** Looked up by its hash, so that the time it takes says nothing about the ids that exist. */
function hash(id: string): string {
  return createHash('sha256').update(id).digest('base64');
}

function idIn({ cookie = '' }: IncomingHttpHeaders, name: string): string | null {
  const pairs = cookie.split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) || null;
}

/**
 * SameSite=Strict lets another port of the same host through: to a browser that is the same site. What a page of another
 * origin has sent says so, in Sec-Fetch-Site or in its Origin.
 */
function isSameOrigin({ 'sec-fetch-site': site = 'same-origin', origin, host }: IncomingHttpHeaders): boolean {
  if (site !== 'same-origin' && site !== 'none') return false;
  return origin === undefined || hostOfOrigin(origin) === host;
}
