import { parseDuration } from '../core/duration.ts';
import { readRecording } from '../history/recording.ts';
import { defineCommand } from './command.ts';
import { readConfig } from './config.ts';
import { ExitCode } from './exit-code.ts';
import { complain, printJson } from './io.ts';
import { findRecord } from './records.ts';
import { POLICY_OPTIONS, readOverrides, withPolicy } from './replay/policy.ts';
import { runReplay } from './replay/run.ts';
import { formatReplay } from './replay/text.ts';

const DEFAULT_SINCE = '7d';

export const replay = defineCommand({
  arguments: [{ name: 'record', isRequired: true }],
  options: {
    since: {
      value: 'duration',
      help: `how far back (default: ${DEFAULT_SINCE})`,
    },
    ...POLICY_OPTIONS,
  },
  description: `Runs the recorded probes of a record through another policy, with the functions by which failoverd
decides, and prints the transitions then and now: how many, how soon, and which look wrong. What is
not given is as in the config; with nothing given it shows how well a replay meets what has
happened. It reads the database file only, and changes nothing.`,
  examples: ['replay app.example.com --since 7d --fall 5 --interval 10s', 'replay app.example.com --timeout 1s --json'],
  async run({ configPath, json, options, positionals: [name = ''] }, io) {
    const sinceMs = parseDuration(options.since ?? DEFAULT_SINCE);
    if (sinceMs === undefined || sinceMs <= 0) {
      const message = `--since must be a duration such as 30m, 24h or 7d, found "${options.since}"`;
      return complain(io, message, ExitCode.usage);
    }
    const overrides = readOverrides(options);
    if (!overrides.ok) return complain(io, overrides.message, ExitCode.usage);
    const config = await readConfig(configPath, io);
    if (!config) return ExitCode.config;
    const record = findRecord(config, name);
    if (!record.ok) return complain(io, record.message, ExitCode.usage);
    const tried = withPolicy(record.value, overrides.value);
    if (!tried.ok) return complain(io, tried.message, ExitCode.usage);
    const toMs = io.clock.epochMs();
    const order = { record: record.value, tried: tried.value, fromMs: toMs - sinceMs, toMs };
    const read = readRecording(config.databasePath, (recording) => runReplay(recording, order));
    if (!read.ok) return complain(io, read.reason, ExitCode.failure);
    if (json) printJson(io, read.value);
    else io.stdout.write(formatReplay(read.value, io.stdout));
    return ExitCode.ok;
  },
});
