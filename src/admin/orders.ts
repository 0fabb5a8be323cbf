/** The routes by which an operator orders what is answered. Each names who orders it and why, and stands in the audit. */
import { type OwnerName, parseOwnerName, shown } from '../core/name.ts';
import type { OrderBook, OrderResult, Orders, PreviewResult } from '../runtime/orders.ts';
import type { Clock, Log } from '../runtime/ports.ts';
import type { Order } from '../runtime/reason.ts';
import type { RecordStatus } from '../runtime/status.ts';
import { type Audit, type Body, readOrdered } from './order-body.ts';
import { isCurrent, stale } from './precondition.ts';
import { problem } from './problem.ts';
import type { Request, Response, Route } from './route.ts';
import type { ShapeName } from './shapes.ts';

const MAX_FOR_MS = 366 * 86_400_000;

export interface OrderHandlers {
  readonly orders: Orders;
  readonly clock: Pick<Clock, 'epochMs'>;
  readonly log: Log;
  readonly audit: Audit;
  record(name: OwnerName): { readonly generation: number; readonly families: readonly RecordStatus[] } | null;
}

interface OrderKind {
  /** `switch`, `targets/{target}/drain` */
  readonly path: string;
  readonly summary: string;
  /** What it takes beyond who and why. */
  readonly body?: ShapeName;
  /** @returns what is wrong with the body, in words */
  readonly carryOut: <Result>(book: OrderBook<Result>, asked: Asked) => Result | string;
}

interface Asked {
  readonly record: OwnerName;
  readonly order: Order;
  readonly body: Body;
  readonly target: string;
}

const KINDS: readonly OrderKind[] = [
  {
    path: 'switch',
    summary: 'Answers with a target until further notice',
    body: 'switchBody',
    carryOut: carryOutSwitch,
  },
  {
    path: 'release',
    summary: 'Ends a switch: the prober decides again, at once',
    carryOut: (book, { record, order }) => book.release(record, order),
  },
  {
    path: 'failback',
    summary: 'Returns to a better target that is up, now',
    carryOut: (book, { record, order }) => book.failback(record, order),
  },
  {
    path: 'targets/{target}/drain',
    summary: 'Leaves a target, and keeps out of it while another is up',
    carryOut: (book, { record, order, target }) => book.drain(record, target, order),
  },
  {
    path: 'targets/{target}/undrain',
    summary: 'Lets a drained target answer again',
    carryOut: (book, { record, order, target }) => book.undrain(record, target, order),
  },
  {
    path: 'drill',
    summary: 'Answers with the first backup that is ready, for a time; ends earlier when that fails',
    body: 'drillBody',
    carryOut: carryOutDrill,
  },
];

/** Every order is a POST on its record; what cannot be carried out is 409, and has changed nothing. */
export function orderRoutes(handlers: OrderHandlers): readonly Route[] {
  return KINDS.map((kind) => ({
    method: 'POST',
    path: `/api/v1/records/{record}/${kind.path}`,
    access: 'write',
    doc: {
      summary: kind.summary,
      body: kind.body ?? 'orderBody',
      answer: 'orderAnswer',
      problems: [400, 404, 409, 412],
    },
    handle: (request) => handle(request, kind, handlers),
  }));
}

function carryOutSwitch<Result>(book: OrderBook<Result>, { record, order, body }: Asked): Result | string {
  const { target, forMs = null, force = false } = body;
  if (typeof target !== 'string') return '"target" must be the name of a target';
  if (typeof force !== 'boolean') return '"force" must be true or false';
  if (!isDuration(forMs)) return '"forMs" must be whole milliseconds, a second at least and a year at most, or null';
  return book.switchTo(record, { ...order, target, forMs, force });
}

function carryOutDrill<Result>(book: OrderBook<Result>, { record, order, body }: Asked): Result | string {
  const { forMs = null } = body;
  if (forMs === null || !isDuration(forMs)) {
    return '"forMs" must be whole milliseconds, a second at least and a year at most';
  }
  return book.drill(record, { ...order, forMs });
}

function isDuration(forMs: unknown): forMs is number | null {
  return forMs === null || (Number.isInteger(forMs) && Number(forMs) >= 1000 && Number(forMs) <= MAX_FOR_MS);
}

async function handle(request: Request, kind: OrderKind, handlers: OrderHandlers): Promise<Response> {
  const ordered = readOrdered(request);
  if (typeof ordered === 'string') return problem(400, ordered);
  const { order, body } = ordered;
  const { dryRun = false } = body;
  if (typeof dryRun !== 'boolean') return problem(400, '"dryRun" must be true or false');
  const name = parseOwnerName(request.params.record ?? '');
  if (!name.ok) return problem(404, `"${request.params.record}" is no domain name: it ${name.problem}`);
  const asked: Asked = { record: name.value, order, body, target: request.params.target ?? '' };
  const generation = handlers.orders.generation(asked.record);
  if (generation === null) return problem(404, `there is no record ${request.params.record}`);
  const isStale = !isCurrent(request, generation);
  if (dryRun) return isStale ? stale('the record', generation) : preview(kind.carryOut(handlers.orders.preview, asked));
  const result = isStale ? null : kind.carryOut(handlers.orders, asked);
  if (typeof result === 'string') return problem(400, result);
  const kept = await keep(kind, asked, result, handlers);
  if (result === null) return stale('the record', generation);
  return result.ok ? done(kind, asked, kept === 'committed', handlers) : problem(409, result.problem);
}

function preview(result: PreviewResult | string): Response {
  if (typeof result === 'string') return problem(400, result);
  return result.ok ? { status: 200, body: result.preview } : problem(409, result.problem);
}

/**
 * In the audit and, when it was carried out, in the log. What the order has changed stands before it in the same queue:
 * when this is committed the order is durable.
 * @param result null: it came too late
 */
function keep(kind: OrderKind, asked: Asked, result: OrderResult | null, handlers: OrderHandlers): ReturnType<Audit> {
  const { record, order, body, target } = asked;
  const action = kind.path.split('/').at(-1) ?? kind.path;
  const detail = target === '' ? known(body) : { target };
  const outcome =
    result === null ? 'refused: the record has changed since' : result.ok ? 'done' : `refused: ${result.problem}`;
  const label = shown(record);
  if (result?.ok) {
    handlers.log.info(
      { order: action, record: label, ...detail, ...order },
      `${order.actor} ordered: ${action} ${label}`,
    );
  }
  return handlers.audit({ atEpochMs: handlers.clock.epochMs(), ...order, action, record: label, detail, outcome });
}

/** Of what the body says beyond who and why, only what an order knows. */
function known({ target, forMs, force }: Body): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ target, forMs, force }).filter(([, value]) => value));
}

function done(kind: OrderKind, { record, order }: Asked, committed: boolean, handlers: OrderHandlers): Response {
  const { generation, families } = handlers.record(record) ?? { generation: 0, families: [] };
  const name = kind.path.split('/').at(-1);
  return {
    status: 200,
    headers: { ETag: `"${generation}"` },
    body: { record: shown(record), order: name, ...order, committed, generation, families },
  };
}
