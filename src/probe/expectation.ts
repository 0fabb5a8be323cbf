import { isNativeError } from 'node:util/types';
import { createContext, Script } from 'node:vm';
import type { BodyExpectation } from '../core/check.ts';
import type { Outcome } from '../core/outcome.ts';

/** How much CPU time a match may take: below what makes a deadline late. */
const MATCH_CPU_MS = 25;
/** V8 counts wall time: where the machine was busy with something else meanwhile, the match is given another try. */
const MATCH_TRIES_MS = [MATCH_CPU_MS, 4 * MATCH_CPU_MS, 16 * MATCH_CPU_MS];

/** Whether what was received meets an expectation. `null`: it does; else the outcome that says why not. */
export type Expectation = (bytes: Buffer) => Outcome | null;

/**
 * V8 can interrupt a match that runs in a context with a timeout, whatever the pattern or the text: nothing else bounds
 * a backtracking pattern and still takes all of JavaScript's syntax (the linear engine knows neither `i` nor `u`).
 */
const sandbox: { pattern: RegExp; text: string } = { pattern: /(?:)/, text: '' };
const context = createContext(sandbox);
const match = new Script('pattern.test(text)');

const NOTHING_EXPECTED: Expectation = () => null;

/** @throws SyntaxError when a pattern is none; the config refuses it before. */
export function expectation(expected: BodyExpectation | null): Expectation {
  if (expected === null) return NOTHING_EXPECTED;
  if (expected.kind === 'text') {
    const wanted = Buffer.from(expected.text);
    return (bytes) => (bytes.includes(wanted) ? null : unmet(`expected text not in ${bytes.length} bytes`));
  }
  const pattern = new RegExp(expected.source, expected.flags.replace(/[gy]/g, ''));
  return (bytes) => matches(pattern, bytes);
}

function matches(pattern: RegExp, bytes: Buffer): Outcome | null {
  sandbox.pattern = pattern;
  sandbox.text = bytes.toString('utf8');
  for (const timeoutMs of MATCH_TRIES_MS) {
    const before = process.threadCpuUsage();
    const met = matchWithin(timeoutMs);
    if (met !== null) return met ? null : unmet(`pattern not in ${bytes.length} bytes`);
    const { user, system } = process.threadCpuUsage(before);
    if ((user + system) / 1000 > MATCH_CPU_MS / 2) return unmet(`pattern not decided within ${MATCH_CPU_MS} ms`);
  }
  return { outcome: 'inconclusive', reason: 'late', detail: 'the prober was too busy to match the pattern' };
}

/** Whether the pattern in the sandbox matches; null when that was not found out in time. */
function matchWithin(timeoutMs: number): boolean | null {
  try {
    return match.runInContext(context, { timeout: timeoutMs }) === true;
  } catch (error) {
    // An error of the context's own realm, so no instance of our Error.
    if (isNativeError(error) && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return null;
    throw error;
  }
}

function unmet(detail: string): Outcome {
  return { outcome: 'fail', reason: 'body', phase: 'body', detail };
}
