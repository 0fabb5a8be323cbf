import type { StatusReport } from '../runtime/status.ts';
import { get } from './api-client.ts';
import { defineCommand } from './command.ts';
import { readConfig } from './config.ts';
import { ExitCode } from './exit-code.ts';
import { complain, printJson } from './io.ts';
import { formatStatus } from './status-text.ts';

export const status = defineCommand({
  arguments: [],
  options: {},
  description: `Asks the running failoverd what it answers now, since when and why, how each target does, and which
alarms stand. The config says where its admin API listens.`,
  examples: ['status', 'status --json'],
  async run({ configPath, json }, io) {
    const config = await readConfig(configPath, io);
    if (!config) return ExitCode.config;
    const answer = await get<StatusReport>(config, '/api/v1/status');
    if (!answer.ok) return complain(io, answer.message, answer.code);
    if (json) printJson(io, answer.value);
    else io.stdout.write(formatStatus(answer.value, io.stdout));
    return ExitCode.ok;
  },
});
