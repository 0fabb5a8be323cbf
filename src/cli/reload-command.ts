import { ADMIN_OPTIONS, findAdmin } from './admin-place.ts';
import { post } from './api-client.ts';
import { defineCommand } from './command.ts';
import { printProblems } from './config.ts';
import { ExitCode } from './exit-code.ts';
import { complain, printJson } from './io.ts';
import { defaultActor } from './orders.ts';

/** What `POST /api/v1/reload` answers. */
interface Reloaded {
  readonly ok: true;
  readonly changes: string;
  readonly notes: readonly string[];
}

/** Thousands of records take a while. */
const WAIT_MS = 60_000;

export const reload = defineCommand({
  arguments: [],
  options: {
    reason: { value: 'text', help: 'why, for the audit (default: reload)' },
    actor: { value: 'name', help: 'who orders it (default: user@host)' },
    ...ADMIN_OPTIONS,
  },
  description: `Makes the running failoverd read its config again, as SIGHUP does, and prints what has changed. A
config with errors changes nothing: each is printed with its line and column, and the exit code is
3.`,
  examples: ['reload', 'reload --reason "a second backup"'],
  async run(invocation, io) {
    const { json, options } = invocation;
    const place = await findAdmin(invocation, io);
    if (typeof place === 'number') return place;
    const order = { reason: options.reason ?? 'reload', actor: options.actor ?? defaultActor(io) };
    const answer = await post<Reloaded>(place, '/api/v1/reload', order, WAIT_MS);
    if (!answer.ok) {
      printProblems(answer.problems ?? [], io.stderr);
      return complain(io, answer.message, answer.problems ? ExitCode.config : answer.code);
    }
    const { changes, notes } = answer.value;
    if (json) printJson(io, answer.value);
    else
      io.stdout.write(
        ['reloaded', ...changes.split('\n'), ...notes]
          .filter((line) => line !== '')
          .join('\n')
          .concat('\n'),
      );
    return ExitCode.ok;
  },
});
