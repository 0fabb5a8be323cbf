import { execFile, spawn, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

type Environment = Readonly<Record<string, string | undefined>>;

/** The command line that runs a program with this environment alone: tap puts NODE_OPTIONS into what a test spawns. */
function bare(command: string, args: readonly string[], env: Environment): readonly string[] {
  return ['-i', ...Object.entries(env).map(([name, value]) => `${name}=${value}`), command, ...args];
}

export function runBare(command: string, args: readonly string[], { cwd, env }: { cwd: string; env: Environment }) {
  return promisify(execFile)('/usr/bin/env', bare(command, args, env), { cwd });
}

export function spawnBare(command: string, args: readonly string[], { cwd, env }: { cwd: string; env: Environment }) {
  return spawn('/usr/bin/env', bare(command, args, env), { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
}

export interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function runBareSync(
  command: string,
  args: readonly string[],
  { cwd, env }: { cwd: string; env: Environment },
): Result {
  const { status, stdout, stderr } = spawnSync('/usr/bin/env', bare(command, args, env), { cwd, encoding: 'utf8' });
  return { status, stdout, stderr };
}
