import { parseDuration } from '../core/duration.ts';
import { parseOwnerName } from '../core/name.ts';
import type { TransitionQuery } from '../runtime/history-report.ts';
import { ADMIN_OPTIONS } from './admin-place.ts';
import { defineCommand, type Invocation } from './command.ts';
import { ExitCode } from './exit-code.ts';
import { formatSeconds, formatTime } from './format.ts';
import { complain, type Output, paint, printJson } from './io.ts';
import { openPast, type PastTransition } from './past.ts';
import type { Found } from './records.ts';
import { formatTable } from './table.ts';

const DEFAULT_LIMIT = 20;

const options = {
  since: { value: 'duration', help: 'only those of the last 24h, 7d, …' },
  limit: { value: 'n', help: `how many, at most (default: ${DEFAULT_LIMIT})` },
  ...ADMIN_OPTIONS,
} as const;

export const history = defineCommand({
  arguments: [{ name: 'record', isRequired: false }],
  options,
  description: `Prints the transitions, the newest first: which target a record moved to, and why. It reads the
database file of the config and only reads: it works beside a running failoverd and without one.
With --admin it asks a running failoverd instead; --json is then without the evidence.`,
  examples: ['history', 'history app.example.com --since 24h', 'history --limit 1000 --json'],
  async run(invocation, io) {
    const query = readQuery(invocation, io.clock.epochMs());
    if (!query.ok) return complain(io, query.message, ExitCode.usage);
    const source = await openPast(invocation, io);
    if (typeof source === 'number') return source;
    const [name] = invocation.positionals;
    const read = await source.transitions(query.value);
    if (!read.ok) return complain(io, read.message, read.code);
    const wanted = name === undefined || read.value.length > 0 ? null : await source.findRecord(name);
    if (wanted?.ok === false) return complain(io, `no transitions, and ${wanted.message}`, ExitCode.failure);
    if (invocation.json) printJson(io, read.value);
    else io.stdout.write(formatTransitions(read.value, io.stdout));
    return ExitCode.ok;
  },
});

function readQuery(
  { options: given, positionals }: Invocation<typeof options>,
  nowEpochMs: number,
): Found<TransitionQuery> {
  const [name] = positionals;
  const record = name === undefined ? null : parseOwnerName(name);
  const sinceMs = given.since === undefined ? null : parseDuration(given.since);
  const limit = given.limit === undefined ? DEFAULT_LIMIT : Number(given.limit);
  if (record?.ok === false) return { ok: false, message: `"${name}" is no domain name: it ${record.problem}` };
  if (sinceMs === undefined) {
    return { ok: false, message: `--since must be a duration such as 30m, 24h or 7d, found "${given.since}"` };
  }
  if (!Number.isSafeInteger(limit) || limit < 1) {
    return { ok: false, message: `--limit must be a whole number above 0, found "${given.limit}"` };
  }
  const value = {
    ...(record && { record: record.value }),
    ...(sinceMs !== null && { sinceEpochMs: nowEpochMs - sinceMs }),
    limit,
  };
  return { ok: true, value };
}

const HEADER = ['ID', 'AT', 'RECORD', 'CAUSE', 'TARGET', 'ADDRESSES', 'DETECTED', 'WHY'];

function formatTransitions(transitions: readonly PastTransition[], output: Output): string {
  if (transitions.length === 0) return 'No transitions.\n';
  const rows = transitions.map((transition) => [
    String(transition.id),
    formatTime(Date.parse(transition.at)),
    transition.record,
    transition.isDrill ? `${transition.cause} (drill)` : transition.cause,
    arrow(transition),
    addressesOf(transition),
    transition.detectedMs === null ? '' : `in ${formatSeconds(transition.detectedMs)}`,
    transition.actor === 'prober' ? transition.reason : `${transition.reason} (${transition.actor})`,
  ]);
  return `${formatTable([HEADER.map((title) => paint(output, 'dim', title)), ...rows])}\n`;
}

/** `primary → backup`, or the target alone when only its addresses changed. */
function arrow({ fromTarget, toTarget }: PastTransition): string {
  return fromTarget === null || fromTarget === toTarget ? `${toTarget}` : `${fromTarget} → ${toTarget}`;
}

function addressesOf({ toAddresses }: PastTransition): string {
  return Array.isArray(toAddresses) ? toAddresses.join(' ') || 'none' : String(toAddresses);
}
