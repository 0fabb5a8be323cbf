/** The routes that read the database. A disk that gives nothing now is 503. */
import { parseDuration } from '../core/duration.ts';
import type { RecordSpec } from '../core/record.ts';
import type { AvailabilityReport } from '../runtime/availability.ts';
import type { ProbeView, ReadResult, TransitionView } from '../runtime/history-report.ts';
import type { Clock, HistoryReader } from '../runtime/ports.ts';
import { problem } from './problem.ts';
import { nextOf, readPage, readRecord, readSince } from './query.ts';
import type { Request, Response, Route, RouteDoc } from './route.ts';
import type { ProbeEntry } from './schemas.ts';

const MAX_WINDOW_MS = 31 * 86_400_000;
const PAGE = { limit: 'how many, at most: 100, or up to 1000', cursor: 'the `next` of the page before' };
const SINCE = 'a duration such as 24h, or a time in ISO 8601';
const RECORD = 'in full: app.example.com';

export interface HistoryHandlers {
  readonly reader: HistoryReader;
  readonly clock: Pick<Clock, 'epochMs'>;
  /** The records of the config in force. */
  recordSpecs(): readonly RecordSpec[];
  availability(
    records: readonly RecordSpec[],
    window: { readonly fromMs: number; readonly toMs: number },
  ): Promise<ReadResult<Omit<AvailabilityReport, 'window'>>>;
}

export function historyRoutes(handlers: HistoryHandlers): readonly Route[] {
  const read = (path: string, doc: RouteDoc, answer: (request: Request) => Promise<Response>): Route => ({
    method: 'GET',
    path: `/api/v1/${path}`,
    access: 'read',
    doc: { ...doc, problems: [400, 503] },
    handle: answer,
  });
  return [
    read(
      'transitions',
      {
        summary: 'The transitions, the newest first',
        query: { record: RECORD, since: SINCE, ...PAGE },
        answer: 'transitions',
      },
      (request) => transitions(handlers, request),
    ),
    read(
      'probes',
      {
        summary: 'The probes, the newest first',
        query: { record: RECORD, endpoint: 'its id, as in status', since: SINCE, ...PAGE },
        answer: 'probes',
      },
      (request) => probes(handlers, request),
    ),
    read(
      'availability',
      {
        summary: 'How well the records were answered in a window of the past',
        query: {
          record: `${RECORD}; with it also the share of the time in which each target was up`,
          window: 'up to 31d; 24h',
        },
        answer: 'availability',
      },
      (request) => availability(handlers, request),
    ),
    read('audit', { summary: 'The orders, the newest first', query: PAGE, answer: 'audit' }, (request) =>
      audit(handlers, request),
    ),
  ];
}

async function transitions({ reader, clock }: HistoryHandlers, { query }: Request): Promise<Response> {
  const page = readPage(query);
  if (!page.ok) return problem(400, page.problem);
  const since = readSince(query, clock.epochMs());
  if (!since.ok) return problem(400, since.problem);
  const record = readRecord(query);
  if (!record.ok) return problem(400, record.problem);
  const filter = { ...(record.value && { record: record.value }), ...(since.value && { sinceEpochMs: since.value }) };
  const found = await reader.transitions({ ...page.value, ...filter });
  return answer(found, (rows) => ({ transitions: rows.map(withoutEvidence), next: nextOf(page.value, rows) }));
}

function withoutEvidence({ evidence: _, ...transition }: TransitionView): Omit<TransitionView, 'evidence'> {
  return transition;
}

async function probes({ reader, clock, recordSpecs }: HistoryHandlers, { query }: Request): Promise<Response> {
  const page = readPage(query);
  if (!page.ok) return problem(400, page.problem);
  const since = readSince(query, clock.epochMs());
  if (!since.ok) return problem(400, since.problem);
  const record = readRecord(query);
  if (!record.ok) return problem(400, record.problem);
  const spec = recordSpecs().find(({ name }) => name === record.value);
  if (record.value !== undefined && !spec) return problem(404, `there is no record ${query.get('record')}`);
  const targets = new Map(
    spec?.targets.flatMap(({ name, endpoints }) => endpoints.map(({ id }) => [id, name] as const)),
  );
  const endpoint = query.get('endpoint');
  const wanted = endpoint === null ? [...targets.keys()] : [endpoint].filter((id) => !spec || targets.has(id));
  const filter = {
    ...((spec || endpoint !== null) && { endpointIds: wanted }),
    ...(since.value && { sinceEpochMs: since.value }),
  };
  const found = await reader.probes({ ...page.value, ...filter });
  return answer(found, (rows) => ({
    probes: rows.map((row) => probeEntry(row, targets.get(row.endpoint) ?? null)),
    next: nextOf(page.value, rows),
  }));
}

/** What a body said and how long each phase took stands in the explanation of a transition. */
function probeEntry(view: ProbeView, target: string | null): ProbeEntry {
  const { phasesMs: _, bodySample: __, bodySha256: ___, certificateExpiresAt: ____, ...rest } = view;
  return { ...rest, target };
}

async function availability(handlers: HistoryHandlers, { query }: Request): Promise<Response> {
  const window = query.get('window') ?? '24h';
  const ms = parseDuration(window);
  if (ms === undefined || ms < 1000 || ms > MAX_WINDOW_MS) return problem(400, '"window" must be a duration up to 31d');
  const record = readRecord(query);
  if (!record.ok) return problem(400, record.problem);
  const specs = handlers.recordSpecs().filter(({ name }) => record.value === undefined || name === record.value);
  if (record.value !== undefined && specs.length === 0)
    return problem(404, `there is no record ${query.get('record')}`);
  const toMs = handlers.clock.epochMs();
  const report = await handlers.availability(specs, { fromMs: toMs - ms, toMs });
  return answer(report, (value) => ({ window, ...value }));
}

async function audit({ reader }: HistoryHandlers, { query }: Request): Promise<Response> {
  const page = readPage(query);
  if (!page.ok) return problem(400, page.problem);
  const found = await reader.audit(page.value);
  return answer(found, (entries) => ({ entries, next: nextOf(page.value, entries) }));
}

function answer<T>(result: ReadResult<T>, body: (value: T) => unknown): Response {
  return result.ok ? { status: 200, body: body(result.value) } : problem(503, result.reason);
}
