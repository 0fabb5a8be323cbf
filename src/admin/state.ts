/** The routes that tell what is answered now. */
import { formatZone } from '../core/master-file.ts';
import { type OwnerName, parseOwnerName } from '../core/name.ts';
import type { ZoneContent } from '../core/zone.ts';
import type { Alarms } from '../runtime/alarms.ts';
import type { RecordStatus, StatusReport } from '../runtime/status.ts';
import { problem } from './problem.ts';
import type { Response, Route, RouteDoc } from './route.ts';

export interface StateHandlers {
  status(): Promise<StatusReport>;
  /** Of the config in force, with its generation. */
  records(): Promise<{ readonly generation: number; readonly records: readonly RecordStatus[] }>;
  /** One record, with its generation; without families while it waits for its first probe round. Null: there is none. */
  record(name: OwnerName): { readonly generation: number; readonly families: readonly RecordStatus[] } | null;
  readonly alarms: Pick<Alarms, 'list' | 'resolved'>;
  /** A zone as it is served now; null for one that is not served. */
  zone(apex: OwnerName): ZoneContent | null;
}

export function stateRoutes(handlers: StateHandlers): readonly Route[] {
  const read = (path: string, doc: RouteDoc, handle: Route['handle']): Route => ({
    method: 'GET',
    path: `/api/v1/${path}`,
    access: 'read',
    doc,
    handle,
  });
  return [
    read('status', { summary: 'All that an operator needs at once', answer: 'status' }, async () => ({
      status: 200,
      body: await handlers.status(),
    })),
    read('records', { summary: 'What is answered for every record', answer: 'records' }, async () => ({
      status: 200,
      body: await handlers.records(),
    })),
    read(
      'records/{record}',
      { summary: 'What is answered for one record', answer: 'oneRecord', problems: [404] },
      async ({ params: { record = '' } }) => recordResponse(record, handlers),
    ),
    read(
      'alarms',
      { summary: 'The alarms that stand, the oldest first, and those that were resolved lately', answer: 'alarms' },
      async () => ({
        status: 200,
        body: { alarms: handlers.alarms.list(), resolved: handlers.alarms.resolved() },
      }),
    ),
    read(
      'zones/{zone}',
      { summary: 'A zone as it is served now, as a master file', answer: 'zone', problems: [404] },
      async ({ params: { zone = '' } }) => zoneResponse(zone, handlers),
    ),
  ];
}

/** With the generation as its ETag, for `If-Match` of an order (RFC 9110 §8.8.3). */
function recordResponse(text: string, handlers: StateHandlers): Response {
  const name = parseOwnerName(text);
  const found = name.ok ? handlers.record(name.value) : null;
  if (found === null) return problem(404, `there is no record "${text}"`);
  const record = name.ok ? name.value.replace(/(?<=.)\.$/, '') : text;
  return { status: 200, headers: { ETag: `"${found.generation}"` }, body: { record, ...found } };
}

/** The zone as a master file (RFC 1035 §5.1), whole. */
function zoneResponse(text: string, handlers: StateHandlers): Response {
  const apex = parseOwnerName(text);
  const content = apex.ok ? handlers.zone(apex.value) : null;
  if (content === null) return problem(404, `no zone "${text}" is served`);
  return { status: 200, body: { zone: content.apex, serial: content.soa.serial, masterFile: formatZone(content) } };
}
