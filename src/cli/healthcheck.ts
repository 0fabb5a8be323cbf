import type { HealthReport } from '../runtime/liveness.ts';
import { get } from './api-client.ts';
import { defineCommand } from './command.ts';
import { readConfig } from './config.ts';
import { ExitCode } from './exit-code.ts';
import { complain, printJson } from './io.ts';

export const healthcheck = defineCommand({
  arguments: [],
  options: {},
  description: `Asks the running failoverd whether it and its DNS threads do their work, as a container's health
check does. Targets that are down are no fault of it. It needs no token.`,
  examples: ['healthcheck'],
  async run({ configPath, json }, io) {
    const config = await readConfig(configPath, io);
    if (!config) return ExitCode.config;
    const answer = await get<HealthReport>(config, '/livez');
    if (!answer.ok) return complain(io, answer.message, answer.code);
    if (json) printJson(io, answer.value);
    else io.stdout.write('healthy\n');
    return ExitCode.ok;
  },
});
