import { COMMON_OPTIONS, type Command, type CommandEntry, type Options } from './command.ts';
import { ExitCode } from './exit-code.ts';
import { complain } from './io.ts';

/** @param commands those that are completed */
export const completionOf = (commands: readonly CommandEntry[]): Command => ({
  arguments: [{ name: 'shell', isRequired: true }],
  options: {},
  description: `Prints what bash, zsh or fish needs to complete the commands of failoverd and their options.`,
  examples: [
    'completion bash > /etc/bash_completion.d/failoverd',
    'completion zsh > ~/.zfunc/_failoverd',
    'completion fish > ~/.config/fish/completions/failoverd.fish',
  ],
  async run({ positionals: [shell = ''] }, io) {
    const format = FORMATS[shell];
    if (!format) return complain(io, `"${shell}" is not known: it is bash, zsh or fish`, ExitCode.usage);
    io.stdout.write(format(await Promise.all(commands.map(wordsOf))));
    return ExitCode.ok;
  },
});

/** A command as a shell sees it. */
interface Words {
  readonly name: string;
  readonly summary: string;
  readonly options: Options;
}

async function wordsOf({ name, summary, load }: CommandEntry): Promise<Words> {
  const command = await load();
  return { name, summary, options: { ...command.options, ...COMMON_OPTIONS } };
}

const FORMATS: Readonly<Record<string, (commands: readonly Words[]) => string>> = { bash, zsh, fish };

/** A word of an option that takes a value is followed by a file: names of records are the daemon's to know. */
function bash(commands: readonly Words[]): string {
  const cases = commands.map(({ name, options }) => `    ${name}) words="${flags(options).join(' ')}" ;;`).join('\n');
  return `# bash completion of failoverd
_failoverd() {
  local word="\${COMP_WORDS[COMP_CWORD]}" command="\${COMP_WORDS[1]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W "${commands.map(({ name }) => name).join(' ')}" -- "$word")
    return
  fi
  case "$command" in
${cases}
  esac
  case "$word" in
    -*) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word") ;;
    *) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
  esac
}
complete -o filenames -F _failoverd failoverd
`;
}

function zsh(commands: readonly Words[]): string {
  const list = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join('\n');
  const cases = commands
    .map(({ name, options }) => `    ${name}) _arguments ${zshOptions(options).join(' ')} '*:file:_files' ;;`)
    .join('\n');
  return `#compdef failoverd
_failoverd() {
  local -a commands=(
${list}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT -= 1 ))
  case "$command" in
${cases}
  esac
}
_failoverd "$@"
`;
}

function zshOptions(options: Options): readonly string[] {
  return Object.entries(options).map(([name, { value, help }]) => {
    const text = help.replace(/[[\]:]/g, '\\$&');
    return quoted(`--${name}[${text}]${value === null ? '' : `:${value}:_files`}`);
  });
}

function fish(commands: readonly Words[]): string {
  const lines = commands.flatMap(({ name, summary, options }) => [
    `complete -c failoverd -f -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
    ...Object.entries(options).map(
      ([option, { value, help }]) =>
        `complete -c failoverd -n '__fish_seen_subcommand_from ${name}' -l ${option}${value === null ? '' : ' -r'} -d ${quoted(help)}`,
    ),
  ]);
  return `# fish completion of failoverd\n${lines.join('\n')}\n`;
}

function flags(options: Options): readonly string[] {
  return Object.keys(options).map((name) => `--${name}`);
}

/** In single quotes; one within is said otherwise, for fish and the others quote it differently. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", '’')}'`;
}
