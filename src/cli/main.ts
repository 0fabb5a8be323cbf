/** The program: a command line in, an exit code out. */
import { setTimeout as sleep } from 'node:timers/promises';
import { debuglog } from 'node:util';
import { ExitCode } from './exit-code.ts';
import { complain } from './io.ts';
import { processIo } from './process-io.ts';
import { run } from './run.ts';

const io = processIo();
const debug = debuglog('failoverd');

/** A supervisor starts the next one at once: name servers must not be away for a second. */
const CRASH_WAIT_MS = 500;

/** The last resort: what nobody expected. With NODE_DEBUG=failoverd it comes with its stack. */
function reportBug(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  complain(io, `${message}; this is a bug, please report it as CONTRIBUTING.md says`, ExitCode.failure);
  debug('%s', error instanceof Error ? error.stack : error);
}

let isCrashing = false;

/** Ends the process, after those who have something to finish had half a second for it. */
async function crash(error: unknown): Promise<void> {
  if (isCrashing) return;
  isCrashing = true;
  await Promise.race([io.crash(error).catch(reportBug), sleep(CRASH_WAIT_MS)]);
  reportBug(error);
  process.exit(ExitCode.failure);
}

// Also what a promise rejects with and nobody awaits: Node throws it.
process.on('uncaughtException', (error) => void crash(error));
// `failoverd history | head`: a reader that has seen enough is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(ExitCode.ok);
});

try {
  process.exitCode = await run(process.argv.slice(2), io);
} catch (error) {
  await crash(error);
}
