import { parseOwnerName } from '../core/name.ts';
import { readHistory } from '../history/queries.ts';
import type { Explanation } from '../runtime/explanation.ts';
import type { HistoryQueries } from '../runtime/history-report.ts';
import { defineCommand } from './command.ts';
import { readConfig } from './config.ts';
import { ExitCode } from './exit-code.ts';
import { formatExplanation } from './explain-text.ts';
import { complain, printJson } from './io.ts';
import { type Found, findRecord } from './records.ts';

export const explain = defineCommand({
  arguments: [{ name: 'transition or record', isRequired: true }],
  options: {},
  description: `Says of one transition ("failoverd history" gives their numbers), or of the last one of a record,
what led to it and what came of it: the probes that decided, the rule that fired, when the answer
changed here and on each secondary, and for how long at most clients were without service. It reads
the database file of the config and only reads: it works beside a running failoverd and without one.`,
  examples: ['explain 42', 'explain app.example.com', 'explain 42 --json'],
  async run({ configPath, json, positionals: [which = ''] }, io) {
    const wanted = wantedOf(which);
    if (!wanted.ok) return complain(io, wanted.message, ExitCode.usage);
    const config = await readConfig(configPath, io);
    if (!config) return ExitCode.config;
    const read = readHistory(config.databasePath, wanted.value);
    if (!read.ok) return complain(io, read.reason, ExitCode.failure);
    if (read.value === null) {
      const known = /^\d+$/.test(which) ? null : findRecord(config, which);
      const hint = known?.ok === false ? `, and ${known.message}` : '';
      return complain(io, `there is no transition ${known ? 'of ' : ''}${which}${hint}`, ExitCode.failure);
    }
    if (json) printJson(io, read.value);
    else io.stdout.write(formatExplanation(read.value, io.stdout));
    return ExitCode.ok;
  },
});

/** A number is that of a transition. */
function wantedOf(which: string): Found<(queries: HistoryQueries) => Explanation | null> {
  if (/^\d{1,15}$/.test(which)) return { ok: true, value: (queries) => queries.explanation(Number(which)) };
  const record = parseOwnerName(which);
  if (!record.ok) {
    return { ok: false, message: `"${which}" is neither a number nor a domain name: it ${record.problem}` };
  }
  const value = (queries: HistoryQueries): Explanation | null => {
    const [last] = queries.transitions({ record: record.value, limit: 1 });
    return last ? queries.explanation(last.id) : null;
  };
  return { ok: true, value };
}
