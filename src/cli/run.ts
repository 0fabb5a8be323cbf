/** From a command line to an exit code. */
import { suggest } from '../config/suggest.ts';
import { parseCommandLine, splitCommand } from './arguments.ts';
import type { CommandEntry } from './command.ts';
import { COMMANDS } from './commands.ts';
import { ExitCode } from './exit-code.ts';
import { commandHelp, generalHelp } from './help.ts';
import { complain, type Io } from './io.ts';
import { VERSION } from './version.ts';

const GENERAL_OPTIONS = { version: { value: null, help: 'print the version' } };

/** @param args the command line behind the program's name. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const { name, rest } = splitCommand(args);
  if (name === null) return withoutCommand(rest, io);
  if (name === 'help') return rest.length === 0 ? withoutCommand(['--help'], io) : run([...rest, '--help'], io);
  const entry = COMMANDS.find((candidate) => candidate.name === name);
  if (!entry) return unknownCommand(name, io);
  const code = await runCommand(entry, rest, io);
  if (code === ExitCode.usage) io.stderr.write(`See "failoverd ${name} --help".\n`);
  return code;
}

async function runCommand(entry: CommandEntry, args: readonly string[], io: Io): Promise<ExitCode> {
  const command = await entry.load();
  const parsed = parseCommandLine(args, command);
  if (!parsed.ok) return complain(io, parsed.message, ExitCode.usage);
  if (!parsed.help) return command.run(parsed.invocation, io);
  io.stdout.write(commandHelp(io.stdout, entry, command));
  return ExitCode.ok;
}

function withoutCommand(args: readonly string[], io: Io): ExitCode {
  const parsed = parseCommandLine(args, { arguments: [], options: GENERAL_OPTIONS });
  if (parsed.ok && parsed.invocation.options.version === true) {
    io.stdout.write(`failoverd ${VERSION}\n`);
    return ExitCode.ok;
  }
  if (parsed.ok && parsed.help) {
    io.stdout.write(generalHelp(io.stdout, COMMANDS));
    return ExitCode.ok;
  }
  const code = complain(io, parsed.ok ? 'no command given' : parsed.message, ExitCode.usage);
  io.stderr.write('See "failoverd --help".\n');
  return code;
}

function unknownCommand(name: string, io: Io): ExitCode {
  const meant = suggest(
    name,
    COMMANDS.map((entry) => entry.name),
  );
  const hint = meant === null ? '' : `; did you mean "${meant}"?`;
  const code = complain(io, `unknown command "${name}"${hint}`, ExitCode.usage);
  io.stderr.write('See "failoverd --help".\n');
  return code;
}
