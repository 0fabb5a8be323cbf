/** The section `admin`: API, metrics and dashboard. */
import type * as z from 'zod';
import type { AdminSpec } from './config.ts';
import { formatHostPort } from './host-port.ts';
import { isLoopback, socketAddress } from './network.ts';
import { mustBe, Refusal } from './refusal.ts';
import type { Scope } from './scope.ts';
import { boolean, section, text, value } from './values.ts';

/** What a header can carry (RFC 6750 §2.1, and a little more). */
function readToken(raw: unknown): string | Refusal {
  return typeof raw === 'string' && /^[\x21-\x7e]+$/.test(raw) ? raw : mustBe('a text of visible ASCII characters');
}

/** In characters: less can be tried out over a network. */
const SHORTEST_TOKEN = 16;

export const adminSchema = section({
  /** The address of the API, of metrics and of the dashboard. */
  listen: socketAddress.default({ host: '127.0.0.1', port: 8053 }),
  /** What clients must present; required unless the address is loopback. */
  token: value(readToken, { secret: true }).nullable().default(null),
  /** A file that holds the token. */
  token_file: text.nullable().default(null),
  /** Whether `/metrics` is served. */
  metrics: boolean.default(true),
  /** Whether reading needs no token. */
  public_read: boolean.default(false),
}).prefault({});

export function resolveAdmin(scope: Scope, written: z.output<typeof adminSchema>): AdminSpec {
  const { listen, metrics, public_read: publicRead } = written;
  const token = readTokenOf(scope, written);
  if (token === null && !isLoopback(listen.host)) {
    scope.report.error(
      ['admin', 'listen'],
      `${formatHostPort(listen)} is not a loopback address: admin needs a token or a token_file`,
    );
  }
  if (token !== null && token !== '' && token.length < SHORTEST_TOKEN && !isLoopback(listen.host)) {
    const path = ['admin', written.token_file === null ? 'token' : 'token_file'];
    scope.report.warning(
      path,
      'a token this short can be guessed, and moves every record: "openssl rand -hex 32" makes one',
    );
  }
  return { listen, token, metrics, publicRead };
}

function readTokenOf({ report, files }: Scope, written: z.output<typeof adminSchema>): string | null {
  const path = ['admin', 'token_file'];
  if (written.token_file === null) return written.token;
  if (written.token !== null) report.error(path, 'token and token_file exclude each other', 'key');
  const text = files.token(written.token_file);
  const token = text instanceof Refusal ? text : readToken(text);
  if (!(token instanceof Refusal)) return token;
  report.refuseFile(path, text instanceof Refusal ? text.predicate : 'holds no token of visible ASCII characters');
  // Not null, lest the lack of a token be reported too.
  return '';
}
