/** The report of a drill, for people. */
import type { DrillChange, DrillProbes, DrillReport } from '../runtime/drill-report.ts';
import { addressesOf, arrowOf, day, formatLines, type Line, wayLines } from './explain-text.ts';
import { formatDuration, formatMilliseconds } from './format.ts';
import { type Output, paint } from './io.ts';
import { formatTable } from './table.ts';

export function formatDrill(report: DrillReport, output: Output): string {
  const { record, reason, actor, startedAt } = report;
  const lines = report.changes.flatMap(changeLines);
  const parts = [
    `${paint(output, 'bold', `drill of ${record} to ${report.target}`)}\n${day(startedAt)} UTC: ${reason} (${actor})`,
    formatLines(lines, startedAt, output),
    outcomeOf(report),
    formatProbes(report.probes, output),
  ];
  return `${parts.join('\n\n')}\n`;
}

function changeLines(change: DrillChange): readonly Line[] {
  const what = `${arrowOf(change)}: ${change.reason}`;
  return [[change.at, change.cause, what], [change.at, 'answer', addressesOf(change.toAddresses)], ...wayLines(change)];
}

function outcomeOf({ status, startedAt, endsAt, endedAt, end }: DrillReport): string {
  if (status === 'running') return `It goes on, until ${endsAt?.slice(11, 19)} at the latest.`;
  if (endedAt === null) return 'It is over; when it ended is not recorded.';
  return `It lasted ${formatDuration(Date.parse(endedAt) - Date.parse(startedAt))}: ${end}.`;
}

const HEADER = ['TARGET', 'ADDRESS', 'PASSED', 'FAILED', 'INCONCLUSIVE', 'MEAN', 'LONGEST'];

function formatProbes(probes: readonly DrillProbes[], output: Output): string {
  const rows = probes.map(({ target, address, passes, fails, inconclusive, meanMs, maxMs }) => [
    target,
    address,
    String(passes),
    fails === 0 ? '0' : paint(output, 'red', String(fails)),
    String(inconclusive),
    ...[meanMs, maxMs].map((ms) => (ms === null ? '-' : formatMilliseconds(ms))),
  ]);
  return formatTable([HEADER.map((title) => paint(output, 'dim', title)), ...rows]);
}
