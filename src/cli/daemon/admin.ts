import { randomBytes } from 'node:crypto';
import { dashboardRoutes } from '../../admin/dashboard/routes.ts';
import { createSessions } from '../../admin/dashboard/sessions.ts';
import { type AdminHandlers, adminRoutes } from '../../admin/routes.ts';
import { type AdminServer, createAdminServer } from '../../admin/server.ts';
import type { Config } from '../../config/config.ts';
import type { OwnerName } from '../../core/name.ts';
import { availabilityReport } from '../../runtime/availability.ts';
import type { Engine } from '../../runtime/engine.ts';
import { liveness, readiness } from '../../runtime/liveness.ts';
import { ListenError } from '../../runtime/ports.ts';
import type { StatusReport } from '../../runtime/status.ts';
import { recordStatus, recordStatuses } from '../../runtime/status-report.ts';
import type { Track } from '../../runtime/track.ts';
import type { DaemonDeps } from '../daemon.ts';
import type { Metrics } from './metrics.ts';
import type { Parts } from './parts.ts';

export interface AdminDeps extends Pick<DaemonDeps, 'clock' | 'log' | 'version' | 'reload'> {
  readonly config: Pick<Config, 'admin'>;
  readonly status: () => Promise<StatusReport>;
  readonly parts: Parts;
  readonly metrics: Metrics;
}

/** Puts the parts behind the routes of the admin API, and serves it.
 *  @throws {ListenError} */
export async function startAdmin({ config, status, parts, metrics, ...deps }: AdminDeps): Promise<AdminServer> {
  const { engine, alarms, events, history, dataPlane, reader } = parts;
  const { clock, log, version, reload } = deps;
  const handlers: AdminHandlers = {
    ...{ version, clock, log, events, reader, status },
    ...recordHandlers(engine),
    live: () => liveness(dataPlane),
    ready: () => readiness(engine, dataPlane),
    zone: engine.publisher.content,
    alarms,
    availability: (records, window) => availabilityReport(reader, records, window),
    orders: engine.orders,
    generation: engine.generation,
    testNotify: parts.notifications.test,
    metrics: config.admin.metrics ? metrics.scrape : null,
    audit: (audit) => history.commit({ transition: null, state: null, audit }),
    reload,
  };
  const { listen, token, publicRead } = config.admin;
  const sessions = createSessions({ clock, randomId, cookieName: `failoverd_${listen.port}` });
  const dashboard = await dashboardRoutes({ token, publicRead, sessions });
  const routes = [...adminRoutes(handlers), ...dashboard];
  const { isSignedIn } = sessions;
  const started = await createAdminServer({ listen, token, publicRead, isSignedIn, version, log, routes });
  if (!started.ok) throw new ListenError(started.reason);
  return started.server;
}

function randomId(): string {
  return randomBytes(32).toString('base64url');
}

/** What the routes ask about the records of the config in force. */
function recordHandlers(engine: Engine): Pick<AdminHandlers, 'records' | 'record' | 'recordSpecs' | 'probeNow'> {
  const tracksOf = (name: OwnerName): readonly Track[] => engine.tracks().filter(({ record }) => record.name === name);
  return {
    records: async () => ({ generation: engine.generation(), records: await recordStatuses(engine) }),
    record(name) {
      const tracks = tracksOf(name);
      const generation = tracks[0]?.version.generation;
      const families = tracks.flatMap((track) => recordStatus(track, engine.context) ?? []);
      return generation === undefined ? null : { generation, families };
    },
    recordSpecs: () => [...new Set(engine.tracks().map(({ record }) => record))],
    probeNow(name) {
      const [track] = tracksOf(name);
      if (!track) return null;
      const ids = track.record.targets.flatMap(({ endpoints }) => endpoints.map(({ id }) => id));
      for (const id of ids) engine.prober.probeNow(id);
      return ids;
    },
  };
}
