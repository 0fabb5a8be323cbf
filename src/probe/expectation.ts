import { isNativeError } from 'node:util/types';
import { createContext, Script } from 'node:vm';
import type { BodyExpectation } from '../core/check.ts';
import type { Outcome } from '../core/outcome.ts';

/** How long one pattern may hold the event loop. Below what makes a deadline late. */
const MATCH_TIMEOUT_MS = 25;

/** Whether what was received meets an expectation. `null`: it does; else the outcome that says why not. */
export type Expectation = (bytes: Buffer) => Outcome | null;

/**
 * V8 can interrupt a match that runs in a context with a timeout, whatever the pattern or the text: nothing else bounds
 * a backtracking pattern and still takes all of JavaScript's syntax (the linear engine knows neither `i` nor `u`).
 */
const sandbox: { pattern: RegExp; text: string } = { pattern: /(?:)/, text: '' };
const context = createContext(sandbox);
const match = new Script('pattern.test(text)');

/** @throws SyntaxError when a pattern is none; the config refuses it before. */
export function expectation(expected: BodyExpectation | null): Expectation {
  if (expected === null) return () => null;
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
  const before = process.threadCpuUsage();
  try {
    const met: unknown = match.runInContext(context, { timeout: MATCH_TIMEOUT_MS });
    return met === true ? null : unmet(`pattern not in ${bytes.length} bytes`);
  } catch (error) {
    // An error of the context's own realm, so no instance of our Error.
    if (!isNativeError(error) || !('code' in error) || error.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    return overrun(process.threadCpuUsage(before));
  } finally {
    sandbox.text = '';
  }
}

/** The timeout is wall time: only when the match itself used it up is the pattern to blame, and not a busy machine. */
function overrun(used: NodeJS.CpuUsage): Outcome {
  const usedMs = (used.user + used.system) / 1000;
  if (usedMs > MATCH_TIMEOUT_MS / 2) return unmet(`pattern not decided within ${MATCH_TIMEOUT_MS} ms`);
  return { outcome: 'inconclusive', reason: 'late', detail: 'the prober was too busy to match the pattern' };
}

function unmet(detail: string): Outcome {
  return { outcome: 'fail', reason: 'body', phase: 'body', detail };
}
