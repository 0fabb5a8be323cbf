/** The routes that tell what is answered now. */
import { formatZone } from '../core/master-file.ts';
import { type OwnerName, parseOwnerName } from '../core/name.ts';
import type { ZoneContent } from '../core/zone.ts';
import type { StatusReport } from '../runtime/status.ts';
import { problem } from './problem.ts';
import type { Response, Route } from './route.ts';

export interface StateHandlers {
  status(): Promise<StatusReport>;
  /** A zone as it is served now; null for one that is not served. */
  zone(apex: OwnerName): ZoneContent | null;
}

export function stateRoutes(handlers: StateHandlers): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/status',
      access: 'read',
      handle: async () => ({ status: 200, body: await handlers.status() }),
    },
    {
      method: 'GET',
      path: '/api/v1/zones/{zone}',
      access: 'read',
      handle: async ({ params: { zone = '' } }) => zoneResponse(zone, handlers),
    },
  ];
}

/** The zone as a master file (RFC 1035 §5.1), whole. */
function zoneResponse(text: string, handlers: StateHandlers): Response {
  const apex = parseOwnerName(text);
  const content = apex.ok ? handlers.zone(apex.value) : null;
  if (content === null) return problem(404, `no zone "${text}" is served`);
  return { status: 200, body: { zone: content.apex, serial: content.soa.serial, masterFile: formatZone(content) } };
}
