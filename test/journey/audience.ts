/** What the client's requests add up to. */
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { RequestResult } from './client.ts';

export interface Notice {
  readonly requests: number;
  readonly lost: number;
  /** From the first lost request to the first one that came through after the last lost one. */
  readonly outageMs: number;
}

/** Reads a running client's results. */
export class Audience {
  readonly #results: RequestResult[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(client: ChildProcess) {
    if (!client.stdout) throw new Error('the client has no stdout');
    createInterface({ input: client.stdout }).on('line', (line) => {
      this.#results.push(JSON.parse(line) as RequestResult);
      for (const listener of [...this.#listeners]) listener();
    });
  }

  /**
   * Settles when all requests of each resolver that started within the last `steadyMs` have come from this server, so many at
   * least; false when that does not happen in time.
   */
  async steady(resolvers: readonly string[], from: string, steadyMs: number, limitMs: number): Promise<boolean> {
    const sinceMs = Date.now();
    const isSteady = (resolver: string): boolean => {
      const recent = this.of(resolver, Math.max(sinceMs, Date.now() - steadyMs - 500));
      const last = recent.at(-1);
      const first = recent.findLastIndex((result) => result.from !== from) + 1;
      const start = recent[first];
      return last !== undefined && start !== undefined && last.startedAtEpochMs - start.startedAtEpochMs >= steadyMs;
    };
    return this.#until(() => resolvers.every(isSteady), limitMs);
  }

  /** The results of one resolver since a moment, in the order in which the requests started. */
  of(resolver: string, sinceEpochMs: number): readonly RequestResult[] {
    return this.#results
      .filter((result) => result.resolver === resolver && result.startedAtEpochMs >= sinceEpochMs)
      .toSorted((a, b) => a.startedAtEpochMs - b.startedAtEpochMs);
  }

  notice(resolver: string, sinceEpochMs: number): Notice {
    const results = this.of(resolver, sinceEpochMs);
    const first = results.findIndex(({ from }) => from === null);
    const last = results.findLastIndex(({ from }) => from === null);
    const startMs = results[first]?.startedAtEpochMs ?? 0;
    const endMs = (results[last + 1] ?? results[last])?.startedAtEpochMs ?? startMs;
    return {
      requests: results.length,
      lost: results.filter(({ from }) => from === null).length,
      outageMs: first < 0 ? 0 : endMs - startMs,
    };
  }

  #until(condition: () => boolean, limitMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (value: boolean): void => {
        clearTimeout(limit);
        this.#listeners.delete(listener);
        resolve(value);
      };
      const listener = (): void => {
        if (condition()) end(true);
      };
      const limit = setTimeout(() => end(false), limitMs);
      this.#listeners.add(listener);
    });
  }
}
