/** The report for people. */
import { count } from '../format.ts';
import { type Output, paint, type Style } from '../io.ts';
import type { Finding } from './finding.ts';

const STYLES: Readonly<Record<Finding['severity'], Style>> = {
  ok: 'green',
  info: 'cyan',
  warning: 'yellow',
  error: 'red',
};

export function counts(findings: readonly Finding[]): { readonly errors: number; readonly warnings: number } {
  const of = (severity: Finding['severity']): number => findings.filter((one) => one.severity === severity).length;
  return { errors: of('error'), warnings: of('warning') };
}

/** One line for each, its remedy below it, and the sum. */
export function formatFindings(findings: readonly Finding[], output: Output): string {
  const { errors, warnings } = counts(findings);
  const sum = errors + warnings === 0 ? 'all is well' : `${count(errors, 'error')}, ${count(warnings, 'warning')}`;
  return `${findings.map((one) => formatFinding(one, output)).join('')}\n${sum}\n`;
}

const SEVERITY_WIDTH = 8;
const CHECK_WIDTH = 7;

function formatFinding({ severity, check, message, remedy }: Finding, output: Output): string {
  const head = `${paint(output, STYLES[severity], severity.padEnd(SEVERITY_WIDTH))} ${check.padEnd(CHECK_WIDTH)}`;
  const indent = ' '.repeat(SEVERITY_WIDTH + 1 + CHECK_WIDTH + 1);
  const advice = remedy === null ? '' : `${indent}→ ${remedy.replaceAll('\n', `\n${indent}  `)}\n`;
  return `${head} ${message}\n${advice}`;
}
