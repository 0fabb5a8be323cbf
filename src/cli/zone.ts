import { ADMIN_OPTIONS, findAdmin } from './admin-place.ts';
import { get } from './api-client.ts';
import { defineCommand } from './command.ts';
import { ExitCode } from './exit-code.ts';
import { complain, printJson } from './io.ts';

/** What `GET /api/v1/zones/{zone}` answers. */
interface ZoneText {
  readonly zone: string;
  readonly serial: number;
  readonly masterFile: string;
}

export const zone = defineCommand({
  arguments: [{ name: 'zone', isRequired: true }],
  options: ADMIN_OPTIONS,
  description: `Prints a zone as the running failoverd serves it now, with the current answer of each record, as a
master file that other name servers and named-checkzone read.`,
  examples: ['zone app.example.com', 'zone app.example.com | named-checkzone app.example.com /dev/stdin'],
  async run(invocation, io) {
    const place = await findAdmin(invocation, io);
    if (typeof place === 'number') return place;
    const answer = await get<ZoneText>(place, `/api/v1/zones/${encodeURIComponent(invocation.positionals[0] ?? '')}`);
    if (!answer.ok) return complain(io, answer.message, answer.code);
    if (invocation.json) printJson(io, answer.value);
    else io.stdout.write(answer.value.masterFile);
    return ExitCode.ok;
  },
});
