/** The writes that concern the service, not what is answered for a record. */
import { type OwnerName, parseOwnerName, shown } from '../core/name.ts';
import type { Orders } from '../runtime/orders.ts';
import type { Clock } from '../runtime/ports.ts';
import type { ReloadOutcome, ReloadProblem } from '../runtime/reload.ts';
import { type Audit, type Ordered, readOrdered } from './order-body.ts';
import { isCurrent, stale } from './precondition.ts';
import { problem } from './problem.ts';
import type { JsonResponse, Request, Response, Route } from './route.ts';

export interface UpkeepHandlers {
  readonly clock: Pick<Clock, 'epochMs'>;
  readonly audit: Audit;
  /** Reads the config again and makes it the one in force, or leaves everything as it was. */
  reload(): Promise<ReloadOutcome>;
  /** Brings the next probes of the record's endpoints forward to now. @returns their ids; null: there is no such record */
  probeNow(record: OwnerName): readonly string[] | null;
  /** Of the config in force. */
  generation(): number;
  readonly orders: Orders;
}

export function upkeepRoutes(handlers: UpkeepHandlers): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/api/v1/reload',
      access: 'write',
      doc: {
        summary: 'Reads the config again; one that has errors changes nothing, and each is in the answer',
        body: 'reloadBody',
        answer: 'reloadAnswer',
        problems: [400, 412, 422],
      },
      async handle(request) {
        const ordered = readOrdered(request);
        return typeof ordered === 'string' ? problem(400, ordered) : reload(request, ordered, handlers);
      },
    },
    {
      method: 'POST',
      path: '/api/v1/check',
      access: 'write',
      doc: {
        summary: 'Probes the endpoints of a record now; what follows from it follows',
        body: 'checkBody',
        answer: 'checkAnswer',
        problems: [400, 404, 412],
      },
      async handle(request) {
        const ordered = readOrdered(request);
        return typeof ordered === 'string' ? problem(400, ordered) : check(request, ordered, handlers);
      },
    },
  ];
}

async function reload(request: Request, { order }: Ordered, handlers: UpkeepHandlers): Promise<Response> {
  const { clock, audit } = handlers;
  const generation = handlers.generation();
  const result = isCurrent(request, generation) ? await handlers.reload() : null;
  const refusal = result?.message ?? 'the config has changed since';
  await audit({
    ...{ atEpochMs: clock.epochMs(), ...order, action: 'reload', record: null },
    ...{ detail: result ? { message: result.message } : {}, outcome: result?.ok ? 'done' : `refused: ${refusal}` },
  });
  if (result === null) return stale('the config', generation);
  if (result.ok) return { status: 200, body: { ok: true, changes: result.changes, notes: result.notes } };
  return withProblems(problem(422, result.message), result.problems);
}

/** With an extension member (RFC 9457 §3.2). */
function withProblems(refused: JsonResponse, problems: readonly ReloadProblem[]): Response {
  return problems.length === 0 ? refused : { ...refused, body: { ...Object(refused.body), problems } };
}

async function check(request: Request, { body, order }: Ordered, handlers: UpkeepHandlers): Promise<Response> {
  const { clock, audit } = handlers;
  const name = typeof body.record === 'string' ? parseOwnerName(body.record) : null;
  if (!name?.ok) return problem(400, '"record" must be the name of a record');
  const record = shown(name.value);
  const generation = handlers.orders.generation(name.value);
  const isStale = generation !== null && !isCurrent(request, generation);
  const endpoints = isStale ? null : handlers.probeNow(name.value);
  const refusal = isStale ? 'the record has changed since' : 'there is no such record';
  const outcome = endpoints === null ? `refused: ${refusal}` : 'done';
  await audit({ atEpochMs: clock.epochMs(), ...order, action: 'check', record, detail: {}, outcome });
  if (isStale) return stale('the record', generation);
  if (endpoints === null) return problem(404, `there is no record ${record}`);
  return { status: 200, body: { record, endpoints } };
}
