import path from 'node:path';
import { runTask } from '../history/tasks.ts';
import { defineCommand } from './command.ts';
import { readConfig } from './config.ts';
import { ExitCode } from './exit-code.ts';
import { complain, printJson } from './io.ts';

export const backup = defineCommand({
  arguments: [{ name: 'file', isRequired: true }],
  options: {},
  description: `Writes a copy of the database into a new file: one consistent state, complete under its name or
not there at all. It works beside a running failoverd, which goes on committing, and without one. A
file that exists is not overwritten. To restore, stop failoverd and put the copy where "database"
points.`,
  examples: ['backup /var/backups/failoverd-monday.db'],
  async run({ configPath, json, positionals: [file = ''] }, io) {
    const config = await readConfig(configPath, io);
    if (!config) return ExitCode.config;
    const to = path.resolve(file);
    const result = runTask({ file: config.databasePath, task: { kind: 'backup', to } });
    if (!result.ok) return complain(io, result.reason, ExitCode.failure);
    if (json) printJson(io, { database: config.databasePath, backup: to });
    else io.stdout.write(`${config.databasePath} was copied to ${to}\n`);
    return ExitCode.ok;
  },
});
