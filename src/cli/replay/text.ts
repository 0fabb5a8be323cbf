/** A replay's report, for people. */
import { count, formatDuration, formatSeconds } from '../format.ts';
import { type Output, paint } from '../io.ts';
import { formatTable } from '../table.ts';
import type { ListedTransition, PolicyReport, ReplayReport, Summary } from './run.ts';

/** Rows shown of each list; --json has up to 1,000. */
const MAX_SHOWN = 20;

export function formatReplay(report: ReplayReport, output: Output): string {
  const { record, from, to, recorded, replayed, probes } = report;
  const span = `${minute(from)} to ${minute(to)} UTC`;
  const counted = `${count(probes.counted, 'probe')} of ${probes.recorded} counted`;
  const inferred = probes.inferred > 0 ? `, ${count(probes.inferred, 'fail')} inferred` : '';
  const parts = [
    `${paint(output, 'bold', `replay of ${record}`)}, ${span}: ${counted}${inferred}`,
    formatComparison(report, output),
    formatTransitions('THEN', recorded, output),
    formatTransitions('NOW', replayed, output),
    notes(report).join('\n'),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function formatComparison({ policies, recorded, replayed }: ReplayReport, output: Output): string {
  const row = (title: string, of: (policy: PolicyReport) => string) => [
    title,
    ...[policies.recorded, policies.tried].map((all) => [...new Set(all.map(of))].join(' ')),
  ];
  const measured = (ms: number | null): string => (ms === null ? '-' : formatSeconds(ms));
  const line = (title: string, of: (summary: Summary) => string) => [title, of(recorded), of(replayed)];
  const rows = [
    ['', 'THEN', 'NOW'].map((title) => paint(output, 'dim', title)),
    row('interval', ({ intervalMs }) => formatDuration(intervalMs)),
    row('timeout', ({ timeoutMs }) => formatDuration(timeoutMs)),
    row('confirm', ({ confirmMs }) => formatDuration(confirmMs)),
    row('fall', ({ fall }) => `${fall}`),
    row('rise', ({ rise }) => `${rise}`),
    row('failback after', ({ failbackAfterMs }) => formatDuration(failbackAfterMs)),
    line('transitions', ({ transitions }) => `${transitions}`),
    line('failovers', ({ failovers }) => `${failovers}`),
    line('of them look wrong', ({ looksWrong }) => `${looksWrong}`),
    line('detected in, median', ({ medianDetectedMs }) => measured(medianDetectedMs)),
    line('detected in, longest', ({ maxDetectedMs }) => measured(maxDetectedMs)),
    line('not on the primary', ({ awayMs }) => (awayMs < 1 ? 'never' : formatDuration(awayMs))),
  ];
  return formatTable(rows);
}

function formatTransitions(title: string, { listed, transitions }: Summary, output: Output): string {
  if (transitions === 0) return `${title}: no transition.`;
  const rows = listed
    .slice(0, MAX_SHOWN)
    .map((transition) => [
      transition.at.replace('T', ' ').slice(0, 23),
      transition.family === '' ? transition.cause : `${transition.cause} (IPv${transition.family})`,
      transition.fromTarget === null || transition.fromTarget === transition.toTarget
        ? transition.toTarget
        : `${transition.fromTarget} → ${transition.toTarget}`,
      remarks(transition).join('; '),
    ]);
  const more = transitions > MAX_SHOWN ? `\n… and ${transitions - MAX_SHOWN} more` : '';
  return `${paint(output, 'dim', title)}\n${formatTable(rows)}${more}`;
}

function remarks({ fromTarget, detectedMs, inferredFails, passedAgainMs }: ListedTransition): readonly string[] {
  const inferred = inferredFails > 0 ? ` (${count(inferredFails, 'fail')} inferred)` : '';
  return [
    ...(detectedMs === null ? [] : [`detected in ${formatSeconds(detectedMs)}${inferred}`]),
    ...(passedAgainMs === null
      ? []
      : [`looks wrong: ${fromTarget} passed again ${formatSeconds(passedAgainMs)} later`]),
  ];
}

/** A recording that begins so much later than what was asked for is said to do so. */
const UNSEEN_MS = 60_000;

/** What this recording cannot tell. */
function notes({ from, since, policies, recordedPolicies, probes, recorded: before }: ReplayReport): readonly string[] {
  const { recorded, tried } = policies;
  const pairs = tried.map((policy, i) => ({ policy, recorded: recorded[i] ?? policy }));
  const finer = pairs.find((pair) => pair.policy.intervalMs < pair.recorded.intervalMs);
  const uneven = pairs.find(
    ({ policy, recorded: { intervalMs } }) => policy.intervalMs > intervalMs && policy.intervalMs % intervalMs !== 0,
  );
  const every = (ms: number): string => formatDuration(ms);
  return [
    ...(probes.recorded === 0 ? ['Nothing is recorded of this record in this time.'] : []),
    ...(Date.parse(from) - Date.parse(since) > UNSEEN_MS ? [`Probes are recorded since ${minute(from)} only.`] : []),
    ...(finer
      ? [
          `Probes were recorded every ${every(finer.recorded.intervalMs)}: what a shorter interval would have seen in between is not known.`,
          'An outage is seen no sooner than it was recorded, and one between two probes not at all.',
        ]
      : []),
    ...(uneven
      ? [
          `Probes were recorded every ${every(uneven.recorded.intervalMs)}: an interval of ${every(uneven.policy.intervalMs)} is replayed as the next multiple of that.`,
        ]
      : []),
    ...(probes.undecided > 0
      ? [
          `${count(probes.undecided, 'probe')} had timed out before the longer timeout was over: whether they would have passed is not known; they count as fails.`,
        ]
      : []),
    ...(probes.gaps > 0
      ? [
          `Nothing was recorded for ${formatDuration(probes.gapMs)} in ${count(probes.gaps, 'gap')}: the counting begins anew after each.`,
        ]
      : []),
    ...(before.ordered > 0
      ? [
          `${count(before.ordered, 'transition')} then came of an order, a start or a config: a replay has none of these.`,
        ]
      : []),
    ...(recordedPolicies > 1
      ? [
          `The check was changed meanwhile: the column THEN shows the policy of the config, not each of the ${recordedPolicies} that were in force.`,
        ]
      : []),
  ];
}

/** `2026-01-31 12:00` */
function minute(at: string): string {
  return at.replace('T', ' ').slice(0, 16);
}
