import { responseBodySchema } from '../../../openai/responses/request-schema.ts';
import {
  CONVERSATION,
  idempotencyKey,
  inPath,
  inQuery,
  LIMIT,
  type Operation,
  type Operations,
  prefer,
  REPLAYED,
  RUN_ID,
  TRACEPARENT,
} from '../../openapi/operation.ts';
import { changeAt, requestSchema } from '../../openapi/schema.ts';
import { GENERATION_PROBLEMS, RUN_REQUEST_DESCRIPTIONS } from '../../runs/openapi.ts';
import { deletedResponseSchema, inputItemListSchema, responseSchema } from './schemas.ts';

const UNCHANGED = 'Sent to the model server unchanged.';

/** Field descriptions of POST /v1/responses. */
const DESCRIPTIONS: Record<string, string> = {
  ...RUN_REQUEST_DESCRIPTIONS,
  input:
    'A text of the user, or a list of items: messages of text parts, calls of functions and of custom tools, their outputs, and reasoning. An item_reference names an output item of a stored response.',
  instructions: 'A message of the system before the conversation; the next response does not take it over.',
  previous_response_id:
    'A stored response that has ended: its conversation without its instructions, and its output, come before the input.',
  include: 'message.output_text.logprobs and reasoning.encrypted_content.',
  max_output_tokens: 'Upper bound of output tokens, reasoning included; 4,096 by default.',
  max_tool_calls: 'Bounds hosted tools, of which there are none.',
  text: 'The format of the text, and its verbosity, which is sent to the model server unchanged.',
  format: 'text, json_object, or a JSON schema in the flat form.',
  verbosity: UNCHANGED,
  reasoning: 'The effort of reasoning, and the summary of it.',
  effort: 'As reasoning_effort of a run.',
  summary: 'Asks a model server that speaks the Responses API for summaries of the reasoning.',
  generate_summary: 'The older name of summary.',
  tools: 'Functions and custom tools in the flat form. Hosted tools are refused.',
  tool_choice:
    'none, auto, required, or an object of type function, custom or allowed_tools in the flat form.',
  truncation:
    'disabled, or auto where the model server truncates: servers of chat completions refuse it by name.',
  background: 'Answers at once with a response that is read later. With stream it is streamed as any other.',
  stream_options: 'Options of a streamed answer.',
  include_obfuscation: 'Pads deltas with random characters; false by default.',
  service_tier: 'Not sent: prices and budgets are those of the standard tier, which the answer names.',
  label: "The label of the run's setting in lists and search, instead of default.",
  moderation: 'Sent to the model server unchanged; its results are not in the answer.',
  user: UNCHANGED,
  safety_identifier: UNCHANGED,
  prompt_cache_key: UNCHANGED,
  prompt_cache_retention: UNCHANGED,
  prompt_cache_options: UNCHANGED,
};

const REQUEST = {
  name: 'ResponseRequest',
  schema: {
    ...changeAt(requestSchema(responseBodySchema, DESCRIPTIONS), 'properties.input', (input) => ({
      ...input,
      anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'object' }, minItems: 1 }],
    })),
    required: ['input'],
    description:
      "OpenAI's request for a response. Unsupported fields are refused by name. Null means absent.",
  },
};

const ID = inPath('id', 'The id of a response.');
const INCLUDE = inQuery('include[]', 'message.output_text.logprobs or reasoning.encrypted_content.', {
  type: 'array',
  items: { type: 'string' },
});
const NOT_FOUND: Operation['problems'] = { 400: ['invalid_input'], 404: ['not_found'] };
const response = (description: string) => ({ description, headers: RUN_ID, json: responseSchema });

export const RESPONSE_OPERATIONS: Operations<'/v1/responses'> = {
  'POST /v1/responses': {
    operationId: 'createResponse',
    summary: "Creates a run in the protocol of OpenAI's Responses API",
    description: `A stream has a server-sent event for each ResponseEvent, from response.created to response.completed, response.incomplete or response.failed. One whose output broke off and is generated again ends with an event named error instead, since a part cannot be taken back.
A comment line is sent every 15 s. The run goes on when the client disconnects.
x-should-retry: false marks errors for which an automatic retry is useless.`,
    parameters: [
      idempotencyKey('run, never a second generation'),
      prefer('wait=N: wait at most N seconds; 240 by default and at most.'),
      CONVERSATION,
      TRACEPARENT,
    ],
    body: REQUEST,
    answers: {
      200: {
        description: 'The response, whole or streamed; one in the background is queued.',
        headers: { ...RUN_ID, ...REPLAYED },
        json: responseSchema,
        text: 'text/event-stream',
      },
    },
    problems: {
      ...GENERATION_PROBLEMS,
      400: [...GENERATION_PROBLEMS[400], 'invalid_request', 'previous_response_not_found'],
      404: ['model_not_found'],
      502: [
        'upstream_error',
        'unreachable',
        'incomplete_output',
        'unreadable_output',
        'attempts_exhausted',
        'configuration',
      ],
    },
  },
  'GET /v1/responses/{id}': {
    operationId: 'readResponse',
    summary: 'Reads a response as it is now, or streams the events of an ended one again',
    description:
      'Streaming a response that is still running is not supported yet (409): read it again later.',
    parameters: [
      ID,
      INCLUDE,
      inQuery('stream', 'Streams the events again.', { type: 'boolean' }),
      inQuery('starting_after', 'Streams the events after the one with this sequence number.', {
        type: 'integer',
        minimum: 0,
      }),
      inQuery('include_obfuscation', 'Pads deltas with random characters; false by default.', {
        type: 'boolean',
      }),
    ],
    answers: { 200: { ...response('The response.'), text: 'text/event-stream' } },
    problems: { ...NOT_FOUND, 409: ['conflict'] },
  },
  'DELETE /v1/responses/{id}': {
    operationId: 'deleteResponse',
    summary: 'Deletes a response with its run',
    parameters: [ID],
    answers: {
      200: { description: 'It is deleted.', headers: RUN_ID, json: deletedResponseSchema },
    },
    problems: NOT_FOUND,
  },
  'POST /v1/responses/{id}/cancel': {
    operationId: 'cancelResponse',
    summary: 'Cancels a response of the background; one that has ended is answered as it is',
    parameters: [ID],
    answers: { 200: response('The response.') },
    problems: NOT_FOUND,
  },
  'GET /v1/responses/{id}/input_items': {
    operationId: 'listResponseInputItems',
    summary: 'Lists the items that the model was given, those of the conversation before included',
    parameters: [
      ID,
      LIMIT,
      inQuery('order', 'desc by default.', { type: 'string', enum: ['asc', 'desc'] }),
      inQuery('after', 'The items after the one with this id.'),
      INCLUDE,
    ],
    answers: {
      200: { description: 'A page of items.', headers: RUN_ID, json: inputItemListSchema },
    },
    problems: NOT_FOUND,
  },
};
