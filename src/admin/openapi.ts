/** The API's description of itself (OpenAPI 3.1), made from the routes. */
import * as z from 'zod';
import type { Route, RouteDoc } from './route.ts';
import { problemSchema } from './schemas.ts';
import { SHAPES } from './shapes.ts';

/** What any route answers, for reasons that have nothing to do with it. */
const COMMON_PROBLEMS = [403, 413, 421, 500];

/** What the document says of a route. */
export type DescribedRoute = Omit<Route, 'handle'>;

export function openApi(routes: readonly DescribedRoute[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const { doc, ...route } of routes) {
    if (doc) paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route, doc) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'failoverd',
      version,
      description:
        'The admin API of failoverd. Times are ISO 8601 in UTC with milliseconds, names are in full without the final dot.',
    },
    security: [{}, { token: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: '`admin.token` of the config, where there is one' },
      },
      schemas: { Problem: jsonSchema(problemSchema, 'output') },
    },
  };
}

function operation({ method, path, access }: Omit<DescribedRoute, 'doc'>, doc: RouteDoc): object {
  const media = doc.type ?? 'application/json';
  const schema = doc.answer ? { schema: jsonSchema(SHAPES[doc.answer], 'output') } : {};
  const problems = [...(doc.problems ?? []), ...(access === 'open' ? [] : [401]), ...COMMON_PROBLEMS];
  return {
    summary: doc.summary,
    operationId: operationId(method, path),
    ...(access === 'open' && { security: [] }),
    parameters: parameters(path, doc.query ?? {}, problems.includes(412)),
    ...(doc.body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: jsonSchema(SHAPES[doc.body], 'input') } },
      },
    }),
    responses: {
      200: { description: 'done', content: { [media]: schema } },
      ...Object.fromEntries(problems.map((status) => [status, PROBLEM])),
    },
  };
}

const PROBLEM = {
  description: 'a problem (RFC 9457)',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

/** `getApiV1RecordsRecord` */
function operationId(method: string, path: string): string {
  const words = path.match(/\w+/g) ?? [];
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function parameters(path: string, query: Readonly<Record<string, string>>, takesIfMatch: boolean): readonly object[] {
  const schema = { type: 'string' };
  return [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema })),
    ...Object.entries(query).map(([name, description]) => ({ name, in: 'query', description, schema })),
    ...(takesIfMatch
      ? [
          {
            name: 'If-Match',
            in: 'header',
            description: "the record's generation, in quotes; a stale one gets 412",
            schema,
          },
        ]
      : []),
  ];
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
