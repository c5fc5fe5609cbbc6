import { STREAM_FORMATS } from '../../export/query.ts';
import { LIST_FIGURES, type ListFigure } from '../../runs/list/figures.ts';
import { MAX_SORTED, SORTS } from '../../runs/list/sorted.ts';
import { MAX_GENERATIONS, runRequestSchema } from '../../runs/request-schema.ts';
import { RUN_STATUSES } from '../../runs/run.ts';
import {
  BODY,
  CONVERSATION,
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
  WAIT,
} from '../openapi/operation.ts';
import { requestSchema } from '../openapi/schema.ts';
import { exportRowSchema } from './export-schema.ts';
import { generationSchema, traceSchema } from './generation-schemas.ts';
import { runListSchema, runSchema } from './schemas.ts';

const TOGETHER =
  'stop, response_format and extra_body, of the request and all of its settings, have at most 64 KiB of JSON together.';

/** Field descriptions of POST /runs; the fields of a setting have the same. */
export const RUN_REQUEST_DESCRIPTIONS: Record<string, string> = {
  prompt: 'The user message. Give either prompt or messages, at most 512 KiB of UTF-8.',
  messages: 'A conversation, instead of a prompt.',
  model: "The model; by default the deployment's.",
  reasoning_effort: 'How much a reasoning model reasons before it answers.',
  reasoning_summary:
    'How the model server summarises the reasoning: auto, concise or detailed. The Responses API alone does; summaries are in reasoning of a generation.',
  max_tokens: 'Upper bound of completion tokens, reasoning included; 1024 by default.',
  temperature: 'Sampling temperature. Sampling fields that are left out are not sent to the model server.',
  top_p: 'Nucleus sampling: only the smallest set of tokens whose probabilities add up to this.',
  top_k: 'Samples from the k most probable tokens only; sampling reports whether the server applied it.',
  frequency_penalty: 'Penalises tokens by how often they have occurred.',
  presence_penalty: 'Penalises tokens that have occurred at all.',
  seed: 'Asks the server for repeatable sampling.',
  stop: `Up to four strings; the output ends before the first of them. ${TOGETHER}`,
  logprobs: "Stores the tokens' log probabilities in the trace.",
  top_logprobs:
    'How many of the most probable tokens at each position the trace has with their log probabilities. Above 0 it implies logprobs; a generation has 100,000 of them at most.',
  response_format: `OpenAI's response_format, sent to the model server unchanged. ${TOGETHER}`,
  tools:
    "Tools in the shape of OpenAI's chat completions, of type function or custom, with at most 256 KiB of JSON. Calls of them are in tool_calls of a generation; everytoken executes none. A report of sampling has the name and a hash of each.",
  tool_choice:
    'Which tools the model may or must call: none, auto, required, or an object as OpenAI takes it.',
  parallel_tool_calls: 'Whether the model may call several tools in one answer.',
  tool_calls: 'The calls of tools in an answer of an earlier turn.',
  reasoning:
    'Reasoning items of an earlier answer, sent back to a model server that speaks the Responses API; no other server gets them.',
  tool_call_id: 'The id of the call that this message answers.',
  extra_body: `Further fields for the model server, sent unchanged next to the fields above: those that its kind is known to take (GET /models), or that the operator opened. ${TOGETHER}`,
  settings:
    'Labelled choices of model and sampling; each overrides the fields above. By default there is one, labelled default.',
  label: 'The name of a setting, unique in its run.',
  samples: 'Outputs of each setting; 1 by default.',
  stream: 'Streams the answer as server-sent events.',
  background: 'Returns 202 at once; the run is generated later.',
  index: 'Whether outputs are embedded for search; true by default.',
  store:
    'false: prompt and outputs are for this answer alone. Figures, settings and results of checks are kept; texts, tool calls and log probabilities are never stored with the outputs, and the prompt is deleted when the run ends. Implies index: false. true by default.',
  strict_sampling:
    'Refuses sampling that the server would not apply, instead of leaving it out with a warning.',
  checks: 'Checks of each output. Each generation has its results; checks has the pass rate of each label.',
  metadata: 'Up to 16 pairs of your own; keys have up to 64 and values up to 512 characters.',
  conversation:
    'Any name of the conversation that the run is a turn of, also as header x-everytoken-conversation. Without it a run of one output whose messages continue those and the answer of an earlier run is linked to that by itself.',
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
- generation.token: {index, text, t_ms, tokens, sent_ms}, one per chunk; t_ms and sent_ms are when it arrived and when it was handed to this response, in milliseconds after t0
- generation.tool_call: {index, call, id, name, tool_type}, when a call of a tool begins; call is its place in tool_calls; again if its name comes later
- generation.tool_arguments: {index, call, text, t_ms, tokens, sent_ms}, one per chunk of its arguments
- generation.restarted: {index, attempt}; discard the text so far
- generation.completed: a generation
- run.completed: the run; the last event of a successful stream
- error: a problem; the last event of a failed stream
A comment line is sent every 15 s. The run goes on when the client disconnects.`;

const EXPORT = `With format, the answer is a table of all chosen runs, newest first, with a row a generation, and a row for a run without any. limit is then the number of rows, without an upper bound; by default there is none. Each row has a cursor, after which another request goes on. A last row without a run_id says that the export is not whole: its error_code is the reason (out_of_time after 15 minutes). docs/export.md describes the columns.`;

/** Parameters of exports, beside the filters. */
const EXPORT_PARAMETERS = [
  inQuery('texts', 'With format: whole prompts and texts, instead of their first 120 characters.', {
    type: 'boolean',
    default: false,
  }),
  inQuery(
    'metadata_columns',
    'With format: metadata keys that get a column each, with commas between them.',
    {
      type: 'string',
      maxLength: 2_000,
    },
  ),
];

const ID = inPath('id', "The run's id.");
const INDEX = inPath('index', "The generation's index.", { type: 'integer', minimum: 0 });
const METADATA = inQuery('metadata.KEY', 'Runs with this value of a metadata key; KEY is its name.', {
  type: 'string',
  maxLength: 512,
});
const LIST_FIGURE_NAMES: Record<ListFigure, string> = {
  ttft_ms: 'mean time to first token, in ms (mean_ttft_ms)',
  tpot_ms: 'mean time per output token, in ms (mean_tpot_ms)',
  e2e_ms: 'mean time to the end of the stream, in ms (e2e_ms)',
  cost_usd: 'cost in US dollars (cost_usd)',
  tokens: 'completion tokens (usage.completion_tokens)',
};
const BOUNDS = LIST_FIGURES.flatMap((figure) =>
  (['min', 'max'] as const).map((end) =>
    inQuery(
      `${end}_${figure}`,
      `Runs whose ${LIST_FIGURE_NAMES[figure]} is ${end === 'min' ? 'at least' : 'at most'} this; never those in which it is unknown.`,
      { type: 'number', minimum: 0 },
    ),
  ),
);
const SORT = inQuery(
  'sort',
  `The order of the list, - for the greatest first; unknown figures are last in both. An order by a figure, or by created_at from the oldest, reads all runs from since to until, and refuses more than ${MAX_SORTED} of them.`,
  { type: 'string', enum: SORTS, default: '-created_at' },
);
const NO_RUN: Operation['problems'] = { 404: ['not_found'], 410: ['gone'] };

/** Problems of the routes that generate, except their 502. */
export const GENERATION_PROBLEMS = {
  ...BODY,
  400: [...BODY[400], 'sampling_not_applied', 'price_unknown'],
  409: ['run_in_progress', 'lease_lost', 'cancelled'],
  410: ['gone'],
  413: ['body_too_large', 'prompt_too_large', 'fields_too_large'],
  422: ['idempotency_key_reused'],
  429: ['rate_limited', 'insufficient_quota', 'over_budget', 'too_many_runs'],
  504: ['first_token_timeout', 'idle_timeout', 'total_timeout', 'wait_timeout'],
} satisfies Operation['problems'];

export const RUN_OPERATIONS: Operations<'/runs'> = {
  'POST /runs': {
    operationId: 'createRun',
    summary: 'Creates a run and returns it whole, streamed or later',
    description: STREAM,
    parameters: [
      idempotencyKey('run, never a second generation'),
      prefer('wait=N: wait at most N seconds for a whole answer; 240 by default and at most.'),
      CONVERSATION,
      TRACEPARENT,
    ],
    body: REQUEST,
    answers: {
      200: {
        description: 'The stream of a run with stream: true.',
        headers: { ...RUN_ID, ...REPLAYED },
        text: 'text/event-stream',
      },
      201: {
        description: 'The run with its text.',
        headers: { ...RUN_ID, ...locationOf('run'), ...REPLAYED },
        json: runSchema,
      },
      202: {
        description: 'The run is still being generated: it is a background run, or the wait is over.',
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
        'unreadable_output',
        'attempts_exhausted',
        'configuration',
      ],
    },
  },
  'GET /runs': {
    operationId: 'listRuns',
    summary: "Lists the caller's runs, newest first or by a figure, or exports them",
    description: EXPORT,
    parameters: [
      LIMIT,
      CURSOR,
      inQuery('status', 'Runs with this status.', { type: 'string', enum: RUN_STATUSES }),
      inQuery(
        'model',
        'Runs with a setting of this model: in full (groq/llama-3), as its name at any provider (llama-3) or as a provider alone (groq). default/llama-3 is that of the default server alone. An alias finds the runs of its model.',
      ),
      inQuery('label', 'Runs with a setting of this label.'),
      SINCE,
      UNTIL,
      inQuery('file', 'Runs of the prompt file with this id.'),
      inQuery(
        'conversation',
        'Turns of the conversation of this name, or of the one that the run with this id began.',
      ),
      METADATA,
      ...BOUNDS,
      SORT,
      inQuery('format', 'Streams all runs of the list as a table, a row a generation.', {
        type: 'string',
        enum: STREAM_FORMATS,
      }),
      ...EXPORT_PARAMETERS,
    ],
    answers: {
      200: {
        description: 'A page; with format a table, whose columns are the keys of ExportRow in their order.',
        json: runListSchema,
        lines: exportRowSchema,
        text: 'text/csv',
      },
    },
    problems: { 400: ['invalid_input'], ...SERVICES },
  },
  'GET /runs/{id}': {
    operationId: 'readRun',
    summary: 'Reads a run',
    description:
      'At most 5 MB, as in every answer that holds a run. Generations of a larger one leave long fields out and name them in left_out; GET /runs/{id}/generations/{index} has them. With `wait`, it answers at the next change of status; a run that is completed, failed or cancelled is answered at once.',
    parameters: [ID, ...WAIT],
    answers: { 200: { description: 'The run.', headers: RUN_ID, json: runSchema } },
    problems: { 400: ['invalid_input'], ...NO_RUN, ...SERVICES },
  },
  'DELETE /runs/{id}': {
    operationId: 'deleteRun',
    summary: 'Deletes a run, its outputs and its vectors',
    parameters: [ID],
    answers: {
      204: {
        description:
          'The run can no longer be read; its vectors and outputs are deleted soon after. What it used stays counted.',
        headers: RUN_ID,
      },
    },
    problems: { ...NO_RUN, 409: ['conflict'], ...SERVICES },
  },
  'POST /runs/{id}/cancel': {
    operationId: 'cancelRun',
    summary: 'Stops a run that is not generated yet',
    description:
      'A queued run never starts. A generating run stops within about 20 seconds, and its outputs are not published. Cancelling again returns the same run.',
    parameters: [ID],
    answers: { 200: { description: 'The cancelled run.', headers: RUN_ID, json: runSchema } },
    problems: { ...NO_RUN, 409: ['conflict'], ...SERVICES },
  },
  'GET /runs/{id}/generations/{index}': {
    operationId: 'readGeneration',
    summary: 'Reads one generation of a run, whole',
    parameters: [ID, INDEX],
    answers: { 200: { description: 'The generation.', headers: RUN_ID, json: generationSchema } },
    problems: { 400: ['invalid_input'], ...NO_RUN, ...SERVICES },
  },
  'GET /runs/{id}/generations/{index}/trace': {
    operationId: 'readTrace',
    summary: 'Reads the token timeline of a generation',
    description:
      'A timeline that does not fit into 5 MB comes in pages: the next one is read with after=next_after.',
    parameters: [
      ID,
      INDEX,
      inQuery('after', 'Chunks after the one of this index.', {
        type: 'integer',
        minimum: 0,
        maximum: 10_000_000,
      }),
      inQuery('limit', 'Maximum number of chunks.', { type: 'integer', minimum: 1, maximum: 10_000_000 }),
    ],
    answers: { 200: { description: 'The trace.', headers: RUN_ID, json: traceSchema } },
    problems: { 400: ['invalid_input'], ...NO_RUN, ...SERVICES },
  },
};
