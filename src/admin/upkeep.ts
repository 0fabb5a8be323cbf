/** The writes that concern the service, not what is answered for a record. */
import { type OwnerName, parseOwnerName } from '../core/name.ts';
import type { AuditEntry, Clock } from '../runtime/ports.ts';
import type { ReloadOutcome, ReloadProblem } from '../runtime/reload.ts';
import { type Ordered, readOrdered } from './order-body.ts';
import { problem } from './problem.ts';
import type { JsonResponse, Response, Route } from './route.ts';

export interface UpkeepHandlers {
  readonly clock: Pick<Clock, 'epochMs'>;
  audit(entry: AuditEntry): Promise<unknown>;
  /** Reads the config again and makes it the one in force, or leaves everything as it was. */
  reload(): Promise<ReloadOutcome>;
  /** Brings the next probes of the record's endpoints forward to now. @returns their ids; null: there is no such record */
  probeNow(record: OwnerName): readonly string[] | null;
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
        problems: [400, 422],
      },
      async handle(request) {
        const ordered = readOrdered(request);
        return typeof ordered === 'string' ? problem(400, ordered) : reload(ordered, handlers);
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
        problems: [400, 404],
      },
      async handle(request) {
        const ordered = readOrdered(request);
        return typeof ordered === 'string' ? problem(400, ordered) : check(ordered, handlers);
      },
    },
  ];
}

async function reload({ order }: Ordered, { clock, audit, ...handlers }: UpkeepHandlers): Promise<Response> {
  const outcome = await handlers.reload();
  const { message } = outcome;
  await audit({
    ...{ atEpochMs: clock.epochMs(), ...order, action: 'reload', record: null, detail: { message } },
    outcome: outcome.ok ? 'done' : `refused: ${message}`,
  });
  if (outcome.ok) return { status: 200, body: { ok: true, changes: outcome.changes, notes: outcome.notes } };
  return withProblems(problem(422, message), outcome.problems);
}

/** With an extension member (RFC 9457 §3.2). */
function withProblems(refused: JsonResponse, problems: readonly ReloadProblem[]): Response {
  return problems.length === 0 ? refused : { ...refused, body: { ...Object(refused.body), problems } };
}

async function check({ body, order }: Ordered, { clock, audit, probeNow }: UpkeepHandlers): Promise<Response> {
  const name = typeof body.record === 'string' ? parseOwnerName(body.record) : null;
  if (!name?.ok) return problem(400, '"record" must be the name of a record');
  const record = name.value === '.' ? '.' : name.value.slice(0, -1);
  const endpoints = probeNow(name.value);
  const outcome = endpoints === null ? 'refused: there is no such record' : 'done';
  await audit({ atEpochMs: clock.epochMs(), ...order, action: 'check', record, detail: {}, outcome });
  if (endpoints === null) return problem(404, `there is no record ${record}`);
  return { status: 200, body: { record, endpoints } };
}
