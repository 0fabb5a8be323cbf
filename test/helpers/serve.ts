/** failoverd as its users run it: the launcher, a config file, a database file, in a process of its own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { readHistory } from '../../src/history/queries.ts';
import type { StatusReport } from '../../src/runtime/status.ts';

const run = promisify(execFile);

const LAST_WORDS = 50;
const LAST_WORDS_WITHIN_MS = 1000;

/** FAILOVERD names an installed program that is to be tried in the checkout's place. */
export const LAUNCHER = process.env.FAILOVERD ?? path.resolve(import.meta.dirname, '../../bin/failoverd');

export interface Served {
  readonly process: ChildProcess;
  /** The lines of stdout and stderr so far. */
  readonly lines: string[];
  readonly dnsPort: number;
  /** Where the admin API is: `http://127.0.0.1:8053`. */
  readonly adminUrl: string;
  /** Settles with the first line, also an earlier one, that matches. @param from how many of the earliest to leave out */
  line(pattern: RegExp, from?: number): Promise<string>;
  /** What it said at its end; settles when all of it is read. */
  lastWords(): Promise<string>;
  /** Settles with the exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
  /** Ends it; settles as `exited` does. */
  stop(signal?: NodeJS.Signals): Promise<number | string>;
}

/** Writes the config and runs `failoverd serve` until it says what it listens on. @param env beside this process's own */
export async function serve(
  directory: string,
  config: string,
  env: NodeJS.ProcessEnv = {},
  options: readonly string[] = [],
): Promise<Served> {
  const file = path.join(directory, 'failoverd.yaml');
  await writeFile(file, config);
  const served = runServe(directory, file, env, options);
  const line = await Promise.race([
    served.line(/answers DNS on /),
    served.exited.then(async (code) => {
      throw new Error(`serve ended with ${code}:\n${await served.lastWords()}`);
    }),
  ]);
  const dnsPort = Number(/answers DNS on \S+:(\d+)/.exec(line)?.[1]);
  const adminUrl = /admin API on ([^\s,]+?),/.exec(line)?.[1] ?? '';
  return { ...served, dnsPort, adminUrl };
}

export async function status({ adminUrl }: Pick<Served, 'adminUrl'>): Promise<StatusReport> {
  const response = await fetch(`${adminUrl}/api/v1/status`);
  return (await response.json()) as StatusReport;
}

function runServe(
  directory: string,
  file: string,
  env: NodeJS.ProcessEnv,
  options: readonly string[],
): Omit<Served, 'dnsPort' | 'adminUrl'> {
  const child = spawn('/usr/bin/env', [...withoutTap(env), LAUNCHER, 'serve', '--config', file, ...options], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  const readers = [child.stdout, child.stderr].map((input) => createInterface({ input }));
  for (const reader of readers) {
    reader.on('line', (line) => {
      lines.push(line);
      for (const listener of listeners) listener(line);
    });
  }
  const read = Promise.all(readers.map((reader) => once(reader, 'close')));
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  return {
    process: child,
    lines,
    exited,
    async lastWords() {
      await Promise.race([read, sleep(LAST_WORDS_WITHIN_MS)]); // a process that it has started may hold the pipe
      return lines.slice(-LAST_WORDS).join('\n');
    },
    line: (pattern, from = 0) =>
      new Promise((resolve) => {
        const known = lines.slice(from).find((line) => pattern.test(line));
        if (known !== undefined) return resolve(known);
        const listener = (line: string): void => {
          if (!pattern.test(line)) return;
          listeners.delete(listener);
          resolve(line);
        };
        listeners.add(listener);
      }),
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}

/** For env(1): tap puts its own NODE_OPTIONS into what a test spawns, whatever the test asks for. */
function withoutTap(env: NodeJS.ProcessEnv): readonly string[] {
  return ['-u', 'NODE_OPTIONS', ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
}

/** What `dig` prints for a question, without its comments where `+short` is among the arguments. */
export async function dig(port: number, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run('dig', ['@127.0.0.1', '-p', `${port}`, '+tries=1', '+timeout=2', ...args]);
  return stdout.trim();
}

/** Settles when the table has a row of this cause: where a commit takes more than 100 ms its answer is out before it. */
export async function written(directory: string, cause: string): Promise<void> {
  for (;;) {
    const rows = readHistory(path.join(directory, 'failoverd.db'), (reader) => reader.transitions({ limit: 100 }));
    if (rows.ok && rows.value.some((row) => row.cause === cause)) return;
    await sleep(20);
  }
}

/** Asks again and again until the answer is this one. @returns how long that took, in milliseconds. */
export async function digUntil(port: number, name: string, expected: string): Promise<number> {
  const startMs = performance.now();
  for (;;) {
    const answer = await dig(port, '+short', name, 'A').catch(() => '');
    const elapsedMs = performance.now() - startMs;
    if (answer === expected) return elapsedMs;
    if (elapsedMs > 30_000) throw new Error(`${name} still answers "${answer}", not "${expected}", after 30 s`);
  }
}
