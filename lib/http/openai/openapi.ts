import { embeddingsRequestSchema, MAX_INPUTS } from '../../openai/embeddings-request.ts';
import {
  BODY,
  CONVERSATION,
  idempotencyKey,
  inPath,
  type Operation,
  type Operations,
  prefer,
  REPLAYED,
  RUN_ID,
  SERVICES,
  TRACEPARENT,
} from '../openapi/operation.ts';
import { changeAt, requestSchema } from '../openapi/schema.ts';
import { GENERATION_PROBLEMS, RUN_REQUEST_DESCRIPTIONS } from '../runs/openapi.ts';
import { chatRequestSchema } from './chat-request-schema.ts';
import { chatCompletionSchema, openaiModelListSchema, openaiModelSchema } from './chat-schemas.ts';
import { embeddingListSchema } from './embeddings-schema.ts';
import { textRequestSchema } from './text-request.ts';
import { textCompletionSchema } from './text-schemas.ts';

/** Field descriptions of POST /v1/chat/completions. */
const DESCRIPTIONS: Record<string, string> = {
  ...RUN_REQUEST_DESCRIPTIONS,
  messages:
    'The conversation; content is a text or a list of text parts. Turns of functions, the older form of tools, are taken too.',
  max_tokens: 'The older name of max_completion_tokens; give only one of them.',
  max_completion_tokens: 'Upper bound of completion tokens, reasoning included; 4,096 by default.',
  logprobs: "Returns the tokens' log probabilities.",
  top_logprobs: 'Number of most probable tokens to return at each position; needs logprobs.',
  logit_bias: 'Sent to the model server unchanged.',
  verbosity: 'Sent to the model server unchanged.',
  user: 'Sent to the model server unchanged.',
  safety_identifier: 'Sent to the model server unchanged.',
  prompt_cache_key: 'Sent to the model server unchanged.',
  prompt_cache_retention: 'Sent to the model server unchanged.',
  prompt_cache_options: 'Sent to the model server unchanged.',
  moderation: 'Sent to the model server unchanged; its results are not in the answer.',
  prediction:
    'A predicted output, sent to the model server unchanged. Budgets also reserve its bytes as completion tokens.',
  functions: 'The older form of tools; the answer then has function_call instead of tool_calls.',
  function_call: 'The older form of tool_choice.',
  n: 'The number of choices, each a generation of the run; 1 by default.',
  stream_options: 'Options of a streamed answer.',
  include_usage: "Sends the usage and the run's figures in an extra last chunk.",
  include_obfuscation: 'Pads chunks with random characters; false by default.',
  modalities: 'Must be ["text"]: outputs are text only.',
  service_tier: 'Not sent: prices and budgets are those of the standard tier, which the answer names.',
  label: "The label of the run's setting in lists and search, instead of default.",
};

/** Content may also be a list of text parts; the parser joins them. */
const orParts = (content: object) => {
  const part = {
    type: 'object',
    properties: { type: { const: 'text' }, text: { type: 'string' } },
    required: ['type', 'text'],
  };
  return { anyOf: [content, { type: 'array', items: part, minItems: 1 }] };
};

/** The paths of a message's content, by its roles. */
const MESSAGE_CONTENTS = [0, 1, 2].map(
  (role) => `properties.messages.items.oneOf.${role}.properties.content`,
);

const REQUEST = {
  name: 'ChatCompletionRequest',
  schema: {
    ...MESSAGE_CONTENTS.reduce(
      (schema, path) => changeAt(schema, path, orParts),
      requestSchema(chatRequestSchema, DESCRIPTIONS),
    ),
    description:
      "OpenAI's chat completion request. Unsupported fields are refused by name. Null means absent.",
  },
};

const streamOf = (
  chunk: string,
) => `A stream has server-sent events with a ${chunk} each, then [DONE]. A failed stream ends with an OpenAIError instead; so does one whose output broke off and is generated again, since a part cannot be taken back.
A comment line is sent every 15 s. The run goes on when the client disconnects.
x-should-retry: false marks errors for which an automatic retry is useless.`;

const RUN_PARAMETERS = [
  idempotencyKey('run, never a second generation'),
  prefer('wait=N: wait at most N seconds; 240 by default and at most.'),
  CONVERSATION,
  TRACEPARENT,
];

const RUN_PROBLEMS: Operation['problems'] = {
  ...GENERATION_PROBLEMS,
  400: [...GENERATION_PROBLEMS[400], 'invalid_request'],
  404: ['model_not_found'],
  502: [
    'upstream_error',
    'unreachable',
    'incomplete_output',
    'unreadable_output',
    'attempts_exhausted',
    'configuration',
  ],
};

/** Field descriptions of POST /v1/completions. */
const TEXT_DESCRIPTIONS: Record<string, string> = {
  ...DESCRIPTIONS,
  prompt:
    'The text that the model goes on from, sent as it is, without a chat template; or a list of one text.',
  max_tokens: 'Upper bound of completion tokens; 16 by default.',
  logprobs: 'Returns the log probabilities of the tokens, and of so many alternatives at each position.',
  best_of: 'Must be 1.',
  echo: 'Must be false.',
  suffix: 'The text after the completion, for models that insert; sent to the model server unchanged.',
};

const TEXT_REQUEST = {
  name: 'CompletionRequest',
  schema: {
    ...changeAt(requestSchema(textRequestSchema, TEXT_DESCRIPTIONS), 'properties.prompt', (prompt) => ({
      ...prompt,
      anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 1 }],
    })),
    description:
      "OpenAI's request for a completion of a prompt. Unsupported fields are refused by name. Null means absent.",
  },
};

const EMBEDDINGS_DESCRIPTIONS: Record<string, string> = {
  input: 'A text, up to 2,048 texts, or token ids (300,000 at most) where the server takes them.',
  model: "The deployment's embedding model, EMBEDDING_MODEL.",
  encoding_format: 'float by default.',
  dimensions: "Of each vector; the deployment's EMBEDDING_DIMENSIONS by default.",
  user: 'Sent to the embeddings server unchanged.',
};

const TOKENS = { type: 'array', items: { type: 'integer', minimum: 0 }, minItems: 1 };
const INPUT_TEXT = { type: 'string', minLength: 1 };
const listOf = (items: object) => ({ type: 'array', items, minItems: 1, maxItems: MAX_INPUTS });

const EMBEDDINGS_REQUEST = {
  name: 'EmbeddingsRequest',
  schema: {
    ...changeAt(
      requestSchema(embeddingsRequestSchema, EMBEDDINGS_DESCRIPTIONS),
      'properties.input',
      (input) => ({ ...input, anyOf: [INPUT_TEXT, listOf(INPUT_TEXT), TOKENS, listOf(TOKENS)] }),
    ),
    description: "OpenAI's embeddings request. Other fields are refused by name. Null means absent.",
  },
};

export const OPENAI_OPERATIONS: Operations<
  '/v1/chat/completions' | '/v1/completions' | '/v1/embeddings' | '/v1/models'
> = {
  'POST /v1/chat/completions': {
    operationId: 'createChatCompletion',
    summary: "Creates a run in OpenAI's protocol",
    description: streamOf('ChatCompletionChunk'),
    parameters: RUN_PARAMETERS,
    body: REQUEST,
    answers: {
      200: {
        description: 'The completion, whole or streamed.',
        headers: { ...RUN_ID, ...REPLAYED },
        json: chatCompletionSchema,
        text: 'text/event-stream',
      },
    },
    problems: RUN_PROBLEMS,
  },
  'POST /v1/completions': {
    operationId: 'createCompletion',
    summary: "Creates a run of a prompt in OpenAI's older protocol, with a generation for each choice",
    description: `The model server's own completions are asked, with the prompt as it is. One without them fails the run, with /v1/chat/completions as the remedy.
${streamOf('CompletionChunk')}`,
    parameters: RUN_PARAMETERS,
    body: TEXT_REQUEST,
    answers: {
      200: {
        description: 'The completion, whole or streamed.',
        headers: { ...RUN_ID, ...REPLAYED },
        json: textCompletionSchema,
        text: 'text/event-stream',
      },
    },
    problems: RUN_PROBLEMS,
  },
  'POST /v1/embeddings': {
    operationId: 'createEmbeddings',
    summary: "Embeds texts in OpenAI's protocol",
    description:
      "By the deployment's embeddings server, within 25 s. It is no run: nothing of it is stored, and repeating it embeds again. It counts on the caller's budget of the day. Inputs whose vectors exceed one answer are refused with the number that fits.",
    body: EMBEDDINGS_REQUEST,
    answers: { 200: { description: 'The vectors.', json: embeddingListSchema } },
    problems: {
      ...BODY,
      400: [...BODY[400], 'invalid_request', 'price_unknown'],
      404: ['model_not_found'],
      429: ['over_budget', 'rate_limited', 'insufficient_quota'],
      500: ['embedding_model_not_found', 'embeddings_key_refused', 'no_embeddings'],
      ...SERVICES,
      502: [...SERVICES[502], 'invalid_embedding'],
    },
  },
  'GET /v1/models': {
    operationId: 'listOpenAIModels',
    summary: "Lists the models of chat completions in OpenAI's format",
    answers: { 200: { description: 'The models that generate text.', json: openaiModelListSchema } },
    problems: { 400: ['invalid_input'], 502: ['upstream_error'] },
  },
  'GET /v1/models/{model}': {
    operationId: 'readOpenAIModel',
    summary: "Reads a model in OpenAI's format",
    parameters: [inPath('model', "The model's name; a slash in it may be written as %2F.")],
    answers: { 200: { description: 'The model.', json: openaiModelSchema } },
    problems: { 400: ['invalid_input'], 404: ['not_found'], 502: ['upstream_error'] },
  },
};
