/** The program: a command line in, an exit code out. */
import { debuglog } from 'node:util';
import { ExitCode } from './exit-code.ts';
import { complain } from './io.ts';
import { processIo } from './process-io.ts';
import { run } from './run.ts';

const io = processIo();
const debug = debuglog('failoverd');

/** The last resort: what nobody expected. With NODE_DEBUG=failoverd it comes with its stack. */
function reportBug(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  complain(io, `${message}; this is a bug, please report it as CONTRIBUTING.md says`, ExitCode.failure);
  debug('%s', error instanceof Error ? error.stack : error);
}

process.on('uncaughtException', (error) => {
  reportBug(error);
  process.exit(ExitCode.failure);
});
// `failoverd history | head`: a reader that has seen enough is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(ExitCode.ok);
});

try {
  process.exitCode = await run(process.argv.slice(2), io);
} catch (error) {
  reportBug(error);
  process.exitCode = ExitCode.failure;
}
