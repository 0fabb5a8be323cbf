import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseConfig } from '../config/parse.ts';
import { configTemplate } from '../config/template.ts';
import { parentOf, ROOT, shown } from '../core/name.ts';
import { defineCommand } from './command.ts';
import { printProblems } from './config.ts';
import { ExitCode } from './exit-code.ts';
import { type Answers, FIELDS, type FieldName, readField, shapeOf } from './init-fields.ts';
import { complain, type Io, type Prompt, paint, printJson } from './io.ts';
import { parentLines } from './parent-lines.ts';

export const init = defineCommand({
  arguments: [],
  options: {
    zone: { value: 'name', help: FIELDS.zone.help },
    nameserver: { value: 'addresses', help: FIELDS.nameserver.help },
    primary: { value: 'addresses', help: FIELDS.primary.help },
    backup: { value: 'addresses', help: FIELDS.backup.help },
    check: { value: 'url', help: FIELDS.check.help },
    witness: { value: 'addresses', help: FIELDS.witness.help },
  },
  description: `Writes a first config, with comments, and prints the lines that the parent zone needs. On a terminal
it asks for what the options do not say. It overwrites nothing.`,
  examples: [
    'init',
    'init --zone app.example.com --nameserver 203.0.113.53,198.51.100.53 \\\n' +
      '    --primary 192.0.2.10 --backup 198.51.100.20 --check https://app.example.com/healthz',
  ],
  async run({ configPath, json, options }, io) {
    if (existsSync(configPath)) return complain(io, existing(configPath), ExitCode.failure);
    const answers = await collect(options, io);
    if (answers === null) return ExitCode.usage;
    const values = shapeOf(answers);
    const text = configTemplate({ ...values, database: databaseFor(configPath) });
    const result = parseConfig(text, configPath, io.env);
    if (!result.ok) {
      printProblems(result.problems, io.stderr);
      return complain(io, 'nothing was written', ExitCode.config);
    }
    const fault = await write(configPath, text);
    if (fault !== null) return complain(io, fault, ExitCode.failure);
    const lines = parentLines(answers.zone, answers.nameserver);
    const parent = shown(parentOf(answers.zone) ?? ROOT);
    if (json) printJson(io, { path: configPath, parent, parentLines: lines, warnings: result.warnings });
    else {
      printProblems(result.warnings, io.stdout);
      io.stdout.write(nextSteps(configPath, { zone: values.zone, parent, lines }, io));
    }
    return ExitCode.ok;
  },
});

/** What stands in /etc cannot be written beside it. */
function databaseFor(configPath: string): string {
  return resolve(configPath).startsWith('/etc/') ? '/var/lib/failoverd/failoverd.db' : './failoverd.db';
}

function existing(path: string): string {
  return `${path} exists already; name another file with --config, or move it away`;
}

/** @returns what is wrong; never overwrites. */
async function write(path: string, text: string): Promise<string | null> {
  try {
    await writeFile(path, text, { flag: 'wx' });
    return null;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'EEXIST' ? existing(path) : `cannot write ${path}: ${message}`;
  }
}

/** From the options, and from the one who sits at the terminal; null after a complaint. */
async function collect(options: Readonly<Record<FieldName, string | undefined>>, io: Io): Promise<Answers | null> {
  const names = Object.keys(FIELDS) as FieldName[];
  const missing = names.filter((name) => options[name] === undefined && FIELDS[name].byDefault === undefined);
  const prompt = missing.length > 0 ? io.openPrompt() : null;
  if (missing.length > 0 && !prompt) {
    complain(io, `${missing.map((name) => `--${name}`).join(', ')} missing: on a terminal I would ask`, ExitCode.usage);
    return null;
  }
  const answers: Partial<Answers> = {};
  for (const name of names) {
    const problem = prompt
      ? await askFor(name, answers, { given: options[name], prompt, io })
      : take(name, answers, options[name]);
    if (problem === null) continue;
    complain(io, problem, ExitCode.usage);
    prompt?.close();
    return null;
  }
  prompt?.close();
  return answers as Answers;
}

/** Reads a value into the answers. @returns what is wrong with it, or null. */
function take(name: FieldName, answers: Partial<Answers>, given: string | undefined): string | null {
  const text = given ?? FIELDS[name].byDefault?.(answers) ?? '';
  const problem = readField(name, text, answers);
  return problem === null ? null : `--${name} ${problem}`;
}

interface Asking {
  readonly given: string | undefined;
  readonly prompt: Prompt;
  readonly io: Io;
}

/** Asks until the answer can be used. */
async function askFor(
  name: FieldName,
  answers: Partial<Answers>,
  { given, prompt, io }: Asking,
): Promise<string | null> {
  if (given !== undefined) return take(name, answers, given);
  const { question, suggestion, byDefault } = FIELDS[name];
  const fallback = (suggestion ?? byDefault)?.(answers) ?? '';
  for (;;) {
    const shownDefault = fallback === '' ? '' : ` [${fallback}]`;
    const text = await prompt.ask(`${paint(io.stdout, 'bold', question)}${shownDefault}: `);
    if (text === null) return 'stopped: nothing was written';
    const problem = readField(name, text.trim() === '' ? fallback : text.trim(), answers);
    if (problem === null) return null;
    io.stdout.write(`${paint(io.stdout, 'yellow', `it ${problem}`)}\n`);
  }
}

interface Next {
  readonly zone: string;
  readonly parent: string;
  readonly lines: readonly string[];
}

function nextSteps(path: string, { zone, parent, lines }: Next, { stdout }: Io): string {
  const config = path === 'failoverd.yaml' ? '' : ` --config ${path}`;
  return `${paint(stdout, 'green', `${path} is written.`)} The parent zone, ${parent}, needs these lines:

${lines.join('\n')}

Then: failoverd check${config}
      failoverd serve${config}
      failoverd delegation ${zone}${config}
`;
}
