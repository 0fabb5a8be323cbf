/** What every write names: who orders it, and why. */
import type { AuditEntry, History } from '../runtime/ports.ts';
import type { Order } from '../runtime/reason.ts';
import type { Request } from './route.ts';

const MAX_TEXT = 500;

/**
 * Writes who ordered what, after all that was ordered before. Settles when all of that is in the
 * database, or after 100 ms without that: as {@link History.commit} does.
 */
export type Audit = (entry: AuditEntry) => ReturnType<History['commit']>;

export type Body = Readonly<Record<string, unknown>>;

export interface Ordered {
  readonly body: Body;
  readonly order: Order;
}

/** @returns what is wrong with it, in words */
export function readOrdered(request: Request): Ordered | string {
  const body = readJson(request);
  if (typeof body === 'string') return body;
  const order = readOrder(body);
  return typeof order === 'string' ? order : { body, order };
}

/** JSON only by its own media type: no form of another site's page can send that. */
function readJson({ headers, body }: Request): Body | string {
  if (!/^application\/json\b/.test(String(headers['content-type'] ?? ''))) return 'the body must be application/json';
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Body)
      : 'the body must be a JSON object';
  } catch {
    return 'the body is not JSON';
  }
}

function readOrder({ reason, actor }: Body): Order | string {
  if (!isLine(reason)) return `"reason" must say why, in one line of at most ${MAX_TEXT} characters`;
  if (!isLine(actor)) return `"actor" must say who orders it, in one line of at most ${MAX_TEXT} characters`;
  return { reason, actor };
}

function isLine(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= MAX_TEXT && !/\p{Cc}/u.test(value);
}
