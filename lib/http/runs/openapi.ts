import { MAX_GENERATIONS, runRequestSchema } from '../../runs/request-schema.ts';
import { RUN_STATUSES } from '../../runs/run.ts';
import {
  BODY,
  CURSOR,
  idempotencyKey,
  inPath,
  inQuery,
  LIMIT,
  locationOf,
  type Operation,
  type Operations,
  prefer,
  REPLAYED,
  RUN_ID,
  SERVICES,
  SINCE,
  TRACEPARENT,
  UNTIL,
} from '../openapi/operation.ts';
import { requestSchema } from '../openapi/schema.ts';
import { traceSchema } from './generation-schemas.ts';
import { runListSchema, runSchema } from './schemas.ts';

/** The meaning of each field of POST /runs; a setting's fields have the same. */
export const RUN_REQUEST_DESCRIPTIONS: Record<string, string> = {
  prompt: 'What is said to the model as the user. Either this or messages; at most 512 KiB of UTF-8.',
  messages: 'A conversation instead of a prompt.',
  model: "The model; by default the deployment's.",
  reasoning_effort: 'How much the model reasons before it answers, where it can.',
  max_tokens: 'At most so many completion tokens, reasoning included; 1024 by default.',
  temperature: 'Sampling temperature. A field left out is not sent to the model server.',
  top_p: 'Nucleus sampling: the smallest set of tokens whose probabilities sum to this.',
  top_k: 'Only the k most probable tokens; the report in sampling says whether the server applied it.',
  frequency_penalty: 'Against tokens by how often they came.',
  presence_penalty: 'Against tokens that came at all.',
  seed: 'Asks the server for repeatable sampling.',
  stop: 'Up to four strings before which the output ends.',
  logprobs: "Keeps the tokens' log probabilities in the trace.",
  response_format: "OpenAI's response_format, sent to the model server as it is.",
  extra_body: 'Sent to the model server verbatim, beside the fields above.',
  settings:
    'Labelled choices of model and sampling; each overrides the fields above. Without any there is one, default.',
  label: 'The name of a setting, unique in its run.',
  samples: 'Outputs of each setting; 1 by default.',
  stream: 'Answers with server-sent events.',
  background: 'Answers at once with 202; the run is generated later.',
  index: 'Whether outputs are embedded and made searchable; true by default.',
  strict_sampling:
    'Refuses what the server would not apply as asked, instead of leaving it out with a warning.',
  checks:
    'What each output is checked for; passed or failed stands in each generation, the rate of each label in checks.',
  metadata: 'Up to 16 pairs of the caller, keys of up to 64 and values of up to 512 characters.',
};

const REQUEST = {
  name: 'RunRequest',
  schema: {
    ...requestSchema(runRequestSchema, RUN_REQUEST_DESCRIPTIONS),
    description: `One prompt x settings x samples, at most ${MAX_GENERATIONS} generations. Null means absent.`,
    anyOf: [{ required: ['prompt'] }, { required: ['messages'] }],
  },
};

const STREAM = `Server-sent events, each with a line of JSON as its data:
- run.created: the run
- generation.token: {index, text, t_ms, tokens}, one a chunk; t_ms is milliseconds after t0
- generation.restarted: {index, attempt}; the text so far is void
- generation.completed: a generation
- run.completed: the run; the last event of a good end
- error: a problem; the last event of a bad one
A comment line comes every 15 s. A client that goes away does not stop the run.`;

const ID = inPath('id', "The run's.");
const INDEX = inPath('index', "The generation's.", { type: 'integer', minimum: 0 });
const METADATA = inQuery(
  'metadata.KEY',
  "Runs with this value of the caller's KEY; KEY stands for any name.",
  { type: 'string', maxLength: 512 },
);
const NO_RUN: Operation['problems'] = { 404: ['not_found'], 410: ['gone'] };

/** Refusals and failures of a route that generates, but for its 502. */
export const GENERATION_PROBLEMS = {
  ...BODY,
  400: [...BODY[400], 'sampling_not_applied', 'price_unknown'],
  409: ['run_in_progress', 'lease_lost', 'cancelled'],
  410: ['gone'],
  413: ['body_too_large', 'prompt_too_large'],
  422: ['idempotency_key_reused'],
  429: ['rate_limited', 'insufficient_quota', 'over_budget'],
  504: ['first_token_timeout', 'idle_timeout', 'total_timeout', 'wait_timeout'],
} satisfies Operation['problems'];

export const RUN_OPERATIONS: Operations<'/runs'> = {
  'POST /runs': {
    operationId: 'createRun',
    summary: 'Generates a run: whole, streamed or later',
    description: STREAM,
    parameters: [
      idempotencyKey('run, never a second generation'),
      prefer('wait=N: wait at most N seconds (240 at most, and by default) for a whole answer.'),
      TRACEPARENT,
    ],
    body: REQUEST,
    answers: {
      200: {
        description: 'The stream of a run asked for with stream: true.',
        headers: { ...RUN_ID, ...REPLAYED },
        text: 'text/event-stream',
      },
      201: {
        description: 'The run, its text ready.',
        headers: { ...RUN_ID, ...locationOf('run'), ...REPLAYED },
        json: runSchema,
      },
      202: {
        description: 'The run goes on: asked for in the background, or not ended in the time waited.',
        headers: { ...RUN_ID, ...locationOf('run') },
        json: runSchema,
      },
    },
    problems: {
      ...GENERATION_PROBLEMS,
      502: [
        'upstream_error',
        'unreachable',
        'invalid_request',
        'model_not_found',
        'incomplete_output',
        'attempts_exhausted',
        'configuration',
      ],
    },
  },
  'GET /runs': {
    operationId: 'listRuns',
    summary: "The caller's runs, newest first",
    parameters: [
      LIMIT,
      CURSOR,
      inQuery('status', 'Runs in this status.', { type: 'string', enum: RUN_STATUSES }),
      inQuery('model', "Runs of this model (the request's)."),
      inQuery('label', 'Runs with a setting of this label.'),
      SINCE,
      UNTIL,
      inQuery('file', 'Runs of this prompt file, by its id.'),
      METADATA,
    ],
    answers: { 200: { description: 'A page.', json: runListSchema } },
    problems: { 400: ['invalid_input'], ...SERVICES },
  },
  'GET /runs/{id}': {
    operationId: 'readRun',
    summary: 'A run as it is now',
    parameters: [ID],
    answers: { 200: { description: 'The run.', headers: RUN_ID, json: runSchema } },
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
    answers: { 200: { description: 'The cancelled run.', headers: RUN_ID, json: runSchema } },
    problems: { ...NO_RUN, 409: ['conflict'], ...SERVICES },
  },
  'GET /runs/{id}/generations/{index}/trace': {
    operationId: 'readTrace',
    summary: 'A generation token by token',
    parameters: [ID, INDEX],
    answers: { 200: { description: 'The trace.', headers: RUN_ID, json: traceSchema } },
    problems: { 400: ['invalid_input'], ...NO_RUN, ...SERVICES },
  },
};
