/** What the demo plays with: a folder, a config, two web servers and a failoverd. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import type { Daemon } from '../daemon.ts';
import { type Backend, createBackend } from './backend.ts';
import { findFreePort } from './ports.ts';

export const RECORD = 'app.example.com';
const LOOPBACK = '127.0.0.1';
const PRIMARY = '127.0.0.11';
const BACKUP = '127.0.0.12';
const DNS_PORT = 5353;
const HTTP_PORT = 8080;
const ADMIN_PORT = 8053;

export interface Stage {
  readonly daemon: Daemon;
  readonly configPath: string;
  readonly databasePath: string;
  readonly dnsPort: number;
  /** `http://127.0.0.1:8053/` */
  readonly dashboardUrl: string;
  readonly httpPort: number;
  readonly primary: Backend;
  readonly backup: Backend;
  /** Ends everything; the folder goes, too. */
  clear(): Promise<void>;
}

export interface Ports {
  readonly dns: number;
  readonly admin: number;
  readonly http: number;
}

/** @throws what the start throws, and the errno error of a web server's port */
export async function setStage(ports: Ports, start: (config: Config) => Promise<Daemon>): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'failoverd-demo-'));
  const configPath = join(folder, 'failoverd.yaml');
  const primary = createBackend('primary', PRIMARY, ports.http);
  const backup = createBackend('backup', BACKUP, ports.http);
  const clear = async (): Promise<void> => {
    await primary.break();
    await backup.break();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await writeFile(configPath, configText(ports));
    const config = await loadConfig(configPath, {});
    if (!config.ok) throw new Error(`the demo's config is refused: ${config.problems[0]?.message}`);
    await primary.mend();
    await backup.mend();
    const daemon = await start(config.config);
    return {
      daemon,
      configPath,
      databasePath: config.config.databasePath,
      dnsPort: ports.dns,
      dashboardUrl: `http://${LOOPBACK}:${ports.admin}/`,
      httpPort: ports.http,
      primary,
      backup,
      clear: async () => {
        await daemon.stop();
        await clear();
      },
    };
  } catch (error) {
    await clear();
    throw error;
  }
}

/** @returns one line for people when there are none */
export async function findPorts(): Promise<Ports | string> {
  const dns = await findFreePort([LOOPBACK], DNS_PORT);
  const admin = await findFreePort([LOOPBACK], ADMIN_PORT);
  const http = await findFreePort([PRIMARY, BACKUP], HTTP_PORT);
  if (http === null) return `no port from ${HTTP_PORT} on can be used at ${PRIMARY} and ${BACKUP}`;
  if (dns === null || admin === null)
    return `no port from ${dns === null ? DNS_PORT : ADMIN_PORT} on is free at ${LOOPBACK}`;
  return { dns, admin, http };
}

/** Checks as fast as they may be, so that a flip is seen within seconds. */
function configText({ dns, admin, http }: Ports): string {
  return `# The config of "failoverd demo".
listen: ["${LOOPBACK}:${dns}"]
workers: 1
database: failoverd.db
admin: {listen: "${LOOPBACK}:${admin}"}
zones:
  ${RECORD}:
    nameservers: {ns1.${RECORD}: ${LOOPBACK}}
    records:
      "@":
        ttl: 1s
        primary: ${PRIMARY}
        backup: ${BACKUP}
        failback: {mode: auto, after: 3s}
        check: {url: "http://${RECORD}:${http}/", interval: 1s, timeout: 500ms, confirm: 200ms, fall: 3, rise: 2}
`;
}
