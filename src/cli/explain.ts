import { type OwnerName, parseOwnerName } from '../core/name.ts';
import type { Explanation } from '../runtime/explanation.ts';
import { ADMIN_OPTIONS } from './admin-place.ts';
import type { Answer } from './api-client.ts';
import { defineCommand } from './command.ts';
import { ExitCode } from './exit-code.ts';
import { formatExplanation } from './explain-text.ts';
import { complain, printJson } from './io.ts';
import { openPast, type Past } from './past.ts';
import type { Found } from './records.ts';

export const explain = defineCommand({
  arguments: [{ name: 'transition or record', isRequired: true }],
  options: ADMIN_OPTIONS,
  description: `Says of one transition ("failoverd history" gives their numbers), or of the last one of a record,
what led to it and what came of it: the probes that decided, the rule that fired, when the answer
changed here and on each secondary, and for how long at most clients were without service. It reads
the database file of the config and only reads: it works beside a running failoverd and without one.
With --admin it asks a running failoverd instead.`,
  examples: ['explain 42', 'explain app.example.com', 'explain 42 --json'],
  async run(invocation, io) {
    const [which = ''] = invocation.positionals;
    const wanted = wantedOf(which);
    if (!wanted.ok) return complain(io, wanted.message, ExitCode.usage);
    const source = await openPast(invocation, io);
    if (typeof source === 'number') return source;
    const read = await explanationOf(source, wanted.value);
    if (!read.ok) return complain(io, read.message, read.code);
    if (read.value === null) {
      const known = typeof wanted.value === 'number' ? null : await source.findRecord(which);
      const hint = known?.ok === false ? `, and ${known.message}` : '';
      return complain(io, `there is no transition ${known ? 'of ' : ''}${which}${hint}`, ExitCode.failure);
    }
    if (invocation.json) printJson(io, read.value);
    else io.stdout.write(formatExplanation(read.value, io.stdout));
    return ExitCode.ok;
  },
});

/** A number is that of a transition; a name means the last one of this record. */
function wantedOf(which: string): Found<number | OwnerName> {
  if (/^\d{1,15}$/.test(which)) return { ok: true, value: Number(which) };
  const record = parseOwnerName(which);
  if (record.ok) return record;
  return { ok: false, message: `"${which}" is neither a number nor a domain name: it ${record.problem}` };
}

async function explanationOf(source: Past, wanted: number | OwnerName): Promise<Answer<Explanation | null>> {
  if (typeof wanted === 'number') return source.explanation(wanted);
  const last = await source.transitions({ record: wanted, limit: 1 });
  if (!last.ok) return last;
  const [transition] = last.value;
  return transition ? source.explanation(transition.id) : { ok: true, value: null };
}
