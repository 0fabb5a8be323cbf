import type { HealthReport } from '../runtime/liveness.ts';
import { ADMIN_OPTIONS, findAdmin } from './admin-place.ts';
import { get } from './api-client.ts';
import { defineCommand } from './command.ts';
import { ExitCode } from './exit-code.ts';
import { complain, printJson } from './io.ts';

export const healthcheck = defineCommand({
  arguments: [],
  options: ADMIN_OPTIONS,
  description: `Asks the running failoverd whether it and its DNS threads do their work, as a container's health
check does. Targets that are down are no fault of it. It needs no token.`,
  examples: ['healthcheck'],
  async run(invocation, io) {
    const place = await findAdmin(invocation, io);
    if (typeof place === 'number') return place;
    const answer = await get<HealthReport>(place, '/livez');
    if (!answer.ok) return complain(io, answer.message, answer.code);
    if (invocation.json) printJson(io, answer.value);
    else io.stdout.write('healthy\n');
    return ExitCode.ok;
  },
});
