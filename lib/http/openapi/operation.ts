import * as z from 'zod';
import { CONTENT_TYPES } from '../../files/formats/format-of-key.ts';
import { dropAbsent } from '../../json/value.ts';
import { openaiErrorSchema } from '../openai/chat-schemas.ts';
import type { PROBLEM_CODES } from '../problem.ts';
import { problemSchema } from '../problem-schema.ts';
import { isOpenAIPath, type Route, type RouteAt, type RoutePath } from '../routes.ts';
import { MAX_WAIT_SECONDS } from '../wait.ts';
import { type Json, refTo } from './schema.ts';

type Answer = {
  description: string;
  headers?: Json;
  /** A schema registered in `COMPONENTS`, or JSON Schema. */
  json?: z.ZodType | Json;
  /** A schema registered in `COMPONENTS`, of each line of a response in JSON Lines. */
  lines?: z.ZodType;
  /** The media type of a text response. */
  text?: 'text/event-stream' | 'text/html' | 'text/csv';
};

/** A route's operation, before the parts that all routes share. */
export type Operation = {
  operationId: string;
  summary: string;
  description?: string;
  parameters?: Json[];
  /** The body's schema and its component name; its media type, if it is not JSON. */
  body?: { name: string; schema: Json; type?: 'multipart/form-data' };
  answers: Record<number, Answer>;
  problems: Partial<Record<number, (keyof typeof PROBLEM_CODES)[]>>;
};

/** The operations of a resource: one for each route at these paths and below. */
export type Operations<Top extends RoutePath> = Record<RouteAt<Top>, Operation>;

// Parts that several operations share.

const header = (description: string): Json => ({ description, schema: { type: 'string' } });
const parameter =
  (place: 'path' | 'query' | 'header') =>
  (name: string, description: string, schema: Json = { type: 'string' }): Json => ({
    name,
    in: place,
    ...(place === 'path' && { required: true }),
    description,
    schema,
  });

export const inPath = parameter('path');
export const inQuery = parameter('query');
export const inHeader = parameter('header');

export const LIMIT = inQuery('limit', 'Maximum number of items in the page.', {
  type: 'integer',
  minimum: 1,
  maximum: 100,
  default: 20,
});
export const CURSOR = inQuery('cursor', 'next_cursor of the previous page.');
export const SINCE = inQuery(
  'since',
  'Created at or after this date (UTC), instant with its offset, or time before now: 30m, 24h, 7d, 4w.',
);
export const UNTIL = inQuery(
  'until',
  'Created before this instant or time before now, or on or before this date (UTC).',
);

export const WAIT = [
  inQuery('wait', 'Answers at the next change of status, or as it is after this many seconds.', {
    type: 'integer',
    minimum: 0,
    maximum: MAX_WAIT_SECONDS,
  }),
  parameter('header')(
    'Prefer',
    `wait=N: as the parameter wait, which comes first; at most ${MAX_WAIT_SECONDS} seconds.`,
  ),
];

/** `same` names the resource that a repeated request returns. */
export const idempotencyKey = (same: string): Json =>
  inHeader('Idempotency-Key', `The same key and body return the same ${same}.`, {
    type: 'string',
    pattern: '^[\\x21-\\x7e]{1,255}$',
  });
export const prefer = (description: string): Json => inHeader('Prefer', description);
export const TRACEPARENT = inHeader(
  'traceparent',
  'The trace of the run (W3C Trace Context): its logs and events have the trace id.',
);

export const CONVERSATION = inHeader(
  'x-everytoken-conversation',
  'The name of the conversation that the run is a turn of, in place of the field conversation.',
);

export const RUN_ID = { 'x-everytoken-run-id': header("The run's id.") };
export const REPLAYED = {
  'idempotent-replayed': header('true when the response is that of an earlier request.'),
};
export const locationOf = (what: string): Json => ({
  location: header(`The path of the ${what}, including the stage.`),
});

/** Problems of a JSON body. */
export const BODY = {
  400: ['invalid_input', 'empty_body', 'invalid_json'],
  413: ['body_too_large'],
  415: ['unsupported_media_type'],
} satisfies Operation['problems'];

/** Failures of an upstream service. */
export const SERVICES = {
  502: ['upstream_error', 'unreachable'],
  504: ['timeout'],
} satisfies Operation['problems'];

const TIMING = {
  'server-timing': header(
    'accept: until the run was accepted; total: until the response began. Milliseconds.',
  ),
};

/**
 * A route's operation object in the document, with the parts that all routes share: keys, 500, timing. The example of an
 * answer is that of the first one with JSON.
 */
export const operationOf = (
  { path, isOpen }: Pick<Route, 'path' | 'isOpen'>,
  { operationId, summary, description, parameters = [], body, answers, problems }: Operation,
  examples: { request?: unknown; answer?: unknown } = {},
): Json => {
  const isOpenAI = isOpenAIPath(path);
  const keys: Operation['problems'] = isOpenAI
    ? { 401: ['unauthorized', 'forbidden'], 403: ['forbidden'] }
    : { 401: ['unauthorized'], 403: ['forbidden'] };
  const withJson = Object.entries(answers).find(([, { json }]) => json !== undefined)?.[0];
  const refused = Object.entries({
    ...(!isOpen && keys),
    ...problems,
    ...(!isOpen && { 429: [...(problems[429] ?? []), 'too_many_requests'] }),
    500: ['internal', 'configuration'],
  });
  return dropAbsent({
    operationId,
    tags: [tagOf(path)],
    summary,
    description,
    security: isOpen ? [] : undefined,
    parameters,
    requestBody: body && {
      required: true,
      content: {
        [body.type ?? 'application/json']: dropAbsent({
          schema: refTo(body.name),
          example: examples.request,
        }),
      },
    },
    responses: Object.fromEntries([
      ...Object.entries(answers).map(([status, answer]) => [
        status,
        answerOf(answer, status === withJson ? examples.answer : undefined),
      ]),
      ...refused.map(([status, codes]) => [status, problemAnswer(codes, isOpenAI)]),
    ]),
  });
};

/** The group of a route in a viewer: its resource. */
const tagOf = (path: RoutePath): string => {
  if (isOpenAIPath(path)) return "OpenAI's protocol";
  const [, resource = ''] = path.split('/');
  return ['', 'health', 'openapi.json', 'docs'].includes(resource) ? 'service' : resource;
};

const answerOf = ({ description, headers, ...body }: Answer, example: unknown): Json => {
  const content = contentOf(body, example);
  return {
    description,
    headers: { ...TIMING, ...headers },
    ...(Object.keys(content).length > 0 && { content }),
  };
};

const contentOf = (
  { json, lines, text }: Pick<Answer, 'json' | 'lines' | 'text'>,
  example?: unknown,
): Json => ({
  ...(json && {
    'application/json': dropAbsent({ schema: json instanceof z.ZodType ? refTo(json) : json, example }),
  }),
  ...(lines && { [CONTENT_TYPES.jsonl]: { schema: refTo(lines) } }),
  ...(text && { [text]: { schema: { type: 'string' } } }),
});

const problemAnswer = (codes: readonly string[], isOpenAI: boolean): Json => ({
  description: codes.join(', '),
  content: isOpenAI
    ? contentOf({ json: openaiErrorSchema })
    : { 'application/problem+json': { schema: refTo(problemSchema) } },
});
