/** Config texts for the tables of tests, and their problems in the shortest form. */
import type { Test } from 'tap';
import type { Config } from '../../src/config/config.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { NO_WITNESSES } from '../../src/config/prober.ts';
import type { Environment } from '../../src/config/variables.ts';
import { ONE_NAMESERVER } from '../../src/config/zone.ts';

/** The smallest useful config of the docs, with its comments. */
export const SMALLEST = `zones:
  app.example.com:                       # delegated to this server
    nameservers:
      ns1.app.example.com: 203.0.113.53  # names in the zone need an address (glue)
    records:
      "@":                               # the apex: app.example.com itself
        primary: 192.0.2.10
        backup: 198.51.100.20
        check: http://app.example.com/healthz
`;

/** `lines` before the zones, from line 1. */
export function withTop(...lines: readonly string[]): string {
  return `${lines.join('\n')}\n${SMALLEST}`;
}

/** `lines` in the zone, from line 4, before its one record. */
export function withZone(...lines: readonly string[]): string {
  return `zones:
  app.example.com:
    nameservers: {ns1.app.example.com: 203.0.113.53}
${lines.map((line) => `    ${line}\n`).join('')}    records:
      "@": {primary: 192.0.2.10, backup: 198.51.100.20, check: http://app.example.com/healthz}
`;
}

/** `lines` as the record at the apex, from line 6. */
export function withRecord(...lines: readonly string[]): string {
  return `zones:
  app.example.com:
    nameservers: {ns1.app.example.com: 203.0.113.53}
    records:
      "@":
${lines.map((line) => `        ${line}\n`).join('')}`;
}

/** `lines` in the check of a record, from line 9. */
export function withCheck(...lines: readonly string[]): string {
  return withRecord('primary: 192.0.2.10', 'backup: 198.51.100.20', 'check:', ...lines.map((line) => `  ${line}`));
}

/** Checks rows of lines and the problems of the config that they make. */
export function table(
  t: Test,
  wrap: (...lines: readonly string[]) => string,
  rows: readonly (readonly [lines: readonly string[], problems: readonly string[]])[],
): void {
  for (const [lines, problems] of rows) t.same(problemsOf(wrap(...lines)), problems, lines.join(' | '));
}

/** The lines as they are. */
export function alone(...lines: readonly string[]): string {
  return lines.join('\n');
}

/**
 * Every problem as `line:column severity message`, but for what is said of every small config, and of keys that have no
 * effect yet: those have tests of their own, and these here stay when such a key is switched on.
 */
export function problemsOf(text: string, env: Environment = {}): readonly string[] {
  return allProblemsOf(text, env).filter((line) => !isOfEveryConfig(line));
}

/** Whether a message is one of those. */
export function isOfEveryConfig(message: string): boolean {
  return OF_EVERY_CONFIG.some((end) => message.endsWith(end));
}

const OF_EVERY_CONFIG = ['" is not supported yet', NO_WITNESSES, ONE_NAMESERVER];

/** The same with nothing left out. */
export function allProblemsOf(text: string, env: Environment = {}): readonly string[] {
  const result = parseConfig(text, 'failoverd.yaml', env);
  const problems = result.ok ? result.warnings : result.problems;
  return problems.map(({ line, column, severity, message }) => `${line}:${column} ${severity} ${message}`);
}

/** The config that the text stands for. @throws when it has errors. */
export function configOf(text: string, env: Environment = {}): Config {
  const result = parseConfig(text, '/etc/failoverd/failoverd.yaml', env);
  if (!result.ok) throw new Error(allProblemsOf(text, env).join('\n'));
  return result.config;
}
