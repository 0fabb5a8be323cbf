import { randomBytes } from 'node:crypto';
import { dashboardRoutes } from '../../admin/dashboard/routes.ts';
import { createSessions } from '../../admin/dashboard/sessions.ts';
import { type AdminHandlers, adminRoutes } from '../../admin/routes.ts';
import { type AdminServer, createAdminServer } from '../../admin/server.ts';
import type { Config } from '../../config/config.ts';
import { liveness, readiness } from '../../runtime/liveness.ts';
import { ListenError } from '../../runtime/ports.ts';
import type { StatusReport } from '../../runtime/status.ts';
import type { DaemonDeps } from '../daemon.ts';
import type { Metrics } from './metrics.ts';
import type { Parts } from './parts.ts';

export interface AdminDeps extends Pick<DaemonDeps, 'clock' | 'log' | 'version'> {
  readonly config: Pick<Config, 'admin'>;
  readonly status: () => Promise<StatusReport>;
  readonly parts: Parts;
  readonly metrics: Metrics;
}

/** Puts the parts behind the routes of the admin API, and serves it.
 *  @throws {ListenError} */
export async function startAdmin({
  config,
  clock,
  log,
  version,
  status,
  parts,
  metrics,
}: AdminDeps): Promise<AdminServer> {
  const { engine, events, dataPlane, reader } = parts;
  const handlers: AdminHandlers = {
    status,
    live: () => liveness(dataPlane),
    ready: () => readiness(engine, dataPlane),
    zone: engine.publisher.content,
    events,
    clock,
    orders: engine.orders,
    reader,
    testNotify: parts.notifications.test,
    metrics: config.admin.metrics ? metrics.scrape : null,
  };
  const { listen, token, publicRead } = config.admin;
  const sessions = createSessions({ clock, randomId, cookieName: `failoverd_${listen.port}` });
  const dashboard = await dashboardRoutes({ token, publicRead, sessions });
  const routes = [...adminRoutes(handlers, log), ...dashboard];
  const { isSignedIn } = sessions;
  const started = await createAdminServer({ listen, token, publicRead, isSignedIn, version, log, routes });
  if (!started.ok) throw new ListenError(started.reason);
  return started.server;
}

function randomId(): string {
  return randomBytes(32).toString('base64url');
}
