/** Where the running failoverd is: what the config says or, when that is broken, the command line. */
import { readFileSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { whyUnreadable } from '../config/files.ts';
import type { Invocation } from './command.ts';
import { readConfig } from './config.ts';
import { ExitCode } from './exit-code.ts';
import { complain, type Io } from './io.ts';

/** For commands that need no more of the config than this. */
export const ADMIN_OPTIONS = {
  admin: { value: 'url', help: 'its admin API, such as http://127.0.0.1:8053, without a config' },
  'token-file': { value: 'file', help: 'its token, for --admin (default: $FAILOVERD_TOKEN)' },
} as const;

export interface AdminPlace {
  /** The config that says so; null: the command line does. */
  readonly path: string | null;
  readonly admin: Pick<Config['admin'], 'listen' | 'token'>;
}

/** @returns an exit code, after it has been said what is wrong */
export async function findAdmin(
  { configPath, options }: Invocation<typeof ADMIN_OPTIONS>,
  io: Io,
): Promise<AdminPlace | ExitCode> {
  const { admin, 'token-file': tokenFile } = options;
  if (admin === undefined && tokenFile === undefined) {
    const config = await readConfig(configPath, io);
    if (config) return config;
    io.stderr.write('With --admin <url> the running failoverd is asked although its config has errors.\n');
    return ExitCode.config;
  }
  if (admin === undefined) return complain(io, '--token-file goes with --admin <url>', ExitCode.usage);
  const url = URL.canParse(admin) ? new URL(admin) : null;
  if (url?.protocol !== 'http:' || url.pathname !== '/') {
    return complain(io, `--admin must be a URL such as http://127.0.0.1:8053, found "${admin}"`, ExitCode.usage);
  }
  const token = tokenFile === undefined ? io.env.FAILOVERD_TOKEN || null : readToken(tokenFile, io);
  if (typeof token === 'number') return token;
  const listen = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80) };
  return { path: null, admin: { listen, token } };
}

function readToken(file: string, io: Io): string | ExitCode {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    return complain(io, `--token-file ${file} cannot be read: ${whyUnreadable(error)}`, ExitCode.failure);
  }
}
