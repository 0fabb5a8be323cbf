/** The server as a command: from a config to signals. What it consists of is put together in daemon.ts. */
import type { Config, LogSpec } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { createLog, type LogDestination, type LogOptions } from '../runtime/log.ts';
import { HistoryRefusedError, ListenError, type Log } from '../runtime/ports.ts';
import { announceInLog, announcement } from './announce.ts';
import { defineCommand } from './command.ts';
import { printProblems } from './config.ts';
import type { DaemonDeps } from './daemon.ts';
import { ExitCode } from './exit-code.ts';
import { boundHeaps } from './heap.ts';
import { complain, type Io, type Output, type Signal } from './io.ts';
import { type Reloader, reloader } from './reload.ts';
import type { Incumbent } from './succession/incumbent.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';
import { VERSION } from './version.ts';
import { watchFile } from './watch.ts';

/** Every part finishes within 5 s; what takes longer hangs. */
const STOP_WITHIN_MS = 5_500;

export const serve = defineCommand({
  arguments: [],
  options: {
    replace: { value: null, help: 'take the place of the failoverd that runs with this database, without a gap' },
    watch: { value: null, help: 'read the config again whenever its file changes' },
  },
  description: `Runs the server until SIGTERM or SIGINT; a second one ends it at once. SIGHUP makes it read the
config again; one that has errors is reported and the old one stays in force. It prints what it
listens on and how long a failover of each record takes at worst, then its log: for people on a
terminal, else one JSON object a line ("log.format" in the config).

Only one failoverd runs with a database. With --replace the running one stops deciding, this one
goes on from its state and answers on the same addresses, and then the old one ends: no query is
lost. When none runs, --replace changes nothing.`,
  examples: ['serve', 'serve --config /etc/failoverd/failoverd.yaml', 'serve --replace'],
  run({ configPath, options: { replace, watch } }, io) {
    const start: StartServing = async (config, deps, onSucceeding) =>
      (await root).start(config, deps, { replace, onSucceeding });
    const ended = serveUntilSignal(configPath, io, start, { watch });
    const root = import('./succession/root.ts'); // most of the program: it loads while a thread, started before, reads the config
    return ended;
  },
});

export type StartServing = (config: Config, deps: DaemonDeps, onSucceeding: () => Promise<void>) => Promise<Incumbent>;

export async function serveUntilSignal(
  configPath: string,
  io: Io,
  start: StartServing,
  { watch = false } = {},
): Promise<ExitCode> {
  boundHeaps();
  const reload = reloader(configPath, io.env);
  const unsubscribe = io.onSignal('SIGHUP', reload.request);
  const unwatch = watch ? watchFile(configPath, io.clock, reload.request) : () => {};
  const stopSignal = untilStopped(io);
  const loaded = await Promise.race([loadConfig(configPath, io.env), stopSignal]);
  if (typeof loaded === 'string') return leave(io, loaded);
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

  const deps = { log, clock: io.clock, version: VERSION, reloads: reload.counts, reload: reload.run };
  const supervisor = createSupervisor({ env: io.env, clock: io.clock, log });
  const starting = startOrComplain(() => start(config, deps, supervisor.succeeded), io);
  const daemon = await Promise.race([starting, stopSignal]);
  if (typeof daemon === 'string') {
    log.info({ signal: daemon }, 'stopped before the start was over');
    await destination.close();
    return leave(io, daemon);
  }
  if (daemon) {
    if (options.format === 'json') announceInLog(config, daemon, log);
    else destination.write(announcement(config, daemon, io.stdout));
    await superviseUntil(stopSignal, { daemon, io, log, reload, destination, supervisor });
  }
  unsubscribe();
  unwatch();
  await destination.close();
  return daemon ? ExitCode.ok : ExitCode.failure;
}

/**
 * What has been started is not waited for: nothing of it answers yet, and the database stands a kill at any moment. An exit
 * would wait for a thread that a file or a disk holds up, so the signal has its own way.
 */
function leave(io: Io, signal: Signal): ExitCode {
  io.die(signal);
  return ExitCode.ok;
}

interface Service {
  readonly daemon: Incumbent;
  readonly io: Io;
  readonly log: Log;
  readonly reload: Reloader;
  readonly destination: LogDestination & { close(): Promise<void> };
  readonly supervisor: Supervisor;
}

/** From the start's end to the stop's. */
async function superviseUntil(stopSignal: Promise<Signal>, service: Service): Promise<void> {
  const { daemon, io, log, reload, supervisor } = service;
  io.onCrash((error) => {
    log.error({ err: error }, 'crashed');
    return daemon.abandon();
  });
  if (daemon.predecessor === null) supervisor.ready();
  const unwatch = supervisor.watch(daemon.live);
  reload.begin({ daemon, supervisor, log });
  const signal = await Promise.race([stopSignal, daemon.replaced]);
  unwatch();
  if (!signal) return log.info({}, 'replaced by a successor: all that was asked here has been answered');
  supervisor.stopping();
  log.info({ signal }, 'stopping');
  await stopInTime(service);
}

async function stopInTime({ daemon, io, log, destination }: Service): Promise<void> {
  const cancel = io.clock.setTimer(STOP_WITHIN_MS, () => {
    log.error({}, `the stop has not come to its end within ${STOP_WITHIN_MS / 1000} s`);
    void destination.close().then(io.abort);
  });
  await daemon.stop();
  cancel();
  log.info({}, 'stopped');
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
async function startOrComplain(start: () => Promise<Incumbent>, io: Io): Promise<Incumbent | null> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof ListenError || error instanceof HistoryRefusedError)) throw error;
    complain(io, error.message, ExitCode.failure);
    return null;
  }
}
