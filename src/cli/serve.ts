/** The server as a command: from a config to signals. What it consists of is put together in daemon.ts. */
import type { Config, LogSpec } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { createLog, type LogOptions } from '../runtime/log.ts';
import { HistoryRefusedError, ListenError, type Log } from '../runtime/ports.ts';
import { announceInLog, announcement } from './announce.ts';
import { defineCommand } from './command.ts';
import { printProblems } from './config.ts';
import { type Daemon, type DaemonDeps, startDaemon } from './daemon.ts';
import { ExitCode } from './exit-code.ts';
import { complain, type Io, type Output, type Signal } from './io.ts';
import { reloader } from './reload.ts';
import { VERSION } from './version.ts';

export const serve = defineCommand({
  arguments: [],
  options: {},
  description: `Runs the server until SIGTERM or SIGINT; a second one ends it at once. SIGHUP makes it read the
config again; one that has errors is reported and the old one stays in force. It prints what it
listens on and how long a failover of each record takes at worst, then its log: for people on a
terminal, else one JSON object a line ("log.format" in the config).`,
  examples: ['serve', 'serve --config /etc/failoverd/failoverd.yaml'],
  run: ({ configPath }, io) => serveUntilSignal(configPath, io, startDaemon),
});

export type StartDaemon = (config: Config, deps: DaemonDeps) => Promise<Daemon>;

export async function serveUntilSignal(configPath: string, io: Io, start: StartDaemon): Promise<ExitCode> {
  const loaded = await loadConfig(configPath, io.env);
  if (!loaded.ok) {
    printProblems(loaded.problems, io.stderr);
    return ExitCode.config;
  }
  const { config, warnings } = loaded;
  const destination = io.openLog();
  const options = logOptions(config.log, io.stdout);
  const log = createLog(options, destination);
  destination.onLoss((lines) => log.warn({ lines }, 'log lines were lost: they could not be written'));
  for (const { file, line, column, message } of warnings) log.warn({}, `${file}:${line}:${column} ${message}`);

  const stopSignal = untilStopped(io);
  const reload = reloader(configPath, io.env, log);
  const unsubscribe = io.onSignal('SIGHUP', reload.request);
  const daemon = await startOrComplain(() => start(config, { log, clock: io.clock, version: VERSION }), io);
  if (daemon) {
    if (options.format === 'json') announceInLog(config, daemon, log);
    else destination.write(announcement(config, daemon, io.stdout));
    reload.begin(daemon);
    await stop(daemon, await stopSignal, log);
  }
  unsubscribe();
  await destination.close();
  return daemon ? ExitCode.ok : ExitCode.failure;
}

function logOptions({ level, format }: LogSpec, output: Output): LogOptions {
  const isPretty = format === 'pretty' || (format === 'auto' && output.isTerminal);
  return { level, format: isPretty ? 'pretty' : 'json', hasColour: output.hasColour };
}

/** Settles with the first signal that ends the server; the second one ends the process. */
export function untilStopped(io: Io): Promise<Signal> {
  return new Promise((resolve) => {
    let isStopping = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      io.onSignal(signal, () => {
        if (isStopping) io.abort();
        isStopping = true;
        resolve(signal);
      });
    }
  });
}

/** @returns null after one line about a start that was refused */
async function startOrComplain(start: () => Promise<Daemon>, io: Io): Promise<Daemon | null> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof ListenError || error instanceof HistoryRefusedError)) throw error;
    complain(io, error.message, ExitCode.failure);
    return null;
  }
}

async function stop(daemon: Daemon, signal: Signal, log: Log): Promise<void> {
  log.info({ signal }, 'stopping');
  await daemon.stop();
  log.info({}, 'stopped');
}
