import type { Config } from '../config/config.ts';
import { formatHostPort } from '../config/host-port.ts';
import { loadConfig } from '../config/load.ts';
import { problemsToJson } from '../config/problems.ts';
import { defineCommand } from './command.ts';
import { printProblems, problemsOf } from './config.ts';
import { ExitCode } from './exit-code.ts';
import { count } from './format.ts';
import { type Io, paint, printJson } from './io.ts';
import { formatRecords } from './overview.ts';
import { recordsOf } from './records.ts';

export const check = defineCommand({
  arguments: [],
  options: { schema: { value: null, help: 'print a JSON Schema of the config, for editors, and read no config' } },
  description: `Reads the config as "failoverd serve" does and changes nothing. Every error and warning is printed
at once with its file, line and column. Warnings alone do not make it fail.`,
  examples: ['check', 'check --config /etc/failoverd/failoverd.yaml --json', 'check --schema > failoverd.schema.json'],
  async run({ configPath, json, options }, io) {
    if (options.schema) {
      printJson(io, (await import('../config/json-schema.ts')).configJsonSchema());
      return ExitCode.ok;
    }
    const result = await loadConfig(configPath, io.env);
    const problems = problemsOf(result);
    if (json) printJson(io, problemsToJson(problems));
    else printProblems(problems, result.ok ? io.stdout : io.stderr);
    if (!result.ok) return ExitCode.config;
    if (!json) printSummary(result.config, configPath, io);
    return ExitCode.ok;
  },
});

function printSummary(config: Config, path: string, io: Io): void {
  const records = recordsOf(config);
  const targets = records.flatMap((record) => record.targets);
  const endpoints = new Set(targets.flatMap((target) => target.endpoints.map(({ id }) => id)));
  const counts = [
    count(config.zones.length, 'zone'),
    count(records.length, 'record'),
    count(targets.length, 'target'),
    count(endpoints.size, 'endpoint'),
  ];
  io.stdout.write(`${path}: ${paint(io.stdout, 'green', 'ok')}: ${counts.join(', ')}
DNS on ${config.listen.map(formatHostPort).join(', ')}; admin on ${formatHostPort(config.admin.listen)}; database ${config.databasePath}

${formatRecords(records, io.stdout)}
`);
}
