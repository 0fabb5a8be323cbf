/** The manual page, made from what the commands declare. Run as a program it writes man/failoverd.1. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { COMMON_OPTIONS, type Command, type CommandEntry, type Options } from './command.ts';
import { COMMANDS } from './commands.ts';
import { VERSION } from './version.ts';

export const MAN_PAGE = path.resolve(import.meta.dirname, '../../man/failoverd.1');

/** In the language of man(7). */
export async function manPage(commands: readonly CommandEntry[] = COMMANDS): Promise<string> {
  const sections = await Promise.all(commands.map(async (entry) => commandSection(entry, await entry.load())));
  return `.TH FAILOVERD 1 "" "failoverd ${VERSION}"
.SH NAME
failoverd \\- a name server that moves a name to its backup while its primary is down
.SH SYNOPSIS
.B failoverd
.I command
.RI [ options ]
.SH DESCRIPTION
failoverd is an authoritative DNS server. It probes the primary and the backups of each record, answers with the primary,
and with a backup only while the primary is down.
.SH COMMANDS
${sections.join('')}.SH OPTIONS OF EVERY COMMAND
${optionItems(COMMON_OPTIONS)}.SH EXIT STATUS
0 ok, 1 failure, 2 usage, 3 config, 4 failoverd not reachable. Of
.B status \\-\\-exit\\-code
also: 10 on a backup, 11 no target is up, 12 the prober is blind, 13 the database cannot be written.
.SH FILES
.TP
.I failoverd.yaml
the config, in the folder where the command runs, unless \\-\\-config names another
.SH ENVIRONMENT
.TP
.B FAILOVERD_TOKEN
the token for \\-\\-admin, unless \\-\\-token\\-file names a file
.TP
.B NO_COLOR
no colours on a terminal
`;
}

function commandSection({ name, summary }: CommandEntry, command: Command): string {
  const declared = command.arguments.map((argument) =>
    argument.isRequired ? `<${argument.name}>` : `[${argument.name}]`,
  );
  const examples = command.examples.map((example) => `${escaped(`failoverd ${example}`)}\n`).join('');
  return `.SS ${escaped([name, ...declared].join(' '))}
${escaped(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)}
.PP
${paragraphs(command.description)}
${optionItems(command.options)}${examples === '' ? '' : `.PP\n.nf\n${examples}.fi\n`}`;
}

function optionItems(options: Options): string {
  return Object.entries(options)
    .map(([name, { value, help }]) => {
      const long = `.B ${escaped(`--${name}`)}${value === null ? '' : ` \\fI${escaped(value)}\\fR`}`;
      return `.TP\n${long}\n${escaped(help)}\n`;
    })
    .join('');
}

function paragraphs(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '.PP' : escaped(line)))
    .join('\n');
}

/** What begins with a dot or a quote is text all the same, and a hyphen stays one that can be copied. */
function escaped(text: string): string {
  const ascii = text.replaceAll('\\', '\\e').replace(/[^ -~]/gu, (char) => `\\[u${hex(char)}]`);
  return ascii.replaceAll('-', '\\-').replace(/^[.']/, '\\&$&');
}

function hex(char: string): string {
  return (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

if (import.meta.main) writeFileSync(MAN_PAGE, await manPage());
