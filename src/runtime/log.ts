/** The log, on pino: one line for each event, which people read on a terminal and machines as JSON. */
import { styleText } from 'node:util';
import { pino, stdTimeFunctions } from 'pino';
import type { Log } from './ports.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: 'pretty' | 'json';
  /** Only with `pretty`. */
  readonly hasColour: boolean;
}

/** Takes lines, each with its newline; never waits and never throws. */
export interface LogDestination {
  write(line: string): void;
}

export function createLog({ level, format, hasColour }: LogOptions, destination: LogDestination): Log {
  const pretty = { write: (line: string) => destination.write(prettyLine(line, level === 'debug', hasColour)) };
  return pino(
    { level, base: null, timestamp: stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    format === 'json' ? destination : pretty,
  );
}

interface Entry {
  readonly time: string;
  readonly level: LogLevel;
  readonly msg: string;
  readonly err?: { readonly message?: string; readonly stack?: string };
  readonly [field: string]: unknown;
}

const STYLES = { debug: 'dim', info: 'cyan', warn: 'yellow', error: 'red' } as const satisfies Record<LogLevel, string>;

/**
 * `2026-01-31 12:00:41.203Z  warn   message  key=value`. Only plain fields are shown: what is nested is for machines, and
 * the message says it. An error shows its message, at level debug its stack.
 */
function prettyLine(json: string, withStack: boolean, hasColour: boolean): string {
  const { time, level, msg, err, ...fields }: Entry = JSON.parse(json);
  const paint = (style: 'dim' | 'cyan' | 'yellow' | 'red', text: string) =>
    hasColour ? styleText(style, text, { validateStream: false }) : text;
  const plain = Object.entries(fields).filter(([, value]) => value === null || typeof value !== 'object');
  const parts = [
    paint('dim', time.replace('T', ' ')),
    paint(STYLES[level], level.padEnd(5)),
    msg,
    ...(err?.message === undefined ? [] : [paint('red', err.message)]),
    ...(plain.length === 0 ? [] : [paint('dim', plain.map(([key, value]) => `${key}=${value}`).join(' '))]),
  ];
  const stack = withStack && err?.stack !== undefined ? `${err.stack}\n` : '';
  return `${parts.join('  ')}\n${stack}`;
}
