import type { Alarm } from '../runtime/status.ts';
import { ADMIN_OPTIONS, findAdmin } from './admin-place.ts';
import { get } from './api-client.ts';
import { defineCommand } from './command.ts';
import { ExitCode } from './exit-code.ts';
import { formatAge } from './format.ts';
import { complain, paint, printJson } from './io.ts';
import { formatTable } from './table.ts';

export const alarms = defineCommand({
  arguments: [],
  options: ADMIN_OPTIONS,
  description: `Prints the alarms that stand at the running failoverd, the oldest first.`,
  examples: ['alarms', 'alarms --json'],
  async run(invocation, io) {
    const place = await findAdmin(invocation, io);
    if (typeof place === 'number') return place;
    const answer = await get<{ readonly alarms: readonly Alarm[] }>(place, '/api/v1/alarms');
    if (!answer.ok) return complain(io, answer.message, answer.code);
    const { alarms: standing } = answer.value;
    if (invocation.json) printJson(io, answer.value);
    else if (standing.length === 0) io.stdout.write('No alarms.\n');
    else {
      const header = ['ALARM', 'SUBJECT', 'SINCE', 'MESSAGE'].map((title) => paint(io.stdout, 'dim', title));
      const rows = standing.map(({ name, subject, since, message }) => [
        paint(io.stdout, 'red', name),
        subject,
        formatAge(io.clock.epochMs() - Date.parse(since)),
        message,
      ]);
      io.stdout.write(`${formatTable([header, ...rows])}\n`);
    }
    return ExitCode.ok;
  },
});
