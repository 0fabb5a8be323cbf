/** Where the running failoverd is: what the config says or, when that is broken, the command line. */
import { readFileSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { whyUnreadable } from '../config/files.ts';
import { type Where, whereOf } from './api-client.ts';
import type { Invocation } from './command.ts';
import { readConfig } from './config.ts';
import { ExitCode } from './exit-code.ts';
import { complain, type Io } from './io.ts';

/** For every command that asks the running failoverd, so that it works at another desk, and with a broken config. */
export const ADMIN_OPTIONS = {
  admin: { value: 'url', help: 'its admin API, such as http://127.0.0.1:8053, without a config' },
  'token-file': { value: 'file', help: 'its token, for --admin (default: $FAILOVERD_TOKEN)' },
} as const;

export interface AdminPlace extends Where {
  /** The config that says so; null: the command line does, and what the config knows is asked of the running failoverd. */
  readonly config: Config | null;
}

type AdminInvocation = Pick<Invocation<typeof ADMIN_OPTIONS>, 'configPath' | 'options'>;

/** The command line says where. */
export function isAdminNamed({ options }: AdminInvocation): boolean {
  return options.admin !== undefined || options['token-file'] !== undefined;
}

/** @returns an exit code, after it has been said what is wrong */
export async function findAdmin(invocation: AdminInvocation, io: Io): Promise<AdminPlace | ExitCode> {
  const { admin, 'token-file': tokenFile } = invocation.options;
  if (!isAdminNamed(invocation)) {
    const config = await readConfig(invocation.configPath, io);
    if (config) return { ...whereOf(config), config };
    io.stderr.write('With --admin <url> the running failoverd is asked although its config has errors.\n');
    return ExitCode.config;
  }
  if (admin === undefined) return complain(io, '--token-file goes with --admin <url>', ExitCode.usage);
  const url = URL.canParse(admin) ? new URL(admin) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) {
    return complain(io, `--admin must be a URL such as http://127.0.0.1:8053, found "${admin}"`, ExitCode.usage);
  }
  const token = tokenFile === undefined ? io.env.FAILOVERD_TOKEN || null : readToken(tokenFile, io);
  if (typeof token === 'number') return token;
  return { path: null, origin: url.origin, token, config: null };
}

function readToken(file: string, io: Io): string | ExitCode {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    return complain(io, `--token-file ${file} cannot be read: ${whyUnreadable(error)}`, ExitCode.failure);
  }
}
