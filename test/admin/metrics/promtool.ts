import { spawnSync } from 'node:child_process';

/** Why tests with promtool are left out; false: it is there. */
export const NO_PROMTOOL = spawnSync('promtool', ['--version']).error
  ? "promtool is needed (Debian's package prometheus)"
  : false;

/** Runs promtool. @returns what it complains of; '' when it is content */
export function promtool(args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  return status === 0 && stderr === '' ? '' : `${status}: ${stdout}${stderr}`;
}
