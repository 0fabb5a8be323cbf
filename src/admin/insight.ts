/** The routes that explain: why a transition was made, and how a drill went. */
import { type OwnerName, parseOwnerName } from '../core/name.ts';
import type { HistoryReader } from '../runtime/ports.ts';
import { problem } from './problem.ts';
import type { Response, Route } from './route.ts';

export interface InsightHandlers {
  readonly reader: Pick<HistoryReader, 'explanation' | 'drill'>;
}

export function insightRoutes({ reader }: InsightHandlers): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/transitions/{id}',
      access: 'read',
      doc: { summary: 'Why a transition was made', answer: 'explanation', problems: [404, 503] },
      handle: async ({ params: { id = '' } }) => {
        if (!/^[1-9]\d{0,14}$/.test(id)) return problem(404, `"${id}" is no number of a transition`);
        return found(await reader.explanation(Number(id)), `there is no transition ${id}`);
      },
    },
    {
      method: 'GET',
      path: '/api/v1/records/{record}/drill',
      access: 'read',
      doc: { summary: 'How the last drill of a record went', answer: 'drill', problems: [404, 503] },
      handle: async ({ params: { record = '' } }) => {
        const name = parseOwnerName(record);
        if (!name.ok) return problem(404, `"${record}" is no domain name: it ${name.problem}`);
        return found(await reader.drill(name.value satisfies OwnerName), `there was no drill of ${record}`);
      },
    },
  ];
}

type Read = Awaited<ReturnType<HistoryReader['explanation'] | HistoryReader['drill']>>;

/** What the disk refuses is not the client's fault: 503. */
function found(read: Read, otherwise: string): Response {
  if (!read.ok) return problem(503, read.reason);
  return read.value === null ? problem(404, otherwise) : { status: 200, body: read.value };
}
