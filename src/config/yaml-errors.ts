/** What is wrong with a text as YAML, said to those who write configs and not parsers. */
import type { YAMLError } from 'yaml';

/** By the package's code; it writes the rest in its own words. */
const MESSAGES: Readonly<Record<string, string>> = {
  BAD_INDENT: 'keys of one map must begin in the same column',
  BLOCK_AS_IMPLICIT_KEY:
    'a key stands where its parent has a value: a line is indented wrongly, or a text with ": " needs quotes',
  BLOCK_IN_FLOW: 'within { } and [ ], a text with ": " needs quotes',
  MULTILINE_IMPLICIT_KEY: 'expected "key: value"',
  MULTIPLE_DOCS: 'a second YAML document begins here: a config is one document',
  RESOURCE_EXHAUSTION: 'nested too deeply',
  TAB_AS_INDENT: 'a tab cannot indent YAML: use spaces',
};

/** Texts that mean something else to YAML, unless they stand in quotes. */
const NEED_QUOTES: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/(?:^|[\s,[{])\*[^\s*]/, 'a name that begins with * needs quotes: "*.example.com"'],
  [/\[[0-9a-f.]*:[0-9a-f:.]*\]:\d/i, 'an address in brackets needs quotes: "[::1]:53"'],
];

/** Says what is wrong. Never shows a value: it may be a secret. */
export function explainSyntaxError(error: YAMLError, line: string): string {
  const reason = error.message;
  if (reason.startsWith('Flow ')) return 'a [ or { is not closed, or what it holds not indented';
  if (error.code === 'BAD_SCALAR_START') return `a text that begins with ${reason.at(-1)} needs quotes`;
  if (reason.startsWith('Implicit map keys')) return 'expected "key: value"';
  // Some messages end with a piece of the text.
  const words = reason.replace(/: .*$/s, '').replace(/["']quote$/, 'quote');
  return (
    needsQuotes(line) ?? MESSAGES[error.code] ?? `not valid YAML: ${words.charAt(0).toLowerCase()}${words.slice(1)}`
  );
}

/** The hint about a text on this line that would be something else in quotes; null when there is none. */
export function needsQuotes(line: string): string | null {
  return NEED_QUOTES.find(([pattern]) => pattern.test(line))?.[1] ?? null;
}
