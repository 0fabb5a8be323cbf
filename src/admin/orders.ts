/** The routes by which an operator orders what is answered. Each names who orders it and why. */
import { parseOwnerName } from '../core/name.ts';
import type { OrderResult, Orders } from '../runtime/orders.ts';
import type { Log } from '../runtime/ports.ts';
import type { Order } from '../runtime/reason.ts';
import { problem } from './problem.ts';
import type { Request, Response, Route } from './route.ts';

const MAX_TEXT = 500;
const MAX_FOR_MS = 366 * 86_400_000;

type Body = Readonly<Record<string, unknown>>;
type OwnerName = Parameters<Orders['release']>[0];
type CarryOut = (record: OwnerName, order: Order, request: Request, body: Body) => OrderResult | string;

/** Every order is a POST on its record; what cannot be carried out is 409, and has changed nothing. */
export function orderRoutes(orders: Orders, log: Log): readonly Route[] {
  const route = (path: string, carryOut: CarryOut): Route => ({
    method: 'POST',
    path: `/api/v1/records/{record}/${path}`,
    access: 'write',
    handle: async (request) => handle(request, path.split('/').at(-1) ?? path, carryOut, log),
  });
  return [
    route('switch', (record, order, _request, body) => {
      const { target, forMs = null, force = false } = body;
      if (typeof target !== 'string') return '"target" must be the name of a target';
      if (typeof force !== 'boolean') return '"force" must be true or false';
      if (!isDuration(forMs))
        return '"forMs" must be whole milliseconds, a second at least and a year at most, or null';
      return orders.switchTo(record, { ...order, target, forMs, force });
    }),
    route('drill', (record, order, _request, { forMs = null }) => {
      if (forMs === null || !isDuration(forMs)) {
        return '"forMs" must be whole milliseconds, a second at least and a year at most';
      }
      return orders.drill(record, { ...order, forMs });
    }),
    route('release', (record, order) => orders.release(record, order)),
    route('failback', (record, order) => orders.failback(record, order)),
    route('targets/{target}/drain', (record, order, { params }) => orders.drain(record, params.target ?? '', order)),
    route('targets/{target}/undrain', (record, order, { params }) =>
      orders.undrain(record, params.target ?? '', order),
    ),
  ];
}

function isDuration(forMs: unknown): forMs is number | null {
  return forMs === null || (Number.isInteger(forMs) && Number(forMs) >= 1000 && Number(forMs) <= MAX_FOR_MS);
}

function handle(request: Request, name: string, carryOut: CarryOut, log: Log): Response {
  const body = readJson(request);
  if (typeof body === 'string') return problem(400, body);
  const order = readOrder(body);
  if (typeof order === 'string') return problem(400, order);
  const record = parseOwnerName(request.params.record ?? '');
  if (!record.ok) return problem(404, `"${request.params.record}" is no domain name: it ${record.problem}`);
  const result = carryOut(record.value, order, request, body);
  if (typeof result === 'string') return problem(400, result);
  if (!result.ok) return problem(409, result.problem);
  log.info({ order: name, record: record.value, ...request.params, ...order }, `${order.actor} ordered: ${name}`);
  return { status: 200, body: { record: request.params.record, order: name, ...order } };
}

/** JSON only by its own media type: no form of another site's page can send that. */
export function readJson({ headers, body }: Request): Body | string {
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

export function readOrder({ reason, actor }: Body): Order | string {
  if (!isLine(reason)) return `"reason" must say why, in one line of at most ${MAX_TEXT} characters`;
  if (!isLine(actor)) return `"actor" must say who orders it, in one line of at most ${MAX_TEXT} characters`;
  return { reason, actor };
}

function isLine(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= MAX_TEXT && !/\p{Cc}/u.test(value);
}
