import type { Route } from '../route.ts';
import { fileRoutes, loadDashboard } from './files.ts';
import { type SessionOptions, sessionRoutes } from './session-routes.ts';

/** The page for people at `/`, and how they sign in.
 *  @throws when a file of the installation is missing */
export async function dashboardRoutes(options: SessionOptions): Promise<readonly Route[]> {
  return [...fileRoutes(await loadDashboard()), ...sessionRoutes(options)];
}
