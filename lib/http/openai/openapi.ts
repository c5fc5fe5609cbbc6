import {
  idempotencyKey,
  inPath,
  type Operations,
  prefer,
  REPLAYED,
  RUN_ID,
  TRACEPARENT,
} from '../openapi/operation.ts';
import { changeAt, requestSchema } from '../openapi/schema.ts';
import { GENERATION_PROBLEMS, RUN_REQUEST_DESCRIPTIONS } from '../runs/openapi.ts';
import { chatRequestSchema } from './chat-request-schema.ts';
import { chatCompletionSchema, openaiModelListSchema, openaiModelSchema } from './chat-schemas.ts';

/** The meaning of each field of POST /v1/chat/completions. */
const DESCRIPTIONS: Record<string, string> = {
  ...RUN_REQUEST_DESCRIPTIONS,
  messages: 'The conversation; content is a text or a list of text parts.',
  max_tokens: 'The older name of max_completion_tokens; one of the two.',
  max_completion_tokens: 'At most so many completion tokens, reasoning included; 1024 by default.',
  logprobs: "Answers with the tokens' log probabilities.",
  top_logprobs: 'So many of the most probable tokens at each place; needs logprobs.',
  logit_bias: 'Sent to the model server as it is.',
  verbosity: 'Sent to the model server as it is.',
  user: 'Sent to the model server as it is.',
  safety_identifier: 'Sent to the model server as it is.',
  prompt_cache_key: 'Sent to the model server as it is.',
  prompt_cache_retention: 'Sent to the model server as it is.',
  n: 'One output; POST /runs with samples gives several.',
  stream_options: 'include_usage: the usage in a last chunk of its own.',
  include_usage: 'The usage in a last chunk of its own.',
  include_obfuscation: 'Chunks are never padded.',
  modalities: 'Text alone.',
  store: 'Every run is kept, so this says nothing new.',
  label: "The run's setting under this name instead of default, for lists and search.",
};

/** Content may be a list of text parts, which the parser makes one text of. */
const orParts = (content: object) => {
  const part = {
    type: 'object',
    properties: { type: { const: 'text' }, text: { type: 'string' } },
    required: ['type', 'text'],
  };
  return { anyOf: [content, { type: 'array', items: part, minItems: 1 }] };
};

const REQUEST = {
  name: 'ChatCompletionRequest',
  schema: {
    ...changeAt(
      requestSchema(chatRequestSchema, DESCRIPTIONS),
      'properties.messages.items.properties.content',
      orParts,
    ),
    description:
      "OpenAI's chat completion as far as it is carried; what is not is refused by name. Null means absent.",
  },
};

const STREAM = `Streamed: server-sent events with a ChatCompletionChunk each, then [DONE]. A stream that has no good end ends with an OpenAIError instead: also when the output broke off and is generated again, since text cannot be taken back.
A comment line comes every 15 s. A client that goes away does not stop the run.
x-should-retry: false stands where trying again by itself would only cost.`;

export const OPENAI_OPERATIONS: Operations<'/v1/chat/completions' | '/v1/models'> = {
  'POST /v1/chat/completions': {
    operationId: 'createChatCompletion',
    summary: "A run of one output, by OpenAI's protocol",
    description: STREAM,
    parameters: [
      idempotencyKey('run, never a second generation'),
      prefer('wait=N: wait at most N seconds (240 at most, and by default).'),
      TRACEPARENT,
    ],
    body: REQUEST,
    answers: {
      200: {
        description: 'The completion, whole or streamed.',
        headers: { ...RUN_ID, ...REPLAYED },
        json: chatCompletionSchema,
        text: 'text/event-stream',
      },
    },
    problems: {
      ...GENERATION_PROBLEMS,
      400: [...GENERATION_PROBLEMS[400], 'invalid_request'],
      404: ['model_not_found'],
      502: ['upstream_error', 'unreachable', 'incomplete_output', 'attempts_exhausted', 'configuration'],
    },
  },
  'GET /v1/models': {
    operationId: 'listOpenAIModels',
    summary: "What a chat completion may ask for, as OpenAI's API lists it",
    answers: { 200: { description: 'The models that generate text.', json: openaiModelListSchema } },
    problems: { 400: ['invalid_input'], 502: ['upstream_error'] },
  },
  'GET /v1/models/{model}': {
    operationId: 'readOpenAIModel',
    summary: "A model, as OpenAI's API has it",
    parameters: [inPath('model', 'Its name; a slash in it may be written as %2F.')],
    answers: { 200: { description: 'The model.', json: openaiModelSchema } },
    problems: { 400: ['invalid_input'], 404: ['not_found'], 502: ['upstream_error'] },
  },
};
