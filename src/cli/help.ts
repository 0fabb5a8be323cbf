/** The help texts, made from what the commands declare. */
import { COMMON_OPTIONS, type Command, type CommandEntry, type Options } from './command.ts';
import { type Output, paint } from './io.ts';
import { formatTable } from './table.ts';

export function generalHelp(output: Output, commands: readonly CommandEntry[]): string {
  return `${paint(output, 'bold', 'failoverd')}: a name server that moves a name to its backup while its primary is down

Usage: failoverd <command> [options]

Commands:
${indent(formatTable(commands.map(({ name, summary }) => [paint(output, 'cyan', name), summary])))}

"failoverd <command> --help" says more about one, "failoverd --version" prints the version.
New here? "failoverd demo" shows a failover on this machine; it needs neither root nor a config.
`;
}

export function commandHelp(output: Output, entry: CommandEntry, command: Command): string {
  const examples = command.examples.map((example) => `  failoverd ${example}\n`).join('');
  return `${paint(output, 'bold', `failoverd ${entry.name}`)}: ${entry.summary}

Usage: ${usageLine(entry.name, command)}

${command.description}

Options:
${indent(formatTable(optionRows(output, { ...command.options, ...COMMON_OPTIONS })))}

Exit codes: 0 ok, 1 failure, 2 usage, 3 config, 4 failoverd not reachable
${examples === '' ? '' : `\nExamples:\n${examples}`}`;
}

/** `failoverd probe <record> [options]` */
function usageLine(name: string, { arguments: declared }: Pick<Command, 'arguments'>): string {
  const positionals = declared.map((argument) => (argument.isRequired ? `<${argument.name}>` : `[${argument.name}]`));
  return ['failoverd', name, ...positionals, '[options]'].join(' ');
}

function optionRows(output: Output, options: Options): readonly (readonly string[])[] {
  return Object.entries(options).map(([name, { value, help }]) => [paint(output, 'cyan', spell(name, value)), help]);
}

function spell(name: string, value: string | null): string {
  const long = value === null ? `--${name}` : `--${name} <${value}>`;
  return name === 'help' ? `${long}, -h` : long;
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
