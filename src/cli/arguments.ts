/** Reads a command line as a command declares it. */
import { parseArgs } from 'node:util';
import { suggest } from '../config/suggest.ts';
import { COMMON_OPTIONS, type Command, type Invocation, type Options } from './command.ts';

/** Where the config is looked for when the command line names none. */
export const DEFAULT_CONFIG = 'failoverd.yaml';

export type Parsed =
  | { readonly ok: true; readonly invocation: Invocation; readonly help: boolean }
  /** One line for people. */
  | { readonly ok: false; readonly message: string };

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];
type OptionToken = Extract<Token, { kind: 'option' }>;

/** Takes the command's name out of the line. The common options may stand before it. */
export function splitCommand(args: readonly string[]): {
  readonly name: string | null;
  readonly rest: readonly string[];
} {
  const first = tokenize(args, COMMON_OPTIONS).find(({ kind }) => kind === 'positional');
  if (first?.kind !== 'positional') return { name: null, rest: args };
  return { name: first.value, rest: args.toSpliced(first.index, 1) };
}

export function parseCommandLine(args: readonly string[], command: Pick<Command, 'options' | 'arguments'>): Parsed {
  const known: Options = { ...COMMON_OPTIONS, ...command.options };
  const tokens = tokenize(args, known);
  const given = tokens.filter((token) => token.kind === 'option');
  const positionals = tokens.flatMap((token) => (token.kind === 'positional' ? token.value : []));
  const help = given.some(({ name }) => name === 'help');
  const problem =
    given.map((token) => findFault(token, known)).find((fault) => fault !== null) ??
    (help ? null : findMisfit(positionals, command.arguments));
  if (problem) return { ok: false, message: problem };
  const values = Object.fromEntries(given.map(({ name, value }) => [name, value ?? true]));
  const { config, json, ...options } = { ...absent(known), ...values };
  return {
    ok: true,
    help,
    invocation: {
      configPath: typeof config === 'string' ? config : DEFAULT_CONFIG,
      json: json === true,
      options,
      positionals,
    },
  };
}

/** What is wrong with the use of an option. */
function findFault({ name, rawName, value, inlineValue }: OptionToken, known: Options): string | null {
  const option = Object.hasOwn(known, name) ? known[name] : undefined;
  if (!option) {
    const meant = suggest(name, Object.keys(known));
    return `unknown option "${rawName}"${meant === null ? '' : `; did you mean "--${meant}"?`}`;
  }
  if (option.value === null) return value === undefined ? null : `${rawName} takes no value, found "${value}"`;
  const isMissing = value === undefined || value === '' || (!inlineValue && value.startsWith('-'));
  return isMissing ? `${rawName} needs a value: ${rawName} <${option.value}>` : null;
}

/** What is wrong with the number of arguments. */
function findMisfit(positionals: readonly string[], declared: Command['arguments']): string | null {
  const missing = declared.find(({ isRequired }, i) => isRequired && positionals[i] === undefined);
  if (missing) return `<${missing.name}> is missing`;
  const surplus = positionals[declared.length];
  return surplus === undefined ? null : `unexpected argument "${surplus}"`;
}

function absent(known: Options): Record<string, string | boolean | undefined> {
  return Object.fromEntries(
    Object.entries(known).map(([name, { value }]) => [name, value === null ? false : undefined]),
  );
}

function tokenize(args: readonly string[], known: Options): readonly Token[] {
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { value }]) => [
      name,
      name === 'help'
        ? ({ type: 'boolean', short: 'h' } as const)
        : ({ type: value === null ? 'boolean' : 'string' } as const),
    ]),
  );
  return parseArgs({ args: [...args], options, strict: false, tokens: true, allowPositionals: true }).tokens;
}
