/** What has happened, as `history` and `explain` read it: in the database of the config or, with --admin, from a running failoverd. */
import type { Config } from '../config/config.ts';
import { shown } from '../core/name.ts';
import { readHistory } from '../history/queries.ts';
import type { Explanation } from '../runtime/explanation.ts';
import type { HistoryQueries, TransitionQuery, TransitionView } from '../runtime/history-report.ts';
import { type ADMIN_OPTIONS, type AdminPlace, findAdmin, isAdminNamed } from './admin-place.ts';
import { type Answer, get } from './api-client.ts';
import type { Invocation } from './command.ts';
import { readConfig } from './config.ts';
import { ExitCode } from './exit-code.ts';
import type { Io } from './io.ts';
import { type Found, findRecord } from './records.ts';

/** A list over the API is without the evidence. */
export type PastTransition = Omit<TransitionView, 'evidence'>;

export interface Past {
  /** The newest first. */
  transitions(query: TransitionQuery): Promise<Answer<readonly PastTransition[]>>;
  /** Null: there is no such transition. */
  explanation(id: number): Promise<Answer<Explanation | null>>;
  /** Whether there is such a record, or what there is instead. */
  findRecord(name: string): Promise<Found<unknown>>;
}

/** @returns an exit code, after it has been said what is wrong */
export async function openPast(
  invocation: Pick<Invocation<typeof ADMIN_OPTIONS>, 'configPath' | 'options'>,
  io: Io,
): Promise<Past | ExitCode> {
  if (isAdminNamed(invocation)) {
    const place = await findAdmin(invocation, io);
    return typeof place === 'number' ? place : pastOfServer(place);
  }
  const config = await readConfig(invocation.configPath, io);
  return config ? pastOfDatabase(config) : ExitCode.config;
}

function pastOfDatabase(config: Config): Past {
  const read = async <T>(question: (queries: HistoryQueries) => T): Promise<Answer<T>> => {
    const result = readHistory(config.databasePath, question);
    return result.ok ? result : { ok: false, code: ExitCode.failure, message: result.reason };
  };
  return {
    transitions: (query) => read((queries) => queries.transitions(query)),
    explanation: (id) => read((queries) => queries.explanation(id)),
    findRecord: async (name) => findRecord(config, name),
  };
}

/** What one page of the API holds at most. */
const PAGE = 1_000;

interface TransitionPage {
  readonly transitions: readonly PastTransition[];
  readonly next: string | null;
}

function pastOfServer(place: AdminPlace): Past {
  return {
    async transitions(query) {
      const found: PastTransition[] = [];
      let cursor: string | null = null;
      do {
        const asked = parametersOf(query, Math.min(PAGE, query.limit - found.length), cursor);
        const page: Answer<TransitionPage> = await get(place, `/api/v1/transitions?${asked}`);
        if (!page.ok) return page;
        found.push(...page.value.transitions);
        cursor = page.value.next;
      } while (cursor !== null && found.length < query.limit);
      return { ok: true, value: found };
    },
    async explanation(id) {
      const answer = await get<Explanation>(place, `/api/v1/transitions/${id}`);
      return !answer.ok && answer.status === 404 ? { ok: true, value: null } : answer;
    },
    async findRecord(name) {
      const answer = await get<object>(place, `/api/v1/records/${encodeURIComponent(name)}`);
      return answer.ok ? answer : { ok: false, message: answer.message };
    },
  };
}

function parametersOf(
  { record, sinceEpochMs }: TransitionQuery,
  limit: number,
  cursor: string | null,
): URLSearchParams {
  return new URLSearchParams({
    limit: String(limit),
    ...(record !== undefined && { record: shown(record) }),
    ...(sinceEpochMs !== undefined && { since: new Date(sinceEpochMs).toISOString() }),
    ...(cursor !== null && { cursor }),
  });
}
