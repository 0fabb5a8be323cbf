import type { JsonResponse } from './route.ts';

/** An error as RFC 9457 (problem details for HTTP APIs) has it; its type is `about:blank`, so the title is the status's own. */
export function problem(
  status: ProblemStatus,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): JsonResponse {
  const body = { type: 'about:blank', title: TITLES[status], status, detail };
  return { status, headers: { ...headers, 'Content-Type': 'application/problem+json' }, body };
}

const TITLES = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  421: 'Misdirected Request',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const;

export type ProblemStatus = keyof typeof TITLES;
