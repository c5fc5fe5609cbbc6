import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { createParser } from 'eventsource-parser';
import { isOpenAIPath } from '../../../lib/http/routes.ts';
import { isObject } from '../../../lib/json/value.ts';
import type { FuzzRequest } from './draw-request.ts';
import type { Json } from './draw-value.ts';

export type FuzzAnswer = { status: number; headers: Headers; body: string };

/** Documented headers that only some answers of a status have. */
const OPTIONAL_HEADERS = ['idempotent-replayed', 'retry-after'];
/** Codes that may answer 5xx: what a model server's refusals, errors, odd and slow answers become. */
const FAILED_BY_MODEL = [
  'invalid_request',
  'model_not_found',
  'upstream_error',
  'incomplete_output',
  'unreadable_output',
  'rate_limited',
  'first_token_timeout',
  'idle_timeout',
  'total_timeout',
  'wait_timeout',
  'index_refused',
];

type Responses = Record<string, { headers?: Json; content?: Record<string, { schema: Json }> }>;
type Described = { method: string; pattern: RegExp; responses: Responses };

/** Makes a check of answers against the OpenAPI document. The check returns violations in words; empty: none. */
export const makeAnswerCheck = (document: Json) => {
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  for (const format of ['date', 'date-time'])
    ajv.addFormat(format, (text: string) => !Number.isNaN(Date.parse(text)));
  ajv.addSchema({ $id: 'openapi', ...document });
  const compiled = new Map<string, ValidateFunction>();
  const fits = (schema: Json, value: unknown): string | undefined => {
    const ref = typeof schema.$ref === 'string' ? { $ref: `openapi${schema.$ref}` } : schema;
    const key = JSON.stringify(ref);
    const validate = compiled.get(key) ?? ajv.compile(ref);
    compiled.set(key, validate);
    if (validate(value)) return undefined;
    const [error] = validate.errors ?? [];
    return `${error?.instancePath} ${error?.message}`;
  };
  const component = (name: string) => ({ $ref: `#/components/schemas/${name}` });
  const codes = Object.keys(document['x-problem-codes'] as Json);
  const operations = describedBy(document);

  const checkProblem = (request: FuzzRequest, { status, headers, body }: FuzzAnswer): string[] => {
    if (request.method === 'HEAD') return [];
    const type = headers.get('content-type') ?? '';
    if (!type.startsWith('application/problem+json')) return [`${status} is of the type ${type}`];
    const problem = parsed(body);
    const misfit = fits(component('Problem'), problem);
    if (misfit !== undefined || !isObject(problem)) return [`the problem ${misfit ?? 'is not an object'}`];
    const found: string[] = [];
    if (problem.status !== status) found.push(`the problem says ${problem.status}, the answer ${status}`);
    if (!problem.run && !codes.includes(String(problem.code)))
      found.push(`${problem.code} is not a listed code`);
    const isFromModel = problem.run && FAILED_BY_MODEL.includes(String(problem.code));
    if (status >= 500 && !isFromModel) found.push(`${status} ${problem.code}: ${problem.detail}`);
    return found;
  };

  /** Checks an error of OpenAI's shape; the gateway's own errors are problems instead. */
  const checkError = (request: FuzzRequest, answer: FuzzAnswer): string[] => {
    const { status, headers, body } = answer;
    if (request.method === 'HEAD') return [];
    const type = headers.get('content-type') ?? '';
    const problem = type.startsWith('application/problem+json') ? parsed(body) : undefined;
    if (isObject(problem) && String(problem.code).startsWith('gateway_'))
      return checkProblem(request, answer);
    if (!type.startsWith('application/json')) return [`${status} is of the type ${type}`];
    const error = parsed(body);
    const misfit = fits(component('OpenAIError'), error);
    if (misfit !== undefined) return [`the error ${misfit}`];
    const code = isObject(error) && isObject(error.error) ? String(error.error.code) : '';
    const isFromModel = headers.has('x-everytoken-run-id') && FAILED_BY_MODEL.includes(code);
    return status >= 500 && !isFromModel ? [`${status} ${body}`] : [];
  };

  /** Checks a stream of OpenAI's API, whose events are all of one schema. */
  const checkChunks = (chunk: string, body: string): string[] => {
    const data: string[] = [];
    createParser({ onEvent: (event) => void data.push(event.data) }).feed(body);
    const ends = data.at(-1) === '[DONE]' ? data.pop() : undefined;
    const last = data.at(-1);
    const isError = isObject(parsed(last ?? '')) && last?.startsWith('{"error"');
    const found = data.flatMap((text) => {
      const name = isError && text === last ? 'OpenAIError' : chunk;
      const misfit = fits(component(name), parsed(text));
      return misfit === undefined ? [] : [`${name}: ${misfit}`];
    });
    return ends === undefined && !isError ? [...found, `the stream ends with ${last}`] : found;
  };

  /** Checks a stream of named events: `schemaOf` tells the schema of an event, and `ends` the names of the last one. */
  const checkEvents = (
    body: string,
    { schemaOf, ends }: { schemaOf: (event: string) => string | undefined; ends: readonly string[] },
  ): string[] => {
    const names: string[] = [];
    const found: string[] = [];
    const parser = createParser({
      onEvent: ({ event = '', data }) => {
        names.push(event);
        const schema = schemaOf(event);
        const misfit = schema && fits(component(schema), parsed(data));
        if (misfit) found.push(`${event}: ${misfit}`);
      },
    });
    parser.feed(body);
    if (!ends.includes(names.at(-1) ?? '')) found.push(`the stream ends with ${names.at(-1)}`);
    return found;
  };

  const checkGood = (request: FuzzRequest, answer: FuzzAnswer, described: Responses[string]): string[] => {
    const { status, headers, body } = answer;
    const promised = Object.keys(described.headers ?? {}).filter((name) => !OPTIONAL_HEADERS.includes(name));
    const found = promised.filter((name) => !headers.has(name)).map((name) => `${status} without ${name}`);
    if (request.method === 'HEAD') return found;
    const contents = Object.entries(described.content ?? {});
    const given = headers.get('content-type') ?? '';
    const [type, content] = contents.find(([each]) => given.startsWith(each)) ?? contents[0] ?? [];
    if (type === undefined) return body === '' ? found : [...found, `${status} has a body`];
    if (!given.startsWith(type)) return [...found, `${status} is of the type ${given}, not ${type}`];
    if (type === 'text/event-stream') {
      const { pathname } = new URL(request.path, 'http://host');
      const chunk = CHUNKS.get(pathname);
      const events = pathname.startsWith('/v1/responses') ? RESPONSE_STREAM : RUN_STREAM;
      return [...found, ...(chunk === undefined ? checkEvents(body, events) : checkChunks(chunk, body))];
    }
    const values =
      type === 'application/json' ? [body] : type === 'application/x-ndjson' ? linesOf(body) : [];
    const misfits = values.flatMap((text) => fits(content?.schema ?? {}, parsed(text)) ?? []);
    return [...found, ...misfits.slice(0, 1).map((misfit) => `the answer ${misfit}`)];
  };

  return (request: FuzzRequest, answer: FuzzAnswer): string[] => {
    const { status } = answer;
    const path = new URL(`http://host${request.path.startsWith('/') ? request.path : '/'}`).pathname;
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const operation = operations.find((each) => each.method === method && each.pattern.test(path));
    const described = operation?.responses[String(status)];
    const found: string[] = [];
    if (!operation && ![400, 403, 404, 405].includes(status))
      found.push(`${status} although there is no such operation`);
    // The gateway and the router answer 404 and 405 before any operation runs, so operations do not document them.
    if (operation && !described && status !== 404 && status !== 405)
      found.push(`${status} is not documented`);
    if (status === 405 && !answer.headers.has('allow')) found.push('405 without Allow');
    if (status >= 400 && isOpenAIPath(path)) return [...found, ...checkError(request, answer)];
    // Errors are problems unless documented otherwise: GET /health reports failed checks in its own shape.
    const isOwnShape = described?.content?.['application/json'] !== undefined;
    if (status >= 400 && !isOwnShape) return [...found, ...checkProblem(request, answer)];
    return described ? [...found, ...checkGood(request, answer, described)] : found;
  };
};

/** The schemas of the events of OpenAI's streams, by route. */
const CHUNKS = new Map([
  ['/v1/chat/completions', 'ChatCompletionChunk'],
  ['/v1/completions', 'CompletionChunk'],
]);

const EVENTS = new Map([
  ['run.created', 'Run'],
  ['generation.completed', 'Generation'],
  ['run.completed', 'Run'],
  ['error', 'Problem'],
]);
const RUN_STREAM = { schemaOf: (event: string) => EVENTS.get(event), ends: ['run.completed', 'error'] };
const RESPONSE_STREAM = {
  schemaOf: () => 'ResponseEvent',
  ends: ['response.completed', 'response.incomplete', 'response.failed', 'error'],
};

const describedBy = (document: Json): Described[] =>
  Object.entries(document.paths as Record<string, Record<string, { responses: Responses }>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, { responses }]) => ({
        method: method.toUpperCase(),
        pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]*')}$`),
        responses,
      })),
  );

const linesOf = (body: string): string[] => body.split('\n').filter((line) => line !== '');

/** Parses JSON; undefined when the text is not JSON. */
export const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
