import { RUN_STATUSES } from '../../runs/run.ts';
import type { PROBLEM_CODES } from '../problem-codes.ts';
import type { ROUTES } from '../routes.ts';
import { type Json, refTo, type SchemaName } from './schemas.ts';

type Route = (typeof ROUTES)[number];
type Code = keyof typeof PROBLEM_CODES;
type Operation = {
  operationId: string;
  summary: string;
  description?: string;
  parameters?: Json[];
  body?: SchemaName;
  answers: Record<number, Json>;
  problems: Partial<Record<number, Code[]>>;
  /** Refusals in OpenAI's shape instead of problems. */
  isOpenAI?: true;
};

const json = (name: SchemaName) => ({ 'application/json': { schema: refTo(name) } });
const header = (description: string): Json => ({ description, schema: { type: 'string' } });

const RUN_ID = { 'x-everytoken-run-id': header("The run's id.") };
const TIMING = {
  'server-timing': header('accept: until the run was accepted; total: until the answer began. Milliseconds.'),
};
const LOCATION = { location: header('Where the run is read, with the stage.') };
const REPLAYED = { 'idempotent-replayed': header('true when the answer is that of an earlier request.') };

const inPath = (name: string, description: string, schema: Json): Json => ({
  name,
  in: 'path',
  required: true,
  description,
  schema,
});
const inQuery = (name: string, description: string, schema: Json): Json => ({
  name,
  in: 'query',
  description,
  schema,
});
const inHeader = (name: string, description: string, schema: Json): Json => ({
  name,
  in: 'header',
  description,
  schema,
});

const text = { type: 'string' };
const TRACEPARENT = inHeader(
  'traceparent',
  'The trace that the run is in (W3C Trace Context): its logs and its events have its id.',
  text,
);
const ID = inPath('id', "The run's.", text);
const INDEX = inPath('index', "The generation's.", { type: 'integer', minimum: 0 });
const SINCE = inQuery('since', 'Created at or after this date (UTC) or instant with offset.', text);
const UNTIL = inQuery('until', 'Created before this instant, or on or before this date (UTC).', text);
const METADATA = inQuery(
  'metadata.KEY',
  "Runs with this value of the caller's KEY; KEY stands for any name.",
  {
    type: 'string',
    maxLength: 512,
  },
);
const NO_RUN: Operation['problems'] = { 404: ['not_found'], 410: ['gone'] };
const BODY: Operation['problems'] = {
  400: ['invalid_input', 'empty_body', 'invalid_json'],
  413: ['body_too_large'],
  415: ['unsupported_media_type'],
};
const SERVICES: Operation['problems'] = { 502: ['upstream_error', 'unreachable'], 504: ['timeout'] };

const STREAM = `Server-sent events, each with a line of JSON as its data:
- run.created: the run
- generation.token: {index, text, t_ms, tokens}, one a chunk; t_ms is milliseconds after t0
- generation.restarted: {index, attempt}; the text so far is void
- generation.completed: a generation
- run.completed: the run; the last event of a good end
- error: a problem; the last event of a bad one
A comment line comes every 15 s. A client that goes away does not stop the run.`;

const CHAT_STREAM = `Streamed: server-sent events with a ChatCompletionChunk each, then [DONE]. A stream that has no good end ends with an OpenAIError instead: also when the output broke off and is generated again, since text cannot be taken back.
A comment line comes every 15 s. A client that goes away does not stop the run.
x-should-retry: false stands where trying again by itself would only cost.`;

const OPERATIONS: Record<string, Operation> = {
  'POST /runs': {
    operationId: 'createRun',
    summary: 'Generates a run: whole, streamed or later',
    description: STREAM,
    parameters: [
      inHeader(
        'Idempotency-Key',
        'The same key and body answer with the same run, never a second generation.',
        {
          type: 'string',
          pattern: '^[\\x21-\\x7e]{1,255}$',
        },
      ),
      inHeader(
        'Prefer',
        'wait=N: wait at most N seconds (240 at most, and by default) for a whole answer.',
        text,
      ),
      TRACEPARENT,
    ],
    body: 'RunRequest',
    answers: {
      200: {
        description: 'The stream of a run asked for with stream: true.',
        headers: { ...RUN_ID, ...REPLAYED },
        content: { 'text/event-stream': { schema: text } },
      },
      201: {
        description: 'The run, its text ready.',
        headers: { ...RUN_ID, ...LOCATION, ...REPLAYED },
        content: json('Run'),
      },
      202: {
        description: 'The run goes on: asked for in the background, or not ended in the time waited.',
        headers: { ...RUN_ID, ...LOCATION },
        content: json('Run'),
      },
    },
    problems: {
      ...BODY,
      400: [...(BODY[400] ?? []), 'sampling_not_applied', 'price_unknown'],
      409: ['run_in_progress', 'lease_lost', 'cancelled'],
      410: ['gone'],
      413: ['body_too_large', 'prompt_too_large'],
      422: ['idempotency_key_reused'],
      429: ['rate_limited', 'insufficient_quota', 'over_budget'],
      502: [
        'upstream_error',
        'unreachable',
        'invalid_request',
        'model_not_found',
        'incomplete_output',
        'attempts_exhausted',
        'configuration',
      ],
      504: ['first_token_timeout', 'idle_timeout', 'total_timeout', 'wait_timeout'],
    },
  },
  'GET /runs': {
    operationId: 'listRuns',
    summary: "The caller's runs, newest first",
    parameters: [
      inQuery('limit', 'At most so many.', { type: 'integer', minimum: 1, maximum: 100, default: 20 }),
      inQuery('cursor', 'next_cursor of the page before.', text),
      inQuery('status', 'Runs in this status.', { type: 'string', enum: RUN_STATUSES }),
      inQuery('model', "Runs of this model (the request's).", text),
      inQuery('label', 'Runs with a setting of this label.', text),
      SINCE,
      UNTIL,
      inQuery('file', 'Runs of this prompt file, by its id.', text),
      METADATA,
    ],
    answers: { 200: { description: 'A page.', content: json('RunList') } },
    problems: { 400: ['invalid_input'], ...SERVICES },
  },
  'GET /runs/{id}': {
    operationId: 'readRun',
    summary: 'A run as it is now',
    parameters: [ID],
    answers: { 200: { description: 'The run.', headers: RUN_ID, content: json('Run') } },
    problems: { 400: ['invalid_input'], ...NO_RUN, ...SERVICES },
  },
  'DELETE /runs/{id}': {
    operationId: 'deleteRun',
    summary: 'Deletes a run, its outputs and its vectors',
    parameters: [ID],
    answers: { 204: { description: 'It is gone for readers; vectors and outputs follow.', headers: RUN_ID } },
    problems: { ...NO_RUN, 409: ['conflict'], ...SERVICES },
  },
  'POST /runs/{id}/cancel': {
    operationId: 'cancelRun',
    summary: 'Stops a run that is not generated yet',
    description:
      'A run that waits is never begun; one that is under way stops within some 20 seconds, and what it made is not published. Cancelling again gives the same run.',
    parameters: [ID],
    answers: { 200: { description: 'The cancelled run.', headers: RUN_ID, content: json('Run') } },
    problems: { ...NO_RUN, 409: ['conflict'], ...SERVICES },
  },
  'GET /runs/{id}/generations/{index}/trace': {
    operationId: 'readTrace',
    summary: 'A generation token by token',
    parameters: [ID, INDEX],
    answers: { 200: { description: 'The trace.', headers: RUN_ID, content: json('Trace') } },
    problems: { 400: ['invalid_input'], ...NO_RUN, ...SERVICES },
  },
  'GET /models': {
    operationId: 'listModels',
    summary: 'What the configured model servers have, and how they take a run',
    description:
      "Each server's own list, asked for once a minute, joined with what is known of its models; retired ones are named with their replacement.",
    answers: { 200: { description: 'The catalogue.', content: json('ModelList') } },
    problems: { 400: ['invalid_input'] },
  },
  'POST /search': {
    operationId: 'search',
    summary: 'Finds outputs by meaning',
    body: 'SearchRequest',
    answers: { 200: { description: 'What was found, best first.', content: json('SearchAnswer') } },
    problems: { ...BODY, ...SERVICES },
  },
  'POST /comparisons': {
    operationId: 'createComparison',
    summary: 'Compares settings and models over prompts and samples',
    description:
      'Every prompt is asked with every setting, samples times, in complete blocks in random order; a warm-up request to each model goes first and is excluded.',
    parameters: [
      inHeader('Idempotency-Key', 'The same key and body answer with the same comparison.', {
        type: 'string',
        pattern: '^[\\x21-\\x7e]{1,255}$',
      }),
    ],
    body: 'ComparisonRequest',
    answers: {
      202: {
        description: 'Accepted; read it where Location says.',
        headers: { location: header('Where the comparison is read, with the stage.'), ...REPLAYED },
        content: json('Comparison'),
      },
    },
    problems: {
      ...BODY,
      400: ['invalid_input', 'sampling_not_applied', 'empty_body', 'invalid_json'],
      413: ['body_too_large', 'prompt_too_large'],
      422: ['idempotency_key_reused'],
      ...SERVICES,
    },
  },
  'GET /comparisons/{id}': {
    operationId: 'readComparison',
    summary: 'A comparison as it is now: summaries, and which differences are larger than the noise',
    parameters: [inPath('id', "The comparison's.", text)],
    answers: { 200: { description: 'The comparison.', content: json('Comparison') } },
    problems: { 400: ['invalid_input'], 404: ['not_found'], ...SERVICES },
  },
  'POST /files': {
    operationId: 'createFile',
    summary: 'Announces a prompt file and says where to upload it',
    description:
      'The answer holds a URL that takes the bytes by PUT for an hour. `defaults` are run fields for all lines, max_cost_usd, rerun, dry_run and mode.',
    body: 'FileRequest',
    answers: {
      201: {
        description: 'Upload it now.',
        headers: { location: header('Where the file is read, with the stage.') },
        content: json('Upload'),
      },
    },
    problems: { ...BODY, 413: ['body_too_large', 'file_too_large'], ...SERVICES },
  },
  'GET /files': {
    operationId: 'listFiles',
    summary: "The caller's prompt files, newest first",
    parameters: [
      inQuery('limit', 'At most so many.', { type: 'integer', minimum: 1, maximum: 100, default: 20 }),
      inQuery('cursor', 'next_cursor of the page before.', text),
    ],
    answers: { 200: { description: 'A page.', content: json('FileList') } },
    problems: { 400: ['invalid_input'], ...SERVICES },
  },
  'GET /files/{id}': {
    operationId: 'readFile',
    summary: 'A prompt file as it is now: counts, tokens, cost, time left, and URLs of its results',
    parameters: [inPath('id', "The file's.", text)],
    answers: { 200: { description: 'The file.', content: json('File') } },
    problems: { 400: ['invalid_input'], 404: ['not_found'], ...SERVICES },
  },
  'DELETE /files/{id}': {
    operationId: 'stopFile',
    summary: 'Stops what has not begun of a prompt file',
    description:
      'Lines under way are finished, and the results are written: lines that had not begun have the error `cancelled`. Harmless when the file has ended.',
    parameters: [inPath('id', "The file's.", text)],
    answers: { 200: { description: 'The file.', content: json('File') } },
    problems: { 404: ['not_found'], ...SERVICES },
  },
  'POST /files/{id}/results': {
    operationId: 'requestResults',
    summary: 'Has the results written that there are so far',
    description:
      'They are at downloads.partial a little later, in the order of the lines. A file that has ended has its results.',
    parameters: [inPath('id', "The file's.", text)],
    answers: { 202: { description: 'The file.', content: json('File') } },
    problems: { 404: ['not_found'], 409: ['conflict'], ...SERVICES },
  },
  'GET /usage': {
    operationId: 'readUsage',
    summary: 'Requests, tokens and cost of the caller',
    parameters: [
      SINCE,
      UNTIL,
      inQuery('group_by', 'model, label, day or metadata.KEY.', {
        type: 'string',
        pattern: '^(model|label|day|metadata\\..{1,64})$',
      }),
    ],
    description:
      'The last 7 days by default, 31 days at most. A run of several labels or models counts in each group.',
    answers: { 200: { description: 'Usage.', content: json('UsageReport') } },
    problems: { 400: ['invalid_input'], ...SERVICES },
  },
  'POST /v1/chat/completions': {
    operationId: 'createChatCompletion',
    summary: "A run of one output, by OpenAI's protocol",
    description: CHAT_STREAM,
    parameters: [
      inHeader(
        'Idempotency-Key',
        'The same key and body answer with the same run, never a second generation.',
        { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
      ),
      inHeader('Prefer', 'wait=N: wait at most N seconds (240 at most, and by default).', text),
      TRACEPARENT,
    ],
    body: 'ChatCompletionRequest',
    answers: {
      200: {
        description: 'The completion, whole or streamed.',
        headers: { ...RUN_ID, ...REPLAYED },
        content: { ...json('ChatCompletion'), 'text/event-stream': { schema: text } },
      },
    },
    problems: {
      400: [
        'invalid_input',
        'empty_body',
        'invalid_json',
        'sampling_not_applied',
        'price_unknown',
        'invalid_request',
      ],
      404: ['model_not_found'],
      409: ['run_in_progress', 'lease_lost', 'cancelled'],
      410: ['gone'],
      413: ['body_too_large', 'prompt_too_large'],
      415: ['unsupported_media_type'],
      422: ['idempotency_key_reused'],
      429: ['rate_limited', 'insufficient_quota', 'over_budget'],
      502: ['upstream_error', 'unreachable', 'incomplete_output', 'attempts_exhausted', 'configuration'],
      504: ['first_token_timeout', 'idle_timeout', 'total_timeout', 'wait_timeout'],
    },
    isOpenAI: true,
  },
  'GET /v1/models': {
    operationId: 'listOpenAIModels',
    summary: "What a chat completion may ask for, as OpenAI's API lists it",
    answers: { 200: { description: 'The models that generate text.', content: json('OpenAIModelList') } },
    problems: { 400: ['invalid_input'], 502: ['upstream_error'] },
    isOpenAI: true,
  },
  'GET /v1/models/{model}': {
    operationId: 'readOpenAIModel',
    summary: "A model, as OpenAI's API has it",
    parameters: [inPath('model', 'Its name; a slash in it may be written as %2F.', text)],
    answers: { 200: { description: 'The model.', content: json('OpenAIModel') } },
    problems: { 400: ['invalid_input'], 404: ['not_found'], 502: ['upstream_error'] },
    isOpenAI: true,
  },
  'GET /health': {
    operationId: 'health',
    summary: 'Whether all parts answer',
    answers: {
      200: { description: 'All do.', content: json('Health') },
      503: { description: 'At least one does not.', content: json('Health') },
    },
    problems: {},
  },
  'GET /openapi.json': {
    operationId: 'openapi',
    summary: 'This document',
    answers: {
      200: { description: 'OpenAPI 3.1.', content: { 'application/json': { schema: { type: 'object' } } } },
    },
    problems: {},
  },
  'GET /': {
    operationId: 'home',
    summary: 'A page that says what this is',
    answers: { 200: { description: 'HTML.', content: { 'text/html': { schema: text } } } },
    problems: {},
  },
};

const problemAnswer = (codes: readonly string[], isOpenAI: boolean): Json => ({
  description: codes.join(', '),
  content: isOpenAI ? json('OpenAIError') : { 'application/problem+json': { schema: refTo('Problem') } },
});

/** A route's operation; what all routes share (keys, 500, timing) is added here. */
export const operationOf = ({ method, path, isOpen }: Route): Json => {
  const operation = OPERATIONS[`${method} ${path}`];
  if (!operation) throw new Error(`${method} ${path} is not described`);
  const {
    operationId,
    summary,
    description,
    parameters = [],
    body,
    answers,
    problems,
    isOpenAI = false,
  } = operation;
  const keys: Operation['problems'] = isOpenAI
    ? { 401: ['unauthorized', 'forbidden'] }
    : { 401: ['unauthorized'], 403: ['forbidden'] };
  const shared = isOpen ? {} : keys;
  const refused = Object.entries({ ...shared, ...problems, 500: ['internal', 'configuration'] });
  return {
    operationId,
    summary,
    ...(description === undefined ? {} : { description }),
    ...(isOpen ? { security: [] } : {}),
    parameters,
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(body) } }),
    responses: Object.fromEntries([
      ...Object.entries(answers).map(([status, answer]) => [
        status,
        { ...answer, headers: { ...TIMING, ...(answer.headers ?? {}) } },
      ]),
      ...refused.map(([status, codes]) => [status, problemAnswer(codes, isOpenAI)]),
    ]),
  };
};
